//! Tables of texts.

use maud::{Markup, html};

/// A table: its first column names the rows; columns of numbers are aligned right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// What it shows.
    pub title: String,
    /// Heads of the columns.
    pub columns: Vec<String>,
    /// Cells, row by row. A row may be shorter than others.
    pub rows: Vec<Vec<String>>,
    /// What to know about it; may be empty.
    pub note: String,
}

/// Letters in a unit at most.
const UNIT: usize = 8;

/// The table in a box of its own, in which a wide one scrolls.
pub(super) fn render(table: &Table) -> Markup {
    let columns = table.rows.iter().map(Vec::len).max().unwrap_or(0).max(table.columns.len());
    let numeric: Vec<bool> = (0..columns).map(|column| is_numeric(table, column)).collect();
    let name = if table.title.is_empty() { "Table" } else { &table.title };
    let align = |column: usize| numeric[column].then_some("n");
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

/// Whether every cell that says something begins as a number does and goes on with a unit at most.
/// The first column has names, which may be numbers.
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
