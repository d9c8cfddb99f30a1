//! The recordings of several files that one entry of a split lists.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{DataError, Description, Recording, Source};

/// Consecutive recordings of a source, with additional notes.
pub(super) struct Part {
    pub(super) source: Arc<dyn Source>,
    /// The index of the first recording.
    pub(super) first: usize,
    pub(super) count: usize,
    pub(super) notes: Vec<String>,
}

impl Source for Part {
    fn len(&self) -> usize {
        self.count
    }

    fn classes(&self) -> &[String] {
        self.source.classes()
    }

    fn recording(&self, index: usize) -> Result<Recording, DataError> {
        self.source.recording(self.first + index)
    }

    fn excerpt(&self, index: usize, from: usize, length: usize) -> Result<Recording, DataError> {
        self.source.excerpt(self.first + index, from, length)
    }

    fn description(&self) -> Description {
        let description = self.source.description();
        let notes = self.notes.iter().cloned().chain(summary_of_notes(&description.notes)).collect();
        Description { notes, ..description }
    }
}

/// Merges the notes on many files into one note per fact. Each note begins with its file and a colon.
pub fn summary_of_notes(notes: &[String]) -> Vec<String> {
    let mut order: Vec<(&str, &str, usize)> = Vec::new();
    let mut places = BTreeMap::new();
    for note in notes {
        let (file, fact) = note.split_once(": ").unwrap_or(("", note));
        let place = *places.entry(fact).or_insert(order.len());
        if place == order.len() {
            order.push((file, fact, 0));
        }
        order[place].2 += 1;
    }
    let note = |(file, fact, count): (&str, &str, usize)| match (file, count) {
        ("", _) => fact.to_owned(),
        (file, 1) => format!("{file}: {fact}"),
        (file, 2) => format!("{file} and 1 more file: {fact}"),
        (file, count) => format!("{file} and {} more files: {fact}", count - 1),
    };
    order.into_iter().map(note).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fact_about_many_files_is_one_note() {
        let notes = ["a.csv: separator `;`", "b.csv: header in row 1", "c.csv: separator `;`", "alone"];
        let expected = ["a.csv and 1 more file: separator `;`", "b.csv: header in row 1", "alone"];
        assert_eq!(summary_of_notes(&notes.map(str::to_owned)), expected);
    }
}
