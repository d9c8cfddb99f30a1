//! A config under construction, with the reasons for its contents.

use std::collections::BTreeMap;

use data::{Config, Split, Task};
use graph::Shape;

/// A config under construction.
pub(super) struct Draft {
    pub(super) name: String,
    /// The size of the network's input. Until the lengths of series are known, the length is 1.
    pub(super) input: Shape,
    pub(super) outputs: usize,
    pub(super) data: Config,
    /// Whether rows of tables are samples.
    pub(super) has_samples_as_rows: bool,
    pub(super) remarks: Remarks,
}

impl Draft {
    pub(super) fn new(name: String, train: Split) -> Self {
        Self {
            name,
            input: Shape::new(1, [1]),
            outputs: 0,
            data: Config { train, ..Config::new(Task::Classification) },
            has_samples_as_rows: false,
            remarks: Remarks::default(),
        }
    }
}

/// Sentences and alternatives for the keys of a config.
#[derive(Default)]
pub(super) struct Remarks(BTreeMap<&'static str, Vec<Remark>>);

/// A comment on a key.
pub(super) enum Remark {
    /// A sentence above the key.
    Because(String),
    /// A line that could replace the key or be added, and what it means.
    Or(String, String),
}

impl Remarks {
    /// Adds a sentence above `key`.
    pub(super) fn because(&mut self, key: &'static str, sentence: impl Into<String>) {
        self.0.entry(key).or_default().push(Remark::Because(sentence.into()));
    }

    /// Adds an alternative line below `key`.
    pub(super) fn or(&mut self, key: &'static str, line: impl Into<String>, meaning: impl Into<String>) {
        self.0.entry(key).or_default().push(Remark::Or(line.into(), meaning.into()));
    }

    pub(super) fn of(&self, key: &str) -> &[Remark] {
        self.0.get(key).map_or(&[], Vec::as_slice)
    }
}
