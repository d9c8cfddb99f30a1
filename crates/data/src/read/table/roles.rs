//! The roles of a table's columns.

use super::Table;
use super::number::{Content, content, is_integer};
use crate::config::{Column, Columns};
use crate::error::{expected, quoted};
use crate::read::Wanted;
use crate::{DataError, TableLayout};

/// The roles of a table's columns, as indices from 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Roles {
    /// The number of columns.
    pub(super) width: usize,
    pub(super) inputs: Vec<usize>,
    pub(super) targets: Vec<usize>,
    pub(super) group: Option<usize>,
    pub(super) time: Option<usize>,
    /// The columns that are not read.
    pub(super) ignored: Vec<usize>,
    /// A column at the end that every row has, but that is empty.
    pub(super) empty: Option<usize>,
    /// Whether the inputs are all columns without another role, and the target is the last of these columns.
    pub(super) is_default: bool,
    /// Conclusions about the columns, for the user.
    pub(super) notes: Vec<String>,
}

impl Roles {
    /// Returns the roles in a row with another number of columns, if they are known. A target that is the last
    /// column by default, and the columns after it, are counted from the end of the row.
    pub(super) fn for_width(&self, width: usize, has_names: bool) -> Option<Self> {
        let mut roles = Self { width, ..self.clone() };
        if has_names {
            // Columns that are absent at the end of a row count as empty.
            roles.inputs.retain(|column| *column < width);
            let is_complete = roles.others().all(|column| column < width);
            return (width < self.width && is_complete).then_some(roles);
        }
        let first_at_end = if self.is_default { self.targets.first() } else { None };
        let place = |column: usize| {
            if first_at_end.is_some_and(|first| column >= *first) {
                (column + width).checked_sub(self.width)
            } else {
                Some(column)
            }
        };
        let places =
            |columns: &[usize]| columns.iter().map(|column| place(*column)).collect::<Option<Vec<_>>>();
        roles.targets = places(&self.targets)?;
        roles.ignored = places(&self.ignored)?;
        roles.group = places(self.group.as_slice())?.pop();
        roles.empty = places(self.empty.as_slice())?.pop();
        let mut others: Vec<usize> = roles.others().collect();
        roles.inputs = (0..width).filter(|column| !others.contains(column)).collect();
        others.sort_unstable();
        others.dedup();
        // No two roles may refer to the same column.
        (others.len() == roles.others().count() && others.iter().all(|column| *column < width))
            .then_some(roles)
    }

    /// Returns the columns that are not inputs.
    fn others(&self) -> impl Iterator<Item = usize> {
        self.targets.iter().chain(&self.ignored).copied().chain(self.group).chain(self.time).chain(self.empty)
    }
}

/// Assigns roles to columns.
pub(super) struct Assignment<'a> {
    table: &'a Table<'a>,
    width: usize,
    /// The key of the role of each column.
    keys: Vec<Option<&'static str>>,
    pub(super) notes: Vec<String>,
}

/// Returns the roles of the columns of a table with targets, for training.
pub(super) fn assign(table: &Table<'_>, width: usize) -> Result<Roles, DataError> {
    let (request, file) = (table.request, table.request.file);
    let mut columns = Assignment::new(table, width);
    let mut ignored = columns.take_all("ignore", file.ignore.as_ref())?;
    let group = columns.group()?;
    let time = columns.take_one("time", file.time.as_ref())?;
    let mut targets = columns.take_all("target", file.target.as_ref())?;
    let channels = columns.take_all("channels", file.channels.as_ref())?;
    let mut empty = None;
    let mut is_default = false;
    if file.channels.is_none() {
        ignored.extend(columns.pass_index());
        empty = columns
            .pass_empty(table.inputs_needed().map(|needed| needed + usize::from(columns.lacks_target())));
    }
    if file.target.is_none() {
        match request.wanted {
            Wanted::Nothing => {}
            Wanted::Signal => {
                let message = "missing target for denoising; set `noise`, or set `target` to the columns of the clean signal";
                return Err(request.refuse(message));
            }
            Wanted::Classes | Wanted::Labels | Wanted::Numbers => {
                targets = columns.default_target()?.into_iter().collect();
                is_default = true;
            }
        }
    }
    let inputs = if file.channels.is_some() { channels } else { columns.rest() };
    if file.channels.is_some() {
        columns.note_rest();
    }
    Ok(Roles { width, inputs, targets, group, time, ignored, empty, is_default, notes: columns.notes })
}

