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

/// Returns an error about each split that shares recordings or groups with an earlier one.
pub(crate) fn overlaps(splits: &[Members<'_>]) -> Vec<FieldError> {
    let mut found = Vec::new();
    for (i, later) in splits.iter().enumerate() {
        for earlier in &splits[..i] {
            found.extend(shared_inputs(earlier, later));
            found.extend(shared_groups(earlier, later));
        }
    }
    found
}

fn shared_inputs(earlier: &Members<'_>, later: &Members<'_>) -> Option<FieldError> {
    let mut known: BTreeMap<&[u8; 32], &Summary> = BTreeMap::new();
    for recording in &earlier.recordings {
        known.entry(&recording.content).or_insert(recording);
    }
    let mut pairs = later
        .recordings
        .iter()
        .filter_map(|recording| known.get(&recording.content).map(|other| (*recording, *other)));
    let (recording, other) = pairs.next()?;
    let count = 1 + pairs.count();
    let found = format!(
        "{count} of {} with the same input, such as `{}` and `{}`",
        later.recordings.len(),
        one_line(&recording.origin),
        one_line(&other.origin)
    );
    Some(shared(later.split, "recordings", earlier.split, &found))
}

fn shared_groups(earlier: &Members<'_>, later: &Members<'_>) -> Option<FieldError> {
    let groups = |members: &Members<'_>| -> BTreeSet<String> {
        members.recordings.iter().filter_map(|recording| recording.group.clone()).collect()
    };
    let (known, own) = (groups(earlier), groups(later));
    let mut both = own.intersection(&known);
    let first = both.next()?;
    let found = format!("{} of {} in both, such as {}", 1 + both.count(), own.len(), quoted(first));
    Some(shared(later.split, "groups", earlier.split, &found))
}

/// The error about a split whose `things` are also in an earlier split.
pub(crate) fn shared(split: &str, things: &str, earlier: &str, found: &str) -> FieldError {
    let message = expected(
        format!("{things} that are not in `{earlier}`"),
        format!("{found}; remove them, or accept them with `allow_overlap: true`"),
    );
    FieldError::new(split, message)
}
