//! Tables.

use maud::{Markup, html};

/// A table. The first column names the rows; columns of numbers are aligned right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The title.
    pub title: String,
    /// The heads of the columns.
    pub columns: Vec<String>,
    /// The cells, row by row. Rows may differ in length.
    pub rows: Vec<Vec<String>>,
    /// A note; may be empty.
    pub note: String,
}

/// Longest unit, in letters.
const UNIT: usize = 8;

/// Renders a table in a box that scrolls if the table is wide.
pub(super) fn render(table: &Table) -> Markup {
    let columns = table.rows.iter().map(Vec::len).max().unwrap_or(0).max(table.columns.len());
    let numeric: Vec<bool> = (0..columns).map(|column| is_numeric(table, column)).collect();
    let name = if table.title.is_empty() { "Table" } else { &table.title };
    let align = |column: usize| if numeric[column] { Some("n") } else { None };
    html! {
        figure.card {
            @if !table.title.is_empty() { figcaption { (table.title) } }
            div.scroll.tall role="region" aria-label=(name) tabindex="0" {
                table {
                    thead { tr {
                        @for column in 0..columns {
                            th scope="col" class=[align(column)] { (cell(&table.columns, column)) }
                        }
                    } }
                    tbody { @for row in &table.rows { tr {
                        th scope="row" { span { (cell(row, 0)) } }
                        @for column in 1..columns {
                            td class=[align(column)] { span { (cell(row, column)) } }
                        }
                    } } }
                }
            }
            @if !table.note.is_empty() { p.note { (table.note) } }
        }
    }
}

fn cell(row: &[String], column: usize) -> &str {
    row.get(column).map_or("", String::as_str)
}

/// Whether every cell that is not empty is a number, perhaps with a unit. The first column contains names,
/// which may be numbers.
fn is_numeric(table: &Table, column: usize) -> bool {
    let mut texts = table.rows.iter().map(|row| cell(row, column).trim());
    let begins = |text: &str| {
        let digits = text.trim_start_matches(['+', '-', '−', '±', '<', '>', '≈', '.', ' ']);
        (digits.starts_with(|c: char| c.is_ascii_digit()) && letters(text) <= UNIT)
            || matches!(text, "" | "-" | "–" | "—")
    };
    let any = texts.clone().any(|text| text.contains(|c: char| c.is_ascii_digit()));
    0 < column && any && texts.all(begins)
}

fn letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphabetic()).count()
}
