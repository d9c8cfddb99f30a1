//! The scan of all recordings before training, which checks them and finds their examples.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use graph::FieldError;

use crate::moments::Moments;
use crate::requirements::Requirements;
use crate::source::majority;
use crate::{DataError, OpenProgress, Recording, Source, Target, Task, digest};

/// The position of an example in a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ExamplePosition {
    pub(crate) recording: usize,
    /// The first sample of the window, or 0 if there are no windows.
    pub(crate) start: usize,
}

/// The result of scanning all recordings of a split.
#[derive(Clone, Debug)]
pub(crate) struct Scan {
    /// The examples, in order.
    pub(crate) positions: Vec<ExamplePosition>,
    /// The number of samples of each series.
    pub(crate) lengths: Vec<usize>,
    pub(crate) moments: Moments,
    /// The number of examples of each class; in segmentation, of samples.
    pub(crate) counts: Vec<usize>,
    /// The digest of the content of all recordings, in order.
    pub(crate) digest: String,
    /// The shape of every target, as [`target_shape`] defines it.
    pub(crate) target_shape: Vec<usize>,
}

/// The result of scanning one recording.
struct RecordingScan {
    origin: String,
    samples: usize,
    /// The first samples of its examples.
    starts: Vec<usize>,
    moments: Moments,
    target_shape: Vec<usize>,
    digest: [u8; 32],
}

/// The results of one thread, by index, and its total counts of the classes. Counts for each recording would take
/// memory proportional to recordings times classes.
struct ThreadScan {
    recordings: Vec<(usize, Result<RecordingScan, DataError>)>,
    counts: Vec<usize>,
}

/// Scans all recordings of `source`, for the split called `split`.
pub(crate) fn scan(
    source: &dyn Source,
    split: &str,
    requirements: &Requirements<'_>,
    progress: &(dyn Fn(OpenProgress) + Sync),
) -> Result<Scan, DataError> {
    let refused = |what: &str| DataError::from(FieldError::expected(split, what, "none"));
    if source.is_empty() {
        return Err(refused("at least one recording"));
    }
    let (recordings, counts) = recording_scans(source, requirements, progress);
    let mut scan = Scan {
        positions: Vec::new(),
        lengths: Vec::new(),
        moments: Moments::new(requirements.input.channels),
        counts,
        digest: String::new(),
        target_shape: Vec::new(),
    };
    let mut digests = Vec::new();
    let mut first: Option<Vec<usize>> = None;
    for (recording, result) in recordings.into_iter().enumerate() {
        let found = result?;
        let expected = first.get_or_insert_with(|| found.target_shape.clone());
        if *expected != found.target_shape {
            let message = format!(
                "expected a target of shape {expected:?} as in earlier recordings, found {:?}",
                found.target_shape
            );
            return Err(DataError::new(found.origin, message));
        }
        scan.positions.extend(found.starts.into_iter().map(|start| ExamplePosition { recording, start }));
        scan.lengths.push(found.samples);
        digests.push(found.digest);
        scan.moments.merge(&found.moments);
    }
    if scan.positions.is_empty() {
        return Err(refused("at least one labeled sample"));
    }
    scan.digest = digest::of_all(digests);
    scan.target_shape = first.unwrap_or_default();
    Ok(scan)
}

