//! A table whose rows are the samples of one series, or of several, if the group changes or samples are missing.

use std::collections::BTreeMap;

use super::Table;
use super::roles::Roles;
use super::rows::Row;
use super::time::{self, Spacing};
use crate::error::{expected, quoted};
use crate::read::names::Names;
use crate::read::{Wanted, origin};
use crate::{DataError, Recording, Target, Values};

/// The samples of a table.
#[derive(Default)]
pub(super) struct Series {
    /// The values of each input column.
    inputs: Vec<Vec<f64>>,
    /// The values of each target column, if they are numbers.
    targets: Vec<Vec<f64>>,
    classes: Vec<Option<usize>>,
    times: Vec<f64>,
    /// The number of the row of each sample.
    rows: Vec<usize>,
    /// The stretches of samples of one group.
    stretches: Vec<Stretch>,
}

/// Consecutive samples of one group.
struct Stretch {
    /// The first sample.
    start: usize,
    group: Option<String>,
    /// The classes that all samples belong to, in multi-label classification.
    labels: Vec<bool>,
}

impl Series {
    pub(super) fn new(roles: &Roles) -> Self {
        Self {
            inputs: vec![Vec::new(); roles.inputs.len()],
            targets: vec![Vec::new(); roles.targets.len()],
            ..Self::default()
        }
    }

    pub(super) fn add(
        &mut self,
        table: &Table<'_>,
        roles: &Roles,
        names: &mut Names,
        row: &Row,
    ) -> Result<(), DataError> {
        let request = table.request;
        let charge = size_of::<f64>() * row.len() + size_of::<Option<usize>>() + size_of::<usize>();
        request.budget.charge(charge).map_err(|message| request.refuse(message))?;
        self.begin_stretch(table, roles, row)?;
        for (values, &column) in self.inputs.iter_mut().zip(&roles.inputs) {
            values.push(table.number(row, column)?);
        }
        match request.wanted {
            Wanted::Classes => self.classes.push(table.class(roles, names, row)?),
            Wanted::Numbers | Wanted::Signal => {
                for (values, number) in self.targets.iter_mut().zip(table.numbers(roles, row)?) {
                    values.push(number);
                }
            }
            Wanted::Labels | Wanted::Nothing => {}
        }
        if let Some(column) = roles.time {
            self.add_time(table, row, column)?;
        }
        self.rows.push(row.number);
        Ok(())
    }

    /// Begins a new stretch if the group changes.
    fn begin_stretch(&mut self, table: &Table<'_>, roles: &Roles, row: &Row) -> Result<(), DataError> {
        let group = table.group(row, roles)?;
        let labels =
            if table.request.wanted == Wanted::Labels { table.labels(roles, row)? } else { Vec::new() };
        match self.stretches.last() {
            Some(latest) if latest.group == group => {
                if latest.labels == labels {
                    return Ok(());
                }
                let message = "expected the same labels in all rows of a recording, found labels that differ from those in the row before";
                Err(table.request.refuse_at(format!("row {}", row.number), message))
            }
            Some(_) | None => {
                self.stretches.push(Stretch { start: self.rows.len(), group, labels });
                Ok(())
            }
        }
    }

    fn add_time(&mut self, table: &Table<'_>, row: &Row, column: usize) -> Result<(), DataError> {
        let cell = row.cell(column);
        let refuse = |message: String| {
            Err(table.request.refuse_at(format!("row {}, column {}", row.number, column + 1), message))
        };
        let Some(time) = time::seconds(cell, table.dialect.decimal) else {
            return refuse(expected("a time, in seconds or such as `2026-03-01T08:00:00`", quoted(cell)));
        };
        let is_first = self.stretches.last().is_none_or(|stretch| stretch.start == self.times.len());
        if !is_first && self.times.last().is_some_and(|latest| time < *latest) {
            return refuse(format!(
                "expected a time no earlier than the one in the row before, found {}; sort the rows, or set \
                 `group` if the table contains several recordings",
                quoted(cell)
            ));
        }
        self.times.push(time);
        Ok(())
    }

