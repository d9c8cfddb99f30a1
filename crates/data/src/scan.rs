//! The scan of all recordings before training, which checks them and finds their examples.

use std::collections::BTreeMap;
use std::sync::Arc;

use graph::FieldError;

use crate::message::Message;
use crate::moments::Moments;
use crate::opening::Opening;
use crate::requirements::Requirements;
use crate::source::majority;
use crate::summary::Summary;
use crate::{DataError, MessageReader, MessageWriter, Recording, Source, Target, Task, digest};

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
    /// The moments of numeric targets: of each number, or of each channel of a signal.
    pub(crate) target_moments: Moments,
    /// The number of examples of each class; in segmentation, of samples.
    pub(crate) counts: Vec<usize>,
    /// The group of each recording. Empty if no recording has a group.
    pub(crate) recording_groups: Vec<Option<String>>,
    /// The digest of the content of all recordings, in order.
    pub(crate) digest: String,
    /// The shape of every target, as [`target_shape`] defines it.
    pub(crate) target_shape: Vec<usize>,
}

/// The result of scanning one recording.
#[derive(Debug)]
pub(crate) struct RecordingScan {
    pub(crate) summary: Summary,
    samples: usize,
    /// Its examples, for each distance between windows that is required.
    cuts: BTreeMap<usize, Cut>,
    moments: Moments,
    target_moments: Moments,
    target_shape: Vec<usize>,
    digest: [u8; 32],
}

/// The examples of one recording.
#[derive(Debug)]
struct Cut {
    /// The first samples of the examples.
    starts: Vec<usize>,
    /// The number of examples of each class that occurs; in segmentation, of samples.
    counts: BTreeMap<usize, usize>,
}

/// Scans all recordings of `source`, for the split called `split`; several processes share the work.
pub(crate) fn scan(
    source: &dyn Source,
    split: &str,
    requirements: &Requirements<'_>,
    opening: Opening<'_>,
) -> Result<Vec<Arc<RecordingScan>>, DataError> {
    let checked = if source.is_empty() { Err(refused(split, "at least one recording")) } else { Ok(()) };
    opening.sharing.agree(checked)?;
    let scans = opening.of_recordings(source.len(), requirements.config.threads(), |index| {
        let recording = source.recording(index)?;
        requirements.check(&recording)?;
        Ok(scan_recording(recording, requirements))
    })?;
    Ok(scans.into_iter().map(Arc::new).collect())
}

impl Message for RecordingScan {
    fn write(&self, message: &mut MessageWriter) {
        self.summary.write(message);
        message.sizes(&[self.samples, self.cuts.len()]);
        for (step, cut) in &self.cuts {
            message.sizes(&[*step]);
            message.sizes(&cut.starts);
            message.sizes(
                &cut.counts.iter().flat_map(|(class, count)| [*class, *count]).collect::<Vec<usize>>(),
            );
        }
        message.doubles(&self.moments.numbers());
        message.doubles(&self.target_moments.numbers());
        message.sizes(&self.target_shape);
        message.bytes(&self.digest);
    }

    fn read(message: &mut MessageReader<'_>) -> Option<Self> {
        let summary = Summary::read(message)?;
        let [samples, count] = message.sizes()?.try_into().ok()?;
        let mut cuts = BTreeMap::new();
        for _ in 0..count {
            let [step] = message.sizes()?.try_into().ok()?;
            let starts = message.sizes()?;
            let counts = message.sizes()?.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
            cuts.insert(step, Cut { starts, counts });
        }
        Some(Self {
            summary,
            samples,
            cuts,
            moments: Moments::from_numbers(&message.doubles()?),
            target_moments: Moments::from_numbers(&message.doubles()?),
            target_shape: message.sizes()?,
            digest: message.bytes()?.try_into().ok()?,
        })
    }
}

