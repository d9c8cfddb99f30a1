//! Conclusions about the columns of tables.

mod layout;
mod sentences;

use data::{Column, ColumnContent, Columns, File, TableContent, TableLayout, Task};
use graph::{listed, quoted};

use crate::failure::Failure;

/// Names of columns of targets.
const TARGETS: [&str; 14] = [
    "label",
    "labels",
    "class",
    "target",
    "activity",
    "stage",
    "category",
    "outcome",
    "diagnosis",
    "species",
    "annotation",
    "event",
    "state",
    "y",
];
/// Names of columns of groups.
const GROUPS: [&str; 16] = [
    "subject",
    "participant",
    "person",
    "patient",
    "user",
    "volunteer",
    "group",
    "session",
    "subj",
    "pid",
    "sid",
    "recording",
    "record",
    "trial",
    "episode",
    "series",
];
/// Names of columns of times.
const TIMES: [&str; 9] = ["time", "timestamp", "date", "datetime", "seconds", "millis", "ms", "ts", "t"];
/// Names of columns that number or identify rows.
const NUMBERS: [&str; 7] = ["id", "index", "row", "sample", "no", "nr", "unnamed"];
/// A column that increases in all rows but this many may be a time.
const FEWEST_ROWS: usize = 5;
/// Integers with more distinct values than this are numbers rather than labels.
const MOST_CLASSES: usize = 20;

/// The meaning of a table.
pub(super) struct TableConclusion {
    /// The settings for reading the tables.
    pub(super) format: File,
    pub(super) target: TargetKind,
    /// A sentence about each column, or about several.
    pub(super) columns: Vec<String>,
    /// The labels, if the target is a single column of classes with few labels.
    pub(super) labels: Vec<String>,
    /// The reason for the layout.
    pub(super) layout: String,
    /// The number of channels in the rows of a table of recordings.
    pub(super) channels: usize,
    /// The reason for this number.
    pub(super) channels_because: Option<String>,
}

/// The kind of targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TargetKind {
    Classes,
    /// Several columns of 0 and 1.
    Labels,
    Numbers,
    None,
}

/// The role of a column, and the reason for it.
struct Role {
    kind: RoleKind,
    because: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RoleKind {
    Channel,
    Target,
    Group,
    Time,
    NotRead,
}

struct Assignment<'a> {
    table: &'a TableContent,
    roles: Vec<Option<Role>>,
    task: Option<Task>,
    /// The files, for messages.
    place: &'a str,
}

/// Concludes the meaning of the columns from their names and contents. `settings` are those given by the user.
pub(super) fn conclude(
    table: &TableContent,
    settings: &File,
    task: Option<Task>,
    (place, files): (&str, usize),
) -> Result<TableConclusion, Failure> {
    let mut columns =
        Assignment { table, roles: (0..table.columns.len()).map(|_| None).collect(), task, place };
    columns.take(settings.target.as_ref(), RoleKind::Target, "--target")?;
    columns.take(settings.channels.as_ref(), RoleKind::Channel, "--channels")?;
    columns.find_times();
    columns.find_groups();
    columns.find_target()?;
    columns.find_others(settings.channels.is_some());
    let (layout, because) = columns.layout(settings, files)?;
    columns.finish(layout, because)
}