/// Scans the recordings on several threads. Returns the results in order, at least up to the first error, and the
/// number of examples of each class.
fn recording_scans(
    source: &dyn Source,
    requirements: &Requirements<'_>,
    progress: &(dyn Fn(OpenProgress) + Sync),
) -> (Vec<Result<RecordingScan, DataError>>, Vec<usize>) {
    let (next, done, failed) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    let work = || {
        let mut found = ThreadScan { recordings: Vec::new(), counts: vec![0; requirements.classes.len()] };
        // Recordings are taken in order, so all recordings before an invalid one are scanned, too.
        while !failed.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= source.len() {
                break;
            }
            let scan = scan_recording(source, index, requirements, &mut found.counts);
            if scan.is_err() {
                failed.store(true, Ordering::Relaxed);
            }
            found.recordings.push((index, scan));
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            progress(OpenProgress::Recordings { done, total: source.len() });
        }
        found
    };
    let threads = requirements.config.threads().min(source.len());
    let ThreadScan { mut recordings, counts } = std::thread::scope(|scope| {
        let start = || std::thread::Builder::new().spawn_scoped(scope, work).ok();
        // If no thread can be started, this one does all the work.
        let handles: Vec<_> = (1..threads).filter_map(|_| start()).collect();
        let mut all = work();
        for handle in handles {
            // Cannot panic: panics of sources have become errors.
            let found = handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            all.recordings.extend(found.recordings);
            for (sum, count) in all.counts.iter_mut().zip(found.counts) {
                *sum += count;
            }
        }
        all
    });
    recordings.sort_by_key(|(index, _)| *index);
    (recordings.into_iter().map(|(_, scan)| scan).collect(), counts)
}

/// Scans a recording, and adds its examples to the `counts` of their classes.
fn scan_recording(
    source: &dyn Source,
    index: usize,
    requirements: &Requirements<'_>,
    counts: &mut [usize],
) -> Result<RecordingScan, DataError> {
    let recording = source.recording(index)?;
    requirements.check(&recording)?;
    let mut moments = Moments::new(requirements.input.channels);
    moments.add(recording.input.data());
    let starts = starts(&recording, requirements, counts);
    if requirements.config.task == Task::Segmentation {
        count_labels(&recording, counts);
    }
    let target_shape = target_shape(&recording, requirements);
    Ok(RecordingScan {
        samples: recording.space()[0],
        digest: digest::of_recording(&recording),
        origin: recording.origin,
        starts,
        moments,
        target_shape,
    })
}

fn count_labels(recording: &Recording, counts: &mut [usize]) {
    match &recording.target {
        Target::Class(class) => counts[*class] += recording.space().iter().product::<usize>(),
        Target::Positions(classes) => {
            for class in classes.iter().flatten() {
                counts[*class] += 1;
            }
        }
        Target::Labels(_) | Target::Numbers(_) | Target::Signal(_) | Target::None => {}
    }
}

/// Returns the first samples of a recording's examples, except those without any label. In classification,
/// counts the class of each example in `counts`.
fn starts(recording: &Recording, requirements: &Requirements<'_>, counts: &mut [usize]) -> Vec<usize> {
    let config = requirements.config;
    let samples = recording.space()[0];
    let length = config.window.map_or(samples, |window| window.length);
    let mut starts = Vec::new();
    for start in (0..=samples - length).step_by(requirements.step) {
        let labels = match &recording.target {
            Target::Positions(classes) if config.window.is_none() => Some(&classes[..]),
            Target::Positions(classes) => Some(&classes[start..start + length]),
            Target::Class(_) | Target::Labels(_) | Target::Numbers(_) | Target::Signal(_) | Target::None => {
                None
            }
        };
        if labels.is_some_and(|labels| labels.iter().all(Option::is_none)) {
            continue;
        }
        if config.task == Task::Classification {
            let class = labels.map_or_else(|| recording.target.class(), majority);
            if let Some(class) = class {
                counts[class] += 1;
            }
        }
        if let Target::Labels(labels) = &recording.target {
            for (count, label) in counts.iter_mut().zip(labels) {
                *count += usize::from(*label);
            }
        }
        starts.push(start);
    }
    starts
}

/// Returns the shape of the target, which must be the same for all recordings. For windowed signals, this is
/// only the number of channels.
fn target_shape(recording: &Recording, requirements: &Requirements<'_>) -> Vec<usize> {
    match &recording.target {
        Target::Numbers(numbers) => vec![numbers.len()],
        Target::Signal(signal) if requirements.config.window.is_some() => vec![signal.shape()[0]],
        Target::Signal(signal) => signal.shape().to_vec(),
        Target::Class(_) | Target::Positions(_) | Target::Labels(_) | Target::None => Vec::new(),
    }
}
