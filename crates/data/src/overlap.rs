//! Recordings, groups and parts of files that are in several splits.

use std::collections::{BTreeMap, BTreeSet};

use graph::{FieldError, one_line, quoted};

use crate::error::expected;
use crate::summary::Summary;

/// The recordings of a split.
pub(crate) struct Members<'a> {
    /// The name of the split.
    pub(crate) split: &'a str,
    pub(crate) recordings: Vec<&'a Summary>,
}

/// Recordings, groups or parts of files of a split that are also in an earlier split.
pub(crate) struct Overlap<'a> {
    split: &'a str,
    earlier: &'a str,
    /// `recordings` or `groups`, as in messages.
    things: &'static str,
    found: String,
    note: String,
}

/// Returns what each split shares with each earlier one.
pub(crate) fn overlaps<'a>(splits: &[Members<'a>]) -> Vec<Overlap<'a>> {
    let mut found = Vec::new();
    for (i, later) in splits.iter().enumerate() {
        for earlier in &splits[..i] {
            found.extend(shared_inputs(earlier, later));
            found.extend(shared_groups(earlier, later));
        }
    }
    found
}

impl Overlap<'_> {
    pub(crate) fn error(&self) -> FieldError {
        shared(self.split, self.things, self.earlier, &self.found)
    }

    /// The sentence about an overlap that is accepted.
    pub(crate) fn note(&self) -> String {
        format!("{}: {}", self.split, self.note)
    }
}

fn shared_inputs<'a>(earlier: &Members<'a>, later: &Members<'a>) -> Option<Overlap<'a>> {
    let mut known: BTreeMap<&[u8; 32], &Summary> = BTreeMap::new();
    for recording in &earlier.recordings {
        known.entry(&recording.content).or_insert(recording);
    }
    let mut pairs = later
        .recordings
        .iter()
        .filter_map(|recording| known.get(&recording.content).map(|other| (*recording, *other)));
    let (recording, other) = pairs.next()?;
    let (count, of) = (1 + pairs.count(), later.recordings.len());
    let pair = format!("such as `{}` and `{}`", one_line(&recording.origin), one_line(&other.origin));
    Some(Overlap {
        split: later.split,
        earlier: earlier.split,
        things: "recordings",
        found: format!("{count} of {of} with the same input, {pair}"),
        note: format!(
            "{count} of {of} recordings have the same input as recordings in `{}`, {pair}",
            earlier.split
        ),
    })
}

fn shared_groups<'a>(earlier: &Members<'a>, later: &Members<'a>) -> Option<Overlap<'a>> {
    let groups = |members: &Members<'_>| -> BTreeSet<String> {
        members.recordings.iter().filter_map(|recording| recording.group.clone()).collect()
    };
    let (known, own) = (groups(earlier), groups(later));
    let mut both = own.intersection(&known);
    let first = quoted(both.next()?);
    let (count, of) = (1 + both.count(), own.len());
    Some(Overlap {
        split: later.split,
        earlier: earlier.split,
        things: "groups",
        found: format!("{count} of {of} in both, such as {first}"),
        note: format!("{count} of {of} groups are also in `{}`, such as {first}", earlier.split),
    })
}

/// The error about recordings, groups or parts of files (`things`) of a split that are also in an earlier split.
pub(crate) fn shared(split: &str, things: &str, earlier: &str, found: &str) -> FieldError {
    let message = expected(
        format!("{things} that are not in `{earlier}`"),
        format!("{found}; remove them, or accept them with `allow_overlap: true`"),
    );
    FieldError::new(split, message)
}
