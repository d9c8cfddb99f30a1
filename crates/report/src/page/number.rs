//! Numbers as people read them.

use graph::format::thousands;

/// A number with `digits` significant digits: `0.0125`, `1,234`, `1.2e−7`; a dash if it is not finite.
pub(super) fn significant(value: f64, digits: usize) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    let scientific = format!("{value:.*e}", digits.saturating_sub(1));
    let (mantissa, exponent) = scientific.split_once('e').expect("scientific notation has an exponent");
    let exponent: i32 = exponent.parse().expect("exponents are whole numbers");
    let sign = if value < 0.0 { "−" } else { "" };
    match exponent {
        -4..=6 => {
            let decimals = usize::try_from(i32::try_from(digits).unwrap_or(6) - 1 - exponent).unwrap_or(0);
            let text = format!("{:.decimals$}", value.abs());
            let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
            let whole = thousands(whole.parse().expect("at most eight digits"));
            trimmed(&format!("{sign}{whole}.{rest}")).to_owned()
        }
        _ => format!("{}e{exponent}", trimmed(mantissa)).replace('-', "−"),
    }
}

/// A number with its sign: `+0.0125`, `−3`, `0`.
pub(super) fn signed(value: f64, digits: usize) -> String {
    let text = significant(value, digits);
    if 0.0 < value && value.is_finite() { format!("+{text}") } else { text }
}

/// A share as `94.2%`.
pub(super) fn percent(share: f64) -> String {
    if share.is_finite() { format!("{:.1}%", 100.0 * share) } else { "–".to_owned() }
}

/// A coordinate in an SVG, or a percentage of a box: two decimals are a twentieth of a pixel.
pub(super) fn place(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = trimmed(&text);
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// Without zeros at the end of its decimals.
pub(super) fn trimmed(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

#[cfg(test)]
mod tests {
    use super::{place, significant};

    #[test]
    fn formats() {
        let cases = [
            (0.0, "0"),
            (0.012_54, "0.0125"),
            (-1234.5, "−1,234"),
            (1_234_567.0, "1,234,567"),
            (1.0e-7, "1e−7"),
            (9.999, "10"),
            (3.2e12, "3.2e12"),
            (f64::NAN, "–"),
        ];
        for (value, expected) in cases {
            assert_eq!(significant(value, 3), expected);
        }
        assert_eq!([place(-0.001), place(12.5), place(100.0)], ["0", "12.5", "100"]);
    }
}
