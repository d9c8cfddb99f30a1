//! Tables: `.csv`, `.tsv` and `.txt` files, plain or gzipped.

mod dialect;
mod header;
mod inspect;
mod notes;
mod number;
mod prediction;
mod recordings;
mod roles;
mod rows;
mod series;
mod target;
mod time;

use std::borrow::Cow;
use std::ops::Range;
use std::path::Path;

use graph::shown_path;

use self::dialect::{Dialect, Settings, Sniffed, sniff};
use self::header::Header;
pub(super) use self::inspect::inspect;
use self::number::{Content, content};
use self::roles::Roles;
use self::rows::{Row, Rows, next};
use self::series::Series;
use super::names::Names;
use super::{Request, Wanted, select};
use crate::config::{Column, Columns};
use crate::error::{expected, quoted};
use crate::labels::canonical;
use crate::{DataError, Description, Memory, Recording, TableLayout};

/// Returns the usual separator of a file, given its name.
fn usual_separator(path: &Path) -> char {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    if name.strip_suffix(".gz").unwrap_or(&name).ends_with(".tsv") { '\t' } else { ',' }
}

pub(super) fn read(request: &Request<'_>) -> Result<Memory, DataError> {
    check_keys(request)?;
    let bytes = request.text()?;
    let settings = Settings::of(request, usual_separator(request.path));
    let Sniffed { dialect, sample } = sniff(&bytes, &settings);
    let rows = Rows::new(&bytes, dialect.start, dialect.separator);
    let mut rows = rows.with_comments(dialect.has_comments).with_budget(&request.budget);
    let mut row = Row::default();
    let mut has_row = true;
    for _ in 0..=dialect.leading_rows {
        has_row = next(request, &mut rows, &mut row)?;
    }
    if !has_row {
        let what = if dialect.header.is_some() { "at least one recording" } else { "at least one row" };
        return Err(request.refuse(expected(what, "none")));
    }
    let table = Table::new(request, dialect, sample, row.clone());
    let roles = table.roles()?;
    let mut names = Names::default();
    let mut collected = Collected::new(&table, &roles);
    let (range, mut count) = (table.range(), 0);
    while has_row {
        if range.contains(&count) {
            let roles = table.roles_in(&row, &roles)?;
            collected.add(&table, &roles, &mut names, &row)?;
        }
        count += 1;
        has_row = next(request, &mut rows, &mut row)?;
    }
    table.check_range(&range, count)?;
    let mut notes = Vec::from_iter(notes::of_dialect(&table, &settings, &rows));
    notes.extend(roles.notes.iter().cloned());
    let (recordings, sampling_rate) = collected.finish(&table, &mut notes)?;
    let recordings = match table.layout {
        TableLayout::Recordings => request.select(recordings)?,
        TableLayout::Samples => recordings,
    };
    let mut memory = names.with(recordings);
    if request.wanted == Wanted::Labels {
        memory.classes = table.label_names(&roles);
    }
    let place = shown_path(request.path);
    memory.description = Description {
        sampling_rate,
        notes: notes.into_iter().map(|note| format!("{place}: {note}")).collect(),
        ..table.description(&roles)
    };
    Ok(memory)
}

/// Refuses keys of the config that have no effect.
fn check_keys(request: &Request<'_>) -> Result<(), DataError> {
    let file = request.file;
    let layout = file.layout.unwrap_or_default();
    if request.prediction.is_none() && file.input.is_some() {
        return Err(request.refuse("`input`: not supported for tables; list the columns in `channels`"));
    }
    if file.time.is_some() && layout == TableLayout::Recordings {
        return Err(request.refuse("`time`: supported only with `layout: samples`"));
    }
    Ok(())
}

impl<'a> Settings<'a> {
    fn of(request: &'a Request<'_>, usual_separator: char) -> Self {
        let file = request.file;
        let lists = [&file.channels, &file.ignore, &file.target].into_iter().flatten();
        let columns = lists.flat_map(|Columns(columns)| columns).chain(&file.group).chain(&file.time);
        let mut names: Vec<&str> = columns
            .filter_map(|column| match column {
                Column::Name(name) => Some(name.as_str()),
                Column::Number(_) => None,
            })
            .collect();
        if let Some(facts) = &request.prediction {
            names.extend(facts.channels.iter().chain(facts.columns).map(String::as_str));
        }
        Self {
            separator: file.separator,
            decimal: file.decimal,
            header: file.header,
            skip: file.skip,
            usual_separator,
            names,
        }
    }
}

/// A table whose first rows have been read.
struct Table<'a> {
    request: &'a Request<'a>,
    dialect: Dialect,
    layout: TableLayout,
    /// The first rows after the header.
    sample: Vec<Row>,
    /// The first row after the header.
    first: Row,
}