impl Scan {
    /// Combines the scans of the recordings of the split called `split`. `step` is the
    /// distance between windows, one of those that the recordings were scanned for.
    pub(crate) fn of(
        recordings: &[Arc<RecordingScan>],
        split: &str,
        requirements: &Requirements<'_>,
        step: usize,
    ) -> Result<Self, DataError> {
        let mut scan = Self {
            positions: Vec::new(),
            lengths: Vec::new(),
            moments: Moments::new(requirements.input.channels),
            target_moments: Moments::new(0),
            counts: vec![0; requirements.classes.len()],
            recording_groups: Vec::new(),
            digest: String::new(),
            target_shape: recordings.first().map_or(Vec::new(), |first| first.target_shape.clone()),
        };
        for (recording, found) in recordings.iter().enumerate() {
            if scan.target_shape != found.target_shape {
                let message = format!(
                    "expected a target of shape {:?} as in earlier recordings, found {:?}",
                    scan.target_shape, found.target_shape
                );
                return Err(DataError::new(&found.summary.origin, message));
            }
            let cut = &found.cuts[&step];
            scan.positions
                .extend(cut.starts.iter().map(|start| ExamplePosition { recording, start: *start }));
            for (class, count) in &cut.counts {
                scan.counts[*class] += count;
            }
            scan.lengths.push(found.samples);
            scan.moments.merge(&found.moments);
            scan.target_moments.merge(&found.target_moments);
        }
        if scan.positions.is_empty() {
            return Err(refused(split, "at least one labeled sample"));
        }
        if recordings.iter().any(|recording| recording.summary.group.is_some()) {
            scan.recording_groups =
                recordings.iter().map(|recording| recording.summary.group.clone()).collect();
        }
        scan.digest = digest::of_all(recordings.iter().map(|recording| recording.digest));
        Ok(scan)
    }
}

fn refused(split: &str, expected: &str) -> DataError {
    FieldError::expected(split, expected, "none").into()
}

fn scan_recording(recording: Recording, requirements: &Requirements<'_>) -> RecordingScan {
    let digest = digest::of_recording(&recording);
    RecordingScan {
        samples: recording.space()[0],
        cuts: requirements.steps.iter().map(|step| (*step, cut(&recording, requirements, *step))).collect(),
        moments: Moments::of(requirements.input.channels, recording.input.data()),
        target_moments: target_moments(&recording.target),
        target_shape: target_shape(&recording, requirements),
        digest: digest.all,
        summary: Summary::of(recording, digest.input),
    }
}

/// Returns the examples of a recording, except those without any label.
fn cut(recording: &Recording, requirements: &Requirements<'_>, step: usize) -> Cut {
    let config = requirements.config;
    let samples = recording.space()[0];
    let length = config.window.map_or(samples, |window| window.length);
    let mut cut = Cut { starts: Vec::new(), counts: BTreeMap::new() };
    for start in (0..=samples - length).step_by(step) {
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
        if config.task == Task::Classification
            && let Some(class) = labels.map_or_else(|| recording.target.class(), majority)
        {
            cut.count(class, 1);
        }
        if let Target::Labels(labels) = &recording.target {
            for (class, is_member) in labels.iter().enumerate() {
                if *is_member {
                    cut.count(class, 1);
                }
            }
        }
        cut.starts.push(start);
    }
    if config.task == Task::Segmentation {
        cut.count_positions(recording);
    }
    cut
}

impl Cut {
    fn count(&mut self, class: usize, count: usize) {
        *self.counts.entry(class).or_default() += count;
    }

    fn count_positions(&mut self, recording: &Recording) {
        match &recording.target {
            Target::Class(class) => self.count(*class, recording.space().iter().product()),
            Target::Positions(classes) => {
                for class in classes.iter().flatten() {
                    self.count(*class, 1);
                }
            }
            Target::Labels(_) | Target::Numbers(_) | Target::Signal(_) | Target::None => {}
        }
    }
}

fn target_moments(target: &Target) -> Moments {
    match target {
        Target::Numbers(numbers) => Moments::of(numbers.len(), numbers),
        Target::Signal(signal) => Moments::of(signal.shape()[0], signal.data()),
        Target::Class(_) | Target::Positions(_) | Target::Labels(_) | Target::None => Moments::new(0),
    }
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
