//! The facts that decide in which split a recording may be: its class, group and content.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::{DataError, OpenProgress, Recording, Source, Target, digest, parallel};

/// The facts about a recording that decide in which split it may be.
#[derive(Clone, Debug)]
pub(crate) struct Summary {
    pub(crate) origin: String,
    pub(crate) group: Option<String>,
    /// The digest of the input.
    pub(crate) content: [u8; 32],
    class: Stratum,
}

/// The class of a recording, or the set of its classes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stratum {
    None,
    Class(usize),
    Labels(Vec<bool>),
}

impl Summary {
    pub(crate) fn of(recording: Recording, content: [u8; 32]) -> Self {
        let class = match recording.target {
            Target::Labels(labels) => Stratum::Labels(labels),
            target => target.class().map_or(Stratum::None, Stratum::Class),
        };
        Self { origin: recording.origin, group: recording.group, content, class }
    }
}

/// Summarizes all recordings of `source`.
pub(crate) fn summaries(
    source: &dyn Source,
    threads: usize,
    progress: &(dyn Fn(OpenProgress) + Sync),
) -> Result<Vec<Summary>, DataError> {
    let (done, total) = (AtomicUsize::new(0), source.len());
    parallel::map(threads, total, |index| {
        let recording = source.recording(index)?;
        let digest = digest::of_recording(&recording);
        progress(OpenProgress::Recordings { done: done.fetch_add(1, Ordering::Relaxed) + 1, total });
        Ok(Summary::of(recording, digest.input))
    })
}

/// Returns the number of each recording's class, or of the set of its classes, in the order of the classes that
/// occur, and how many there are.
pub(crate) fn strata(recordings: &[&Summary]) -> (Vec<usize>, usize) {
    let mut numbers: BTreeMap<&Stratum, usize> =
        recordings.iter().map(|recording| (&recording.class, 0)).collect();
    for (number, value) in numbers.values_mut().enumerate() {
        *value = number;
    }
    (recordings.iter().map(|recording| numbers[&recording.class]).collect(), numbers.len())
}