impl<'a> Table<'a> {
    fn new(request: &'a Request<'a>, mut dialect: Dialect, sample: Vec<Row>, first: Row) -> Self {
        if let Some(header) = &mut dialect.header {
            // Rows, or only the header, may end with a separator.
            if header.names.len() + 1 == first.len() && first.cell(first.len() - 1).is_empty() {
                header.names.push(String::new());
            } else if header.names.len() == first.len() + 1
                && header.names.last().is_some_and(String::is_empty)
            {
                header.names.pop();
            }
        }
        let layout = request.file.layout.unwrap_or_default();
        Self { request, dialect, layout, sample, first }
    }

    fn header(&self) -> Option<&Header> {
        self.dialect.header.as_ref()
    }

    /// Returns the number of columns.
    fn width(&self) -> usize {
        self.header().map_or(self.first.len(), |header| header.names.len())
    }

    /// Returns the index of the column with this name.
    fn position(&self, name: &str) -> Option<usize> {
        self.header().and_then(|header| header.names.iter().position(|other| other == name))
    }

    /// Returns the name of a column for messages.
    fn name(&self, column: usize) -> String {
        match self.header().and_then(|header| header.names.get(column)) {
            Some(name) if !name.is_empty() => quoted(name),
            Some(_) | None => format!("column {}", column + 1),
        }
    }

    /// Returns an error in the names of columns, in the header or the first row.
    fn refuse_names(&self, message: String) -> DataError {
        let row = self.header().map_or(self.first.number, |header| header.row);
        self.request.refuse_at(format!("row {row}"), message)
    }

    /// Returns the number of input columns that the network needs, unless recordings differ in length.
    fn inputs_needed(&self) -> Option<usize> {
        let input = self.request.input;
        match self.layout {
            TableLayout::Samples => Some(input.channels),
            TableLayout::Recordings if self.request.any_length && input.rank() == 1 => None,
            TableLayout::Recordings => Some(input.dims().iter().product()),
        }
    }

    fn roles(&self) -> Result<Roles, DataError> {
        if let Some(facts) = self.request.prediction {
            return prediction::assign(self, facts, self.width());
        }
        let roles = roles::assign(self, self.width())?;
        self.check_targets(&roles)?;
        self.check_channels(&roles)?;
        Ok(roles)
    }

    fn check_targets(&self, roles: &Roles) -> Result<(), DataError> {
        if self.request.wanted == Wanted::Classes && roles.targets.len() > 1 {
            let message = expected("one target column for classes", roles.targets.len());
            return Err(self.request.refuse_at(format!("row {}", self.first.number), message));
        }
        Ok(())
    }

    /// Checks the number of channels in a table of samples.
    fn check_channels(&self, roles: &Roles) -> Result<(), DataError> {
        let (found, needed) = (roles.inputs.len(), self.request.input.channels);
        if self.layout != TableLayout::Samples || found == needed || self.request.input.rank() != 1 {
            return Ok(());
        }
        let channels = if needed == 1 { "1 channel".to_owned() } else { format!("{needed} channels") };
        let mut message = expected(channels, format!("{found} columns"));
        if self.header().is_some() {
            let names: Vec<String> = roles.inputs.iter().map(|column| self.name(*column)).collect();
            message += &format!(", {}", graph::listed(&names));
        }
        if found > needed {
            message += "; list the inputs in `channels`, or the other columns in `ignore`";
        }
        Err(self.refuse_names(message))
    }

