//! The meaning of the rows of a table, and of their values and targets.

use data::{ColumnContent, File, TableLayout, Task};
use graph::listed;

use super::{Assignment, MOST_CLASSES, RoleKind, TargetKind};
use crate::failure::Failure;

/// Tables with more columns of values than this have recordings as rows.
const MOST_CHANNELS: usize = 64;
/// A file with fewer rows than this is not a series.
const FEWEST_SAMPLES: usize = 8;

impl Assignment<'_> {
    /// Whether rows are samples or recordings, and the reason.
    pub(super) fn layout(&self, settings: &File, files: usize) -> Result<(TableLayout, String), Failure> {
        if let Some(layout) = settings.layout {
            return Ok((layout, "The layout is given by --layout".to_owned()));
        }
        let values = self.with(RoleKind::Channel).len();
        let rows = self.table.rows;
        let samples =
            |because: &str| Ok((TableLayout::Samples, format!("Each row is a sample, because {because}")));
        let recordings = |because: &str| {
            Ok((TableLayout::Recordings, format!("Each row is a recording, because {because}")))
        };
        if self.table.is_ragged {
            return recordings("rows differ in length");
        }
        if values > MOST_CHANNELS {
            return recordings(&format!("it has {values} values"));
        }
        if !self.with(RoleKind::Time).is_empty() {
            return samples("there is a column of times");
        }
        let changes = |kind| self.with(kind).iter().map(|column| self.table.columns[*column].changes).max();
        if changes(RoleKind::Group).is_some_and(|changes| 4 * changes < rows) {
            return samples("neighboring rows have the same group");
        }
        let targets = self.with(RoleKind::Target);
        let have_labels = targets.iter().any(|target| self.table.columns[*target].labels.is_some());
        let is_mixed = have_labels && 4 * changes(RoleKind::Target).unwrap_or(0) >= rows;
        if files > 1 && self.table.fewest_rows >= FEWEST_SAMPLES && !is_mixed {
            return samples("there are several files with few columns each");
        }
        let Some(labels) = targets.first().and_then(|target| self.table.columns[*target].labels.as_ref())
        else {
            return if targets.is_empty() && !self.table.is_ragged {
                samples("it has no target")
            } else {
                recordings("neighboring rows have different targets")
            };
        };
        if labels.len() < 2 {
            let found = format!("1 ({})", listed(&labels.keys().cloned().collect::<Vec<_>>()));
            let name = self.shown(targets[0]);
            return Err(self.refuse(&format!("{name}: expected at least 2 classes, found {found}")));
        }
        let changes = changes(RoleKind::Target).unwrap_or(0);
        if 4 * changes >= rows {
            return recordings("neighboring rows have different targets");
        }
        if changes + 1 > labels.len() {
            return samples("neighboring rows mostly have the same target");
        }
        let advice = "set --layout samples if rows are samples of series, or --layout recordings if each row is a recording";
        Err(self.refuse(&format!(
            "expected rows whose order tells whether they are samples, found rows sorted by {}; {advice}",
            self.shown(targets[0])
        )))
    }

    pub(super) fn target_kind(&self) -> Result<TargetKind, Failure> {
        let targets = self.with(RoleKind::Target);
        let contents: Vec<&ColumnContent> =
            targets.iter().map(|target| &self.table.columns[*target]).collect();
        let is_of_numbers = |column: &&ColumnContent| column.texts == 0;
        Ok(match (self.task, &contents[..]) {
            (Some(Task::Denoising), _) => TargetKind::None,
            (Some(Task::Regression), _) => TargetKind::Numbers,
            (Some(Task::MultiLabel), _) => TargetKind::Labels,
            (Some(Task::Classification | Task::Segmentation), _) => TargetKind::Classes,
            // The target is the last cell of rows that differ in length.
            (None, []) => match self.table.last.labels.as_ref() {
                Some(labels) if 2 * labels.len() <= self.table.rows => TargetKind::Classes,
                Some(_) | None => TargetKind::Numbers,
            },
            (None, [one]) => {
                let count = one.labels.as_ref().map_or(usize::MAX, std::collections::BTreeMap::len);
                let has_labels = one.texts > 0 || one.integers == one.numbers && count <= MOST_CLASSES;
                if has_labels { TargetKind::Classes } else { TargetKind::Numbers }
            }
            (None, several) if several.iter().all(|column| column.is_binary()) => TargetKind::Labels,
            (None, several) if several.iter().all(is_of_numbers) => TargetKind::Numbers,
            (None, _) => {
                let advice = "for one class, name a single column with --target";
                return Err(self.refuse(&format!(
                    "expected numbers in several columns of targets, found text; {advice}"
                )));
            }
        })
    }

    /// The number of channels in a row of values: those whose names differ only in a number at the end.
    pub(super) fn channels_of_rows(&self, columns: &[usize]) -> (usize, Option<String>) {
        let prefix = |column: &usize| {
            let name = self.table.columns[*column].name.trim_end_matches(|char: char| char.is_ascii_digit());
            name.trim_end_matches(|char: char| !char.is_alphanumeric()).to_owned()
        };
        let mut runs: Vec<(String, usize)> = Vec::new();
        for column in columns {
            let prefix = prefix(column);
            match runs.last_mut() {
                Some((latest, count)) if *latest == prefix => *count += 1,
                Some(_) | None => runs.push((prefix, 1)),
            }
        }
        let length = runs[0].1;
        if runs.len() > 1 && length > 1 && runs.iter().all(|(_, count)| *count == length) {
            let names: Vec<String> = runs.iter().map(|(name, _)| name.clone()).collect();
            return (runs.len(), Some(format!("the names of the columns begin with {}", listed(&names))));
        }
        (1, None)
    }
}