impl Assignment<'_> {
    fn refuse(&self, message: &str) -> Failure {
        Failure::input(format!("{}: {message}", self.place))
    }

    fn take(&mut self, columns: Option<&Columns>, kind: RoleKind, option: &str) -> Result<(), Failure> {
        for column in columns.iter().flat_map(|columns| &columns.0) {
            let place = match column {
                Column::Name(name) => self.table.columns.iter().position(|other| other.name == *name),
                Column::Number(number) => Some(*number).filter(|number| *number < self.roles.len()),
            };
            let Some(place) = place else {
                let wanted = if self.table.has_header {
                    self.names()
                } else {
                    format!("an index below {}", self.roles.len())
                };
                return Err(self
                    .refuse(&format!("{option}: expected {wanted}, found {}", quoted(&column.to_string()))));
            };
            self.roles[place] = Some(Role { kind, because: option.to_owned() });
        }
        Ok(())
    }

    fn names(&self) -> String {
        let names: Vec<String> = self.table.columns.iter().map(|column| column.name.clone()).collect();
        format!("one of {}", listed(&names))
    }

    fn set(&mut self, column: usize, kind: RoleKind, because: impl Into<String>) {
        self.roles[column] = Some(Role { kind, because: because.into() });
    }

    /// The columns with this role.
    fn with(&self, kind: RoleKind) -> Vec<usize> {
        let has_kind = |role: &Option<Role>| role.as_ref().is_some_and(|role| role.kind == kind);
        (0..self.roles.len()).filter(|column| has_kind(&self.roles[*column])).collect()
    }

    /// The columns without a role, with their contents.
    fn rest(&self) -> Vec<(usize, &ColumnContent)> {
        let columns = self.table.columns.iter().enumerate();
        columns.filter(|(column, _)| self.roles[*column].is_none()).collect()
    }

    fn find_times(&mut self) {
        let has_groups = self.table.columns.iter().any(|column| self.is_group(column));
        let is_time = |column: &ColumnContent| {
            let is_text = column.numbers == 0 && column.texts > 0 && column.texts == column.times;
            let is_number = is_called(&column.name, &TIMES) && column.numbers > 0 && column.texts == 0;
            (is_text || is_number) && (column.rises || has_groups)
        };
        let times: Vec<usize> =
            self.rest().iter().filter(|(_, column)| is_time(column)).map(|(i, _)| *i).collect();
        for (i, column) in times.into_iter().enumerate() {
            if i == 0 {
                self.set(column, RoleKind::Time, "times");
            } else {
                self.set(column, RoleKind::NotRead, "further times");
            }
        }
    }

    /// Whether a column names the group of each row, or identifies each of several series.
    fn is_group(&self, column: &ColumnContent) -> bool {
        let repeats = 2 * column.changes < self.table.rows;
        is_called(&column.name, &GROUPS) && (repeats || column.labels.is_some())
            || is_identifier(&column.name) && repeats && column.changes > 0
    }

    fn find_groups(&mut self) {
        let groups: Vec<usize> =
            self.rest().iter().filter(|(_, column)| self.is_group(column)).map(|(i, _)| *i).collect();
        for (i, column) in groups.into_iter().enumerate() {
            if i == 0 {
                self.set(
                    column,
                    RoleKind::Group,
                    "groups, because of its name; a split never divides a group",
                );
            } else {
                self.set(column, RoleKind::NotRead, "it could be the `group` instead");
            }
        }
    }

    fn find_target(&mut self) -> Result<(), Failure> {
        if self.task == Some(Task::Denoising) || !self.with(RoleKind::Target).is_empty() {
            return Ok(());
        }
        let named = |(_, column): &&(usize, &ColumnContent)| is_called(&column.name, &TARGETS);
        let mut named: Vec<usize> = self.rest().iter().filter(named).map(|(i, _)| *i).collect();
        let has_axes =
            self.table.columns.iter().any(|column| matches!(column.name.as_str(), "x" | "X" | "z" | "Z"));
        if named.len() > 1 || has_axes {
            // `y` may be an axis.
            named.retain(|column| !self.table.columns[*column].name.eq_ignore_ascii_case("y"));
        }
        if let [target] = named[..] {
            self.set(target, RoleKind::Target, "the target, because of its name");
            return Ok(());
        }
        let is_words = |(_, column): &&(usize, &ColumnContent)| {
            column.labels.as_ref().is_some_and(|labels| (2..=self.table.rows / 2).contains(&labels.len()))
                && column.texts > 0
                && column.numbers == 0
        };
        let words: Vec<usize> = self.rest().iter().filter(is_words).map(|(i, _)| *i).collect();
        if let ([], [target]) = (&named[..], &words[..]) {
            self.set(*target, RoleKind::Target, "the target, because it is the only column of words");
            return Ok(());
        }
        if let (true, true, Some((target, because))) = (named.is_empty(), words.is_empty(), self.integers()) {
            self.set(target, RoleKind::Target, because);
            return Ok(());
        }
        if self.table.is_ragged && named.is_empty() {
            return Ok(());
        }
        let candidates = if named.is_empty() { words } else { named };
        let found = match &candidates[..] {
            [] if self.rest().iter().any(|(_, column)| has_labels(column, self.table.rows)) => {
                "several columns of a few integers".to_owned()
            }
            [] => "none".to_owned(),
            several => listed(&several.iter().map(|column| self.shown(*column)).collect::<Vec<_>>()),
        };
        let advice = "name the target with --target, or use --task denoising if the table has no target";
        Err(self.refuse(&format!("expected one column of labels, found {found}; {advice}")))
    }

    /// The column of integer labels at the end or at the beginning, if the others hold fractions.
    fn integers(&self) -> Option<(usize, String)> {
        let rest = self.rest();
        let has_labels = |column: &ColumnContent| has_labels(column, self.table.rows);
        let has_fractions = |column: &ColumnContent| 2 * column.integers < column.numbers;
        for (place, name) in [(rest.len().checked_sub(1)?, "last"), (0, "first")] {
            let (target, column) = rest[place];
            let others = rest.iter().enumerate().filter(|(i, _)| *i != place);
            let is_only_one =
                others.clone().all(|(_, (_, other))| has_fractions(other) || !has_labels(other));
            let is_sure = name == "last" || others.clone().all(|(_, (_, other))| has_fractions(other));
            if rest.len() > 1 && has_labels(column) && is_only_one && is_sure {
                return Some((
                    target,
                    format!("the target, because the {name} column holds a few integers and no other does"),
                ));
            }
        }
        None
    }

    fn find_others(&mut self, lists_channels: bool) {
        let rows = self.table.rows;
        let judged: Vec<(usize, Option<&str>)> = self
            .rest()
            .into_iter()
            .map(|(i, column)| {
                let reason = if lists_channels {
                    Some("not in --channels")
                } else if column.missing == rows {
                    Some("always empty")
                } else if column.numbers == 0 {
                    Some("text")
                } else if column.counts
                    && rows > 2
                    && (column.name.is_empty() || is_called(&column.name, &NUMBERS))
                {
                    Some("it numbers the rows")
                } else if is_identifier(&column.name) {
                    Some("it identifies the rows, because of its name")
                } else if column.name.len() > 2 && is_called(&column.name, &TIMES) {
                    Some("times, because of its name, but they do not rise")
                } else if column.rises && column.changes + FEWEST_ROWS >= rows && rows > 4 * FEWEST_ROWS {
                    Some("it rises from row to row; if it is the time, set `time`")
                } else {
                    None
                };
                (i, reason)
            })
            .collect();
        for (column, reason) in judged {
            match reason {
                Some(reason) => self.set(column, RoleKind::NotRead, reason),
                None => self.set(column, RoleKind::Channel, "a channel"),
            }
        }
    }

    fn finish(mut self, layout: TableLayout, layout_because: String) -> Result<TableConclusion, Failure> {
        if layout == TableLayout::Recordings {
            for column in self.with(RoleKind::Time) {
                self.set(column, RoleKind::NotRead, "times of recordings");
            }
        }
        let channels = self.with(RoleKind::Channel);
        if channels.is_empty() {
            return Err(self.refuse("expected at least one column of numbers besides the target, found none"));
        }
        let target = self.target_kind()?;
        let columns = |columns: Vec<usize>| {
            let columns: Vec<Column> = columns.into_iter().map(|column| self.column(column)).collect();
            (!columns.is_empty()).then_some(Columns(columns))
        };
        let single = |kind| self.with(kind).first().map(|column| self.column(*column));
        let mut format = File {
            target: columns(self.with(RoleKind::Target)),
            group: single(RoleKind::Group),
            ..File::default()
        };
        let (mut count, mut because) = (1, None);
        match layout {
            TableLayout::Samples => {
                format.layout = Some(layout);
                format.time = single(RoleKind::Time);
                format.channels = columns(channels);
            }
            TableLayout::Recordings => {
                format.ignore = columns(self.with(RoleKind::NotRead));
                (count, because) = self.channels_of_rows(&channels);
            }
        }
        Ok(TableConclusion {
            columns: self.sentences(),
            labels: self.labels(target),
            format,
            target,
            layout: layout_because,
            channels: count,
            channels_because: because,
        })
    }

    /// The labels of a single column of classes.
    fn labels(&self, target: TargetKind) -> Vec<String> {
        let (TargetKind::Classes, [column]) = (target, &self.with(RoleKind::Target)[..]) else {
            return Vec::new();
        };
        let labels = self.table.columns[*column].labels.as_ref();
        labels.map(|labels| labels.keys().cloned().collect()).unwrap_or_default()
    }

    fn column(&self, column: usize) -> Column {
        let name = &self.table.columns[column].name;
        let is_unique = self.table.columns.iter().filter(|other| other.name == *name).count() == 1;
        if name.is_empty() || !is_unique { Column::Number(column) } else { Column::Name(name.clone()) }
    }

    fn shown(&self, column: usize) -> String {
        match self.column(column) {
            Column::Name(name) => graph::one_line(&name),
            Column::Number(number) => format!("column {number}"),
        }
    }
}

/// Returns whether a column holds a few integers.
fn has_labels(column: &ColumnContent, rows: usize) -> bool {
    let count = column.labels.as_ref().map_or(usize::MAX, std::collections::BTreeMap::len);
    column.integers == rows && (2..=MOST_CLASSES).contains(&count) && 2 * count <= rows
}

/// Returns whether a name is `id`, or ends with it as in `row_id`.
fn is_identifier(name: &str) -> bool {
    let lower = name.to_lowercase();
    lower.split(|char: char| !char.is_alphanumeric()).next_back() == Some("id")
}

/// Returns whether a name is one of the words, or contains one that has more than two letters.
fn is_called(name: &str, words: &[&str]) -> bool {
    let lower = name.to_lowercase();
    let mut parts = lower.split(|char: char| !char.is_alphanumeric());
    words.contains(&lower.as_str()) || parts.any(|part| part.len() > 2 && words.contains(&part))
}
