//! The columns of a table of which nothing is known.

use std::collections::BTreeMap;

use super::dialect::{Settings, Sniffed, sniff};
use super::number::{Content, content, is_integer};
use super::rows::{Row, Rows, next};
use super::{time, usual_separator};
use crate::DataError;
use crate::error::expected;
use crate::inspect::{ColumnContent, TableContent};
use crate::labels::canonical;
use crate::read::Request;

/// Adds the content of a table to that of the tables before it.
pub(in crate::read) fn inspect(request: &Request<'_>, all: &mut TableContent) -> Result<(), DataError> {
    let bytes = request.text()?;
    let settings = Settings::of(request, usual_separator(request.path));
    let Sniffed { dialect, .. } = sniff(&bytes, &settings);
    let rows = Rows::new(&bytes, dialect.start, dialect.separator);
    let mut rows = rows.with_comments(dialect.has_comments);
    let mut row = Row::default();
    for _ in 0..dialect.leading_rows {
        next(request, &mut rows, &mut row)?;
    }
    let names = dialect.header.map(|header| header.names);
    let mut count = 0;
    let (mut width, mut places, mut before) = (0, Vec::new(), Vec::new());
    while next(request, &mut rows, &mut row)? {
        if count == 0 {
            width = names.as_ref().map_or(row.len(), Vec::len);
            places = places_of(all, width, names.as_deref());
            before = vec![Before::default(); width + 1];
        }
        // A row may end with a separator.
        let ends_with_separator = row.len() == width + 1 && row.cell(width).is_empty();
        all.is_ragged |= row.len() != width && !ends_with_separator;
        for (column, place) in places.iter().enumerate() {
            if let (Some(content), true) =
                (place.and_then(|place| all.columns.get_mut(place)), column < row.len())
            {
                add(content, &mut before[column], row.cell(column), dialect.decimal);
            }
        }
        if let Some(end) = row.len().checked_sub(1) {
            add(&mut all.last, &mut before[width], row.cell(end), dialect.decimal);
        }
        count += 1;
    }
    if count == 0 {
        return Err(request.refuse(expected("at least one row", "none")));
    }
    all.fewest_rows = if all.rows == 0 { count } else { all.fewest_rows.min(count) };
    all.rows += count;
    Ok(())
}

/// Returns the column among those of the first table that each column of a table is, by its name if it has one.
fn places_of(all: &mut TableContent, width: usize, names: Option<&[String]>) -> Vec<Option<usize>> {
    let none = || ColumnContent {
        labels: Some(BTreeMap::new()),
        rises: true,
        counts: true,
        ..ColumnContent::default()
    };
    if all.columns.is_empty() {
        all.has_header = names.is_some();
        all.last = none();
        let name = |column: usize| names.and_then(|names| names.get(column)).cloned().unwrap_or_default();
        all.columns = (0..width).map(|column| ColumnContent { name: name(column), ..none() }).collect();
    }
    let is_unique = |name: &str| all.columns.iter().filter(|other| other.name == name).count() == 1;
    let place = |column: usize| match names.and_then(|names| names.get(column)) {
        Some(name) if all.has_header && is_unique(name) => {
            all.columns.iter().position(|other| other.name == *name)
        }
        Some(name) if all.has_header && all.columns.iter().all(|other| other.name != *name) => None,
        Some(_) | None => Some(column),
    };
    (0..width).map(place).collect()
}

/// A column in the row before.
#[derive(Clone, Debug, Default)]
struct Before {
    cell: Option<String>,
    /// The number, or the seconds of the time.
    value: Option<f64>,
}

fn add(column: &mut ColumnContent, before: &mut Before, cell: &str, decimal: char) {
    let value = time::seconds(cell, decimal);
    match content(cell, decimal) {
        Content::Number(number) => {
            column.numbers += 1;
            column.integers += usize::from(is_integer(&canonical(cell)));
            let [least, most] = column.range.unwrap_or([number, number]);
            column.range = Some([least.min(number), most.max(number)]);
        }
        Content::Missing => column.missing += 1,
        Content::Text => {
            column.texts += 1;
            column.times += usize::from(value.is_some());
        }
    }
    if let Some(labels) = &mut column.labels {
        *labels.entry(canonical(cell).into_owned()).or_default() += 1;
        if labels.len() > ColumnContent::MOST_LABELS {
            column.labels = None;
        }
    }
    if before.cell.as_ref().is_some_and(|before| before != cell) {
        column.changes += 1;
    }
    if before.cell.is_some() {
        let step = value.zip(before.value).map(|(value, before)| value - before);
        column.rises &= step.is_some_and(|step| step >= 0.0);
        column.counts &= step.is_some_and(|step| (step - 1.0).abs() <= 0.0);
    }
    *before = Before { cell: Some(cell.to_owned()), value };
}
