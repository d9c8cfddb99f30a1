//! The header of a table: the names of its columns, and rows of units.

use super::dialect::Settings;
use super::number::{Content, content, is_integer};
use super::rows::{Row, Rows};

/// Maximum number of rows of units after a header.
const MOST_UNITS: usize = 2;
/// Maximum length of a unit, in bytes.
const LONGEST_UNIT: usize = 16;

/// The names of the columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// The number of its line, from 1.
    pub(super) row: usize,
    pub(super) names: Vec<String>,
    pub(super) kind: HeaderKind,
}

/// The reason why a row is a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeaderKind {
    /// It contains text above columns of numbers, or the config sets it.
    Names,
    /// It contains numbers that number the columns.
    Numbers,
    /// It is a comment with a name for each column.
    Comment,
}

/// The header and the number of rows before the data.
pub(super) struct Found {
    pub(super) header: Option<Header>,
    pub(super) leading_rows: usize,
}

/// Finds the header in the first rows of a table.
pub(super) fn find(rows: &[Row], decimal: char, settings: &Settings<'_>) -> Found {
    let none = Found { header: None, leading_rows: 0 };
    let Some((first, body)) = rows.split_first() else { return none };
    let refers_to = |name: &str| first.cells().any(|cell| unquoted(cell) == name);
    let kind = match settings.header {
        Some(false) => None,
        Some(true) => Some(HeaderKind::Names),
        None if settings.names.iter().any(|name| refers_to(name)) => Some(HeaderKind::Names),
        None if has_text_above_numbers(first, body, decimal) => Some(HeaderKind::Names),
        None if counts_columns(first, body, decimal) => Some(HeaderKind::Numbers),
        None => None,
    };
    let Some(kind) = kind else { return none };
    let names = first.cells().map(|cell| unquoted(cell).to_owned()).collect();
    let units = body.iter().take(MOST_UNITS).take_while(|row| is_units(row, body, decimal)).count();
    Found { header: Some(Header { row: first.number, names, kind }), leading_rows: 1 + units }
}

/// Returns the header in a comment, such as numpy writes, if it has a name for each column of the `first` row.
pub(super) fn in_comment(row: usize, comment: &[u8], separator: char, first: Option<&Row>) -> Option<Header> {
    let start = comment.iter().position(|byte| *byte != b'#' && !byte.is_ascii_whitespace())?;
    let mut cells = Row::default();
    let mut rows = Rows::new(&comment[start..], (0, row), separator);
    let Ok(true) = rows.next(&mut cells) else { return None };
    let is_name = |cell: &str| unquoted(cell).starts_with(|char: char| char.is_alphabetic() || char == '_');
    if cells.len() < 2 || first.is_none_or(|first| first.len() != cells.len()) || !cells.cells().all(is_name)
    {
        return None;
    }
    let names = cells.cells().map(|cell| unquoted(cell).to_owned()).collect();
    Some(Header { row, names, kind: HeaderKind::Comment })
}

/// Returns a name without single quotes around it.
fn unquoted(cell: &str) -> &str {
    cell.strip_prefix('\'').and_then(|cell| cell.strip_suffix('\'')).unwrap_or(cell)
}

/// Returns the contents of a column in the rows that have this column.
fn column(body: &[Row], column: usize, decimal: char) -> impl Iterator<Item = Content> {
    body.iter().filter(move |row| column < row.len()).map(move |row| content(row.cell(column), decimal))
}

/// Returns whether at least half of the cells of a column that are not missing are numbers.
fn is_numeric(body: &[Row], index: usize, decimal: char) -> bool {
    let (mut numbers, mut texts) = (0, 0);
    for content in column(body, index, decimal) {
        match content {
            Content::Number(_) => numbers += 1,
            Content::Text => texts += 1,
            Content::Missing => {}
        }
    }
    numbers > 0 && numbers >= texts
}