    /// Returns the recordings, which end where the group changes or samples are missing, and the sampling rate.
    ///
    /// # Errors
    /// If groups differ in their sampling rate.
    pub(super) fn finish(
        self,
        table: &Table<'_>,
        notes: &mut Vec<String>,
    ) -> Result<(Vec<Recording>, Option<f64>), DataError> {
        let spacing = self.spacing(table)?;
        let mut recordings = Vec::new();
        let (mut gaps, mut short) = (0, 0);
        let mut first_short = None;
        for (i, stretch) in self.stretches.iter().enumerate() {
            let end = self.stretches.get(i + 1).map_or(self.rows.len(), |next| next.start);
            let mut start = stretch.start;
            for sample in stretch.start + 1..=end {
                let is_gap = sample < end
                    && spacing
                        .is_some_and(|spacing| spacing.is_gap(self.times[sample - 1], self.times[sample]));
                if sample < end && !is_gap {
                    continue;
                }
                gaps += usize::from(is_gap);
                if table.request.drops_short && sample - start < table.request.input.space[0] {
                    short += 1;
                    first_short = first_short.or(Some((start, sample, stretch)));
                } else {
                    recordings.push((start, sample, stretch));
                }
                start = sample;
            }
        }
        let is_whole = recordings.len() == 1 && gaps == 0 && self.stretches.len() == 1;
        if gaps > 0 {
            let gaps = if gaps == 1 { "1 gap".to_owned() } else { format!("{gaps} gaps") };
            notes.push(format!("{gaps} in the times; recordings end there"));
        }
        if recordings.is_empty() {
            // It is refused with its length.
            recordings.extend(first_short);
        } else if short > 0 {
            let recordings =
                if short == 1 { "1 recording".to_owned() } else { format!("{short} recordings") };
            notes.push(format!("{recordings} shorter than a window left out"));
        }
        let rate = spacing.filter(|spacing| spacing.is_regular).map(|spacing| spacing.rate());
        let recordings = recordings.into_iter().map(|(start, end, stretch)| {
            let origin = origin(table.request.path);
            let (first, last) = (self.rows[start], self.rows[end - 1]);
            let origin = if is_whole { origin } else { format!("{origin}: rows {first} to {last}") };
            let mut recording = Recording::new(
                origin,
                cut(&self.inputs, start, end),
                self.target(table, start, end, stretch),
            );
            recording.group.clone_from(&stretch.group);
            recording
        });
        Ok((recordings.collect(), rate))
    }

    /// Returns the spacing of the times, which is that of every group.
    fn spacing(&self, table: &Table<'_>) -> Result<Option<Spacing>, DataError> {
        if self.times.is_empty() {
            return Ok(None);
        }
        let mut parts: BTreeMap<&Option<String>, Vec<&[f64]>> = BTreeMap::new();
        for (i, stretch) in self.stretches.iter().enumerate() {
            let end = self.stretches.get(i + 1).map_or(self.times.len(), |next| next.start);
            parts.entry(&stretch.group).or_default().push(&self.times[stretch.start..end]);
        }
        let mut first: Option<(&str, Spacing)> = None;
        for (group, parts) in &parts {
            let Some(spacing) = Spacing::of(parts) else { continue };
            let group = group.as_deref().unwrap_or_default();
            match first {
                Some((other, expected)) if expected.differs(&spacing) => {
                    let rate = |group: &str, spacing: Spacing| {
                        format!("{} Hz in the group {}", spacing.rate(), quoted(group))
                    };
                    let found = format!("{} and {}", rate(other, expected), rate(group, spacing));
                    let message = expected_rate(found);
                    return Err(table.request.refuse(message));
                }
                Some(_) => {}
                None => first = Some((group, spacing)),
            }
        }
        let all: Vec<&[f64]> = parts.into_values().flatten().collect();
        Ok(Spacing::of(&all))
    }

    fn target(&self, table: &Table<'_>, start: usize, end: usize, stretch: &Stretch) -> Target {
        match table.request.wanted {
            Wanted::Classes => Target::Positions(self.classes[start..end].to_vec()),
            Wanted::Labels => Target::Labels(stretch.labels.clone()),
            Wanted::Numbers | Wanted::Signal => Target::Signal(cut(&self.targets, start, end)),
            Wanted::Nothing => Target::None,
        }
    }
}

fn expected_rate(found: String) -> String {
    format!("{}; resample the series, or leave out `time`", expected("one sampling rate", found))
}

/// Returns a range of columns of equal length as an array, `[C, T]`.
fn cut(columns: &[Vec<f64>], start: usize, end: usize) -> Values {
    let values = columns.iter().flat_map(|column| &column[start..end]).copied().collect();
    Values::new([columns.len(), end - start], values).expect("as many values as samples in each channel")
}
