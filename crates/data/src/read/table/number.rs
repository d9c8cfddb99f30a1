//! Numbers in the cells of a table.

use crate::labels::is_missing;

/// The content of a cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Content {
    Number(f64),
    /// An empty cell, or a word such as `NaN`.
    Missing,
    Text,
}

/// Returns the content of a cell in a table with this decimal character.
pub(super) fn content(cell: &str, decimal: char) -> Content {
    let parsed = if decimal == '.' { cell.parse::<f64>().ok() } else { with_comma(cell) };
    match parsed {
        Some(number) if number.is_finite() => Content::Number(number),
        Some(_) | None if is_missing(cell) => Content::Missing,
        Some(_) | None => Content::Text,
    }
}

/// Returns a number with a decimal comma. A point would be a thousands separator, which is ambiguous.
fn with_comma(cell: &str) -> Option<f64> {
    if cell.contains('.') || cell.ends_with(',') {
        return None;
    }
    if cell.contains(',') { cell.replacen(',', ".", 1).parse().ok() } else { cell.parse().ok() }
}

/// Returns whether a cell is written as an integer.
pub(super) fn is_integer(cell: &str) -> bool {
    let digits = cell.strip_prefix(['-', '+']).unwrap_or(cell);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns advice about a cell that is not a number because of its decimal character.
pub(super) fn advice(cell: &str, decimal: char) -> Option<String> {
    let other = if decimal == '.' { ',' } else { '.' };
    if cell.contains(',') && cell.contains('.') {
        let plain: String = cell.chars().filter(|char| !matches!(char, ',' | '.')).collect();
        return is_integer(&plain).then(|| "remove the thousands separators".to_owned());
    }
    match content(cell, other) {
        Content::Number(_) => Some(format!("the decimal character of the table is `{decimal}`")),
        Content::Missing | Content::Text => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_one_decimal_character() {
        for (cell, decimal, expected) in [
            ("1.5", '.', Content::Number(1.5)),
            ("-1e-3", '.', Content::Number(-0.001)),
            ("1,5", '.', Content::Text),
            ("1,5", ',', Content::Number(1.5)),
            ("-,5e2", ',', Content::Number(-50.0)),
            ("1.5", ',', Content::Text),
            ("1,", ',', Content::Text),
            ("1,2,3", ',', Content::Text),
            ("1.234,5", ',', Content::Text),
            ("", ',', Content::Missing),
            ("nan", '.', Content::Missing),
            ("NA", '.', Content::Missing),
            ("inf", '.', Content::Text),
            ("-", '.', Content::Text),
        ] {
            assert_eq!(content(cell, decimal), expected, "{cell} {decimal}");
        }
    }

    #[test]
    fn advice_names_thousands_separators() {
        assert_eq!(advice("1.234,5", ',').as_deref(), Some("remove the thousands separators"));
        assert_eq!(advice("1,234.5", '.').as_deref(), Some("remove the thousands separators"));
        assert_eq!(advice("1.5", ',').as_deref(), Some("the decimal character of the table is `,`"));
        assert_eq!(advice("x", '.'), None);
    }
}