/// Returns whether the first row has text, and no number, above columns of numbers. A first row that mixes names and
/// numbers is not a header, but data with mistakes, which are then reported.
fn has_text_above_numbers(first: &Row, body: &[Row], decimal: char) -> bool {
    let mut texts = 0;
    for (index, cell) in first.cells().enumerate() {
        if !body.is_empty() && !is_numeric(body, index, decimal) {
            continue;
        }
        match content(cell, decimal) {
            Content::Number(_) => return false,
            Content::Text => texts += 1,
            Content::Missing => {}
        }
    }
    texts > 0
}

/// Returns whether the numbers in the first row number the columns: 0, 1, 2, …, as in a data frame without names, or
/// increasing integers above columns of fractions.
fn counts_columns(first: &Row, body: &[Row], decimal: char) -> bool {
    // An index column has no name.
    let skipped = usize::from(first.cell(0).is_empty());
    let mut numbers = Vec::new();
    for (index, cell) in first.cells().enumerate().skip(skipped) {
        match content(cell, decimal) {
            Content::Number(number) => numbers.push(number),
            Content::Text if is_name_of_column(cell, index, body, decimal) => {}
            Content::Missing | Content::Text => return false,
        }
    }
    if body.is_empty() || body.iter().any(|row| counts_up(row, skipped, decimal)) {
        return false;
    }
    let counts = numbers.iter().enumerate().all(|(i, number)| (number - i as f64).abs() <= 0.0);
    if counts && (numbers.len() >= 4 || has_no_integer(body, skipped, decimal)) {
        return true;
    }
    let has_text = |row: &Row| row.cells().any(|cell| matches!(content(cell, decimal), Content::Text));
    let counts_from_1 = numbers.iter().enumerate().all(|(i, number)| (number - i as f64 - 1.0).abs() <= 0.0);
    // Where the others have a label, the first row has a number.
    if counts_from_1 && numbers.len() >= 4 && !has_text(first) && body.iter().all(has_text) {
        return true;
    }
    let rises = numbers.windows(2).all(|pair| pair[0] < pair[1]);
    let are_integers = first.cells().skip(skipped).all(is_integer);
    numbers.len() >= 3 && body.len() >= 2 && rises && are_integers && has_no_integer(body, skipped, decimal)
}

/// Returns whether a cell in the first row is the name of its column rather than one of its values: the column contains
/// numbers, or a few repeated words that do not include this one.
fn is_name_of_column(cell: &str, index: usize, body: &[Row], decimal: char) -> bool {
    if is_numeric(body, index, decimal) {
        return true;
    }
    let column = body.iter().filter(|row| index < row.len()).map(|row| row.cell(index));
    let words: std::collections::BTreeSet<&str> = column.collect();
    body.len() >= 4 && 2 * words.len() <= body.len() && !words.contains(cell)
}

/// Returns whether each number in a row is the one before it plus 1.
fn counts_up(row: &Row, skipped: usize, decimal: char) -> bool {
    let number = |cell: &str| match content(cell, decimal) {
        Content::Number(number) => number,
        Content::Missing | Content::Text => f64::NAN,
    };
    let numbers: Vec<f64> = row.cells().skip(skipped).map(number).collect();
    numbers.len() > 1 && numbers.windows(2).all(|pair| (pair[1] - pair[0] - 1.0).abs() <= 0.0)
}

/// Returns whether all cells are fractions or text.
fn has_no_integer(body: &[Row], skipped: usize, decimal: char) -> bool {
    let fraction = |cell: &str| content(cell, decimal) != Content::Missing && !is_integer(cell);
    body.iter().all(|row| row.cells().skip(skipped).all(fraction))
}

/// Returns whether a row after the header contains units: short texts, and no number, above columns of numbers.
fn is_units(row: &Row, body: &[Row], decimal: char) -> bool {
    let mut has_unit = false;
    for (index, cell) in row.cells().enumerate() {
        let is_text = match content(cell, decimal) {
            Content::Number(_) => return false,
            Content::Text => true,
            Content::Missing => false,
        };
        if cell.len() > LONGEST_UNIT {
            return false;
        }
        has_unit |= is_text && is_numeric(body, index, decimal);
    }
    has_unit
}