impl<'a> Assignment<'a> {
    pub(super) fn new(table: &'a Table<'a>, width: usize) -> Self {
        Self { table, width, keys: vec![None; width], notes: Vec::new() }
    }

    /// Gives the columns that the config lists for `key` this role.
    pub(super) fn take_all(
        &mut self,
        key: &'static str,
        columns: Option<&Columns>,
    ) -> Result<Vec<usize>, DataError> {
        let Some(Columns(columns)) = columns else { return Ok(Vec::new()) };
        columns.iter().map(|column| self.take(key, column)).collect()
    }

    pub(super) fn take_one(
        &mut self,
        key: &'static str,
        column: Option<&Column>,
    ) -> Result<Option<usize>, DataError> {
        column.map(|column| self.take(key, column)).transpose()
    }

    fn take(&mut self, key: &'static str, column: &Column) -> Result<usize, DataError> {
        let index = self.find(column)?;
        if let Some(other) = self.keys[index] {
            let message =
                format!("the column {} is both in `{other}` and in `{key}`", self.table.name(index));
            return Err(self.table.refuse_names(message));
        }
        self.keys[index] = Some(key);
        Ok(index)
    }

    /// Returns the column of the groups, unless each file or folder is a group.
    pub(super) fn group(&mut self) -> Result<Option<usize>, DataError> {
        match &self.table.request.file.group {
            Some(Column::Name(name))
                if matches!(name.as_str(), "file" | "folder") && self.table.position(name).is_none() =>
            {
                Ok(None)
            }
            group => self.take_one("group", group.as_ref()),
        }
    }

    fn find(&self, column: &Column) -> Result<usize, DataError> {
        match column {
            Column::Name(name) => {
                let names = self.table.header().map_or(&[][..], |header| &header.names);
                let mut places = (0..names.len()).filter(|index| names[*index] == *name);
                match (places.next(), places.next()) {
                    (Some(index), None) if index < self.width => Ok(index),
                    (Some(_), Some(_)) => {
                        let message =
                            format!("the column {} appears twice; refer to it by number", quoted(name));
                        Err(self.table.refuse_names(message))
                    }
                    _ => {
                        let first = self.table.first.cells().map(str::to_owned);
                        let names = if names.is_empty() { first.collect() } else { names.to_vec() };
                        let known = graph::listed(&names);
                        let message = format!("unknown column {}, expected one of {known}", quoted(name));
                        Err(self.table.refuse_names(message))
                    }
                }
            }
            Column::Number(number) if *number < self.width => Ok(*number),
            Column::Number(number) => {
                let message = expected(format!("a column index below {}", self.width), number);
                Err(self.table.refuse_names(message))
            }
        }
    }

    /// Returns the columns without a role.
    pub(super) fn rest(&self) -> Vec<usize> {
        (0..self.width).filter(|column| self.keys[*column].is_none()).collect()
    }

    /// Notes the columns that are not read because the config lists the channels.
    fn note_rest(&mut self) {
        let names: Vec<String> = self.rest().into_iter().map(|column| self.table.name(column)).collect();
        if !names.is_empty() && self.table.header().is_some() {
            self.notes.push(format!("not read: {}", graph::listed(&names)));
        }
    }