    /// Returns the roles in a row, which may have another number of columns.
    fn roles_in<'r>(&self, row: &Row, roles: &'r Roles) -> Result<Cow<'r, Roles>, DataError> {
        let width = row.len();
        if width == roles.width {
            self.check_empty(row, roles)?;
            return Ok(Cow::Borrowed(roles));
        }
        if self.layout == TableLayout::Recordings
            && self.inputs_needed().is_none()
            && self.request.file.channels.is_none()
            && let Some(roles) = roles.for_width(width, self.header().is_some())
        {
            self.check_empty(row, &roles)?;
            return Ok(Cow::Owned(roles));
        }
        let other = if self.header().is_some() { "the header" } else { "the first row" };
        let message = expected(format!("{} columns as in {other}", roles.width), width);
        Err(self.request.refuse_at(format!("row {}", row.number), message))
    }

    /// Checks that the column that is empty in the first rows is also empty in this row.
    fn check_empty(&self, row: &Row, roles: &Roles) -> Result<(), DataError> {
        match roles.empty {
            Some(empty) if !row.cell(empty).is_empty() => {
                let place = format!("row {}, column {}", row.number, empty + 1);
                let message = expected("an empty cell as in the first rows", quoted(row.cell(empty)));
                Err(self.request.refuse_at(place, message))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Returns the number in an input cell; NaN if it is missing.
    fn value(&self, row: &Row, column: usize) -> Result<f64, DataError> {
        match content(row.cell(column), self.dialect.decimal) {
            Content::Number(value) => Ok(value),
            Content::Missing => Ok(f64::NAN),
            Content::Text => Err(self.refuse_cell(row, column)),
        }
    }

    /// Returns the number in an input cell; NaN if it is missing and missing values are accepted.
    fn number(&self, row: &Row, column: usize) -> Result<f64, DataError> {
        let value = self.value(row, column)?;
        if value.is_nan() && !self.request.reads_missing {
            return Err(self.refuse_cell(row, column));
        }
        Ok(value)
    }

    /// Returns the error about an input cell that is not a number.
    fn refuse_cell(&self, row: &Row, column: usize) -> DataError {
        let cell = row.cell(column);
        let mut message = expected("a finite number", quoted(cell));
        let is_text = |row: &&Row| {
            column < row.len() && content(row.cell(column), self.dialect.decimal) == Content::Text
        };
        if let Some(advice) = number::advice(cell, self.dialect.decimal) {
            message += &format!("; {advice}");
        } else if self.sample.len() > 1 && self.sample.iter().all(|row| is_text(&row)) {
            let column = match self.header().and_then(|header| header.names.get(column)) {
                Some(name) if !name.is_empty() => graph::one_line(name),
                Some(_) | None => column.to_string(),
            };
            let is_time = self.layout == TableLayout::Samples
                && self.request.file.time.is_none()
                && time::seconds(cell, self.dialect.decimal).is_some();
            if is_time {
                message += &format!("; if the column contains times, set `time: {column}`");
            } else {
                message += &format!("; to leave the column out, set `ignore: {column}`");
            }
        }
        self.request.refuse_at(format!("row {}, column {}", row.number, column + 1), message)
    }

    /// Returns the group of a row, or that of the file.
    fn group(&self, row: &Row, roles: &Roles) -> Result<Option<String>, DataError> {
        let Some(column) = roles.group else { return Ok(self.request.group_of_path()) };
        let cell = row.cell(column);
        if cell.is_empty() {
            let place = format!("row {}, column {}", row.number, column + 1);
            return Err(self.request.refuse_at(place, expected("a group", quoted(cell))));
        }
        Ok(Some(canonical(cell).into_owned()))
    }

    /// Returns the range of rows to read. In a table of samples, `from` and `to` count samples, even if groups or gaps
    /// divide it.
    fn range(&self) -> Range<usize> {
        let file = self.request.file;
        match self.layout {
            TableLayout::Samples => file.from.unwrap_or(0)..file.to.unwrap_or(usize::MAX),
            TableLayout::Recordings => 0..usize::MAX,
        }
    }

    /// Checks a range of rows, given the number of rows.
    fn check_range(&self, range: &Range<usize>, count: usize) -> Result<(), DataError> {
        let to = if range.end == usize::MAX { count } else { range.end };
        if range.start < to && to <= count {
            return Ok(());
        }
        Err(self.request.refuse(select::out_of_range("samples", range.start, to, count)))
    }

    /// Returns the names of the channels and outputs.
    fn description(&self, roles: &Roles) -> Description {
        let Some(header) = self.header() else { return Description::default() };
        let names = |columns: &[usize]| -> Vec<String> {
            let names: Vec<String> =
                columns.iter().filter_map(|column| header.names.get(*column).cloned()).collect();
            if names.iter().any(String::is_empty) { Vec::new() } else { names }
        };
        let mut description = Description::default();
        match self.layout {
            TableLayout::Samples => description.channels = names(&roles.inputs),
            TableLayout::Recordings => description.columns = names(&roles.inputs),
        }
        if self.request.wanted == Wanted::Numbers {
            description.outputs = names(&roles.targets);
        }
        description
    }
}

/// The content of a table, as far as it has been read.
enum Collected {
    Recordings(Vec<Recording>),
    Samples(Series),
}

impl Collected {
    fn new(table: &Table<'_>, roles: &Roles) -> Self {
        match table.layout {
            TableLayout::Recordings => Self::Recordings(Vec::new()),
            TableLayout::Samples => Self::Samples(Series::new(roles)),
        }
    }

    fn add(
        &mut self,
        table: &Table<'_>,
        roles: &Roles,
        names: &mut Names,
        row: &Row,
    ) -> Result<(), DataError> {
        match self {
            Self::Recordings(recordings) => recordings.push(recordings::of_row(table, roles, names, row)?),
            Self::Samples(series) => series.add(table, roles, names, row)?,
        }
        Ok(())
    }

    /// Returns the recordings and, if it is known, the sampling rate.
    fn finish(
        self,
        table: &Table<'_>,
        notes: &mut Vec<String>,
    ) -> Result<(Vec<Recording>, Option<f64>), DataError> {
        match self {
            Self::Recordings(recordings) => Ok((recordings, None)),
            Self::Samples(series) => series.finish(table, notes),
        }
    }
}
