//! Numbers as people read them.

/// A number in `digits` significant digits: `0.0125`, `1,234`, `1.2e−7`; a dash where it is not finite.
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
    let text = match exponent {
        -4..=6 => {
            let decimals = usize::try_from(i32::try_from(digits).unwrap_or(6) - 1 - exponent).unwrap_or(0);
            trimmed(&format!("{value:.decimals$}")).to_owned()
        }
        _ => format!("{}e{exponent}", trimmed(mantissa)),
    };
    grouped(&text).replace('-', "−")
}

/// A share as `94.2%`.
pub(super) fn percent(share: f64) -> String {
    if share.is_finite() { format!("{:.1}%", 100.0 * share) } else { "–".to_owned() }
}

/// A count as `12,345`.
pub(super) fn count(count: u64) -> String {
    grouped(&count.to_string())
}

/// A place in an SVG, or a percentage of a box: two decimals are a twentieth of a pixel.
pub(super) fn place(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = trimmed(&text);
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// Without zeros at the end of its decimals.
pub(super) fn trimmed(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

/// Commas between the thousands of the whole part.
fn grouped(text: &str) -> String {
    let end = text.find(['.', 'e']).unwrap_or(text.len());
    let start = usize::from(text.starts_with('-'));
    let mut grouped = text[..start].to_owned();
    for (i, digit) in text[start..end].char_indices() {
        if 0 < i && (end - start - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + &text[end..]
}

#[cfg(test)]
mod tests {
    use super::{count, place, significant};

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
        assert_eq!([count(0), count(999), count(1000), count(1_234_567)], ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([place(-0.001), place(12.5), place(100.0)], ["0", "12.5", "100"]);
    }
}