    /// Ignores a first column without a name that numbers the rows, such as the index of a data frame.
    pub(super) fn pass_index(&mut self) -> Option<usize> {
        let header = self.table.header()?;
        if header.names.first().is_none_or(|name| !name.is_empty()) || self.keys[0].is_some() {
            return None;
        }
        let numbers: Option<Vec<i64>> =
            self.table.sample.iter().map(|row| row.cell(0).parse().ok()).collect();
        let numbers = numbers.unwrap_or_default();
        let counts = numbers.windows(2).all(|pair| pair[0].checked_add(1) == Some(pair[1]));
        if numbers.len() < 2 || !counts {
            return None;
        }
        self.keys[0] = Some("ignore");
        self.notes.push("column 1 has no name and numbers the rows, so it is not read".to_owned());
        Some(0)
    }

    /// Ignores a last column without a name that is empty in all rows, unless the number of columns without a role is
    /// `needed` only together with it.
    pub(super) fn pass_empty(&mut self, needed: Option<usize>) -> Option<usize> {
        let last = self.width.checked_sub(1)?;
        let has_name = self
            .table
            .header()
            .is_some_and(|header| header.names.get(last).is_some_and(|name| !name.is_empty()));
        let sample = &self.table.sample;
        let is_empty = sample.iter().all(|row| row.len() > 1 && row.cell(row.len() - 1).is_empty());
        let rest = self.keys.iter().filter(|key| key.is_none()).count();
        if last == 0
            || has_name
            || !is_empty
            || sample.is_empty()
            || self.keys[last].is_some()
            || needed == Some(rest)
        {
            return None;
        }
        self.keys[last] = Some("ignore");
        self.notes.push("the separator at the end of each row is ignored".to_owned());
        Some(last)
    }

    /// Whether the config does not list the target, although the task has one.
    fn lacks_target(&self) -> bool {
        self.table.request.file.target.is_none()
            && matches!(self.table.request.wanted, Wanted::Classes | Wanted::Labels | Wanted::Numbers)
    }

    /// Returns the column of the target if the config does not list it: the last one without a role. In tables of
    /// the UCR archive, it is the first one.
    fn default_target(&mut self) -> Result<Option<usize>, DataError> {
        let rest = self.rest();
        let (Some(&first), Some(&last)) = (rest.first(), rest.last()) else { return Ok(None) };
        let mut target = last;
        let is_for_numbers = self.table.request.wanted == Wanted::Numbers;
        if self.table.layout == TableLayout::Recordings
            && !(is_for_numbers && self.table.header().is_some())
            && has_labels_first(self.table, first, &rest)
        {
            if is_for_numbers {
                let message = format!(
                    "missing target: column {} contains few distinct integers, and the others contain fractions; set `target: {first}`, or `target: {last}` for the last column",
                    first + 1
                );
                return Err(self.table.request.refuse(message));
            }
            self.notes.push(format!(
                "the class is in column {}, because the last column contains fractions",
                first + 1
            ));
            target = first;
        }
        self.keys[target] = Some("target");
        Ok(Some(target))
    }
}

/// Returns whether the column `first` contains few distinct integers or words, and the others contain fractions.
fn has_labels_first(table: &Table<'_>, first: usize, rest: &[usize]) -> bool {
    let sample: Vec<_> =
        table.sample.iter().filter(|row| rest.iter().all(|column| *column < row.len())).collect();
    let mut labels: Vec<&str> = sample.iter().map(|row| row.cell(first)).collect();
    let decimal = table.dialect.decimal;
    let is_label = |cell: &str| match content(cell, decimal) {
        Content::Number(number) => number.fract().abs() <= 0.0,
        Content::Text => true,
        Content::Missing => false,
    };
    if sample.len() < 4 || rest.len() < 4 || !labels.iter().all(|label| is_label(label)) {
        return false;
    }
    labels.sort_unstable();
    labels.dedup();
    let has_fractions = |column: usize| {
        let is_fraction =
            |cell: &str| matches!(content(cell, decimal), Content::Number(_)) && !is_integer(cell);
        2 * sample.iter().filter(|row| is_fraction(row.cell(column))).count() > sample.len()
    };
    labels.len() >= 2
        && 2 * labels.len() <= sample.len()
        && rest[1..].iter().all(|column| has_fractions(*column))
}
