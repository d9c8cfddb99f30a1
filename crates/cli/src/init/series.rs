//! Conclusions from the lengths, groups and classes of the recordings: windows, padding, missing values and the
//! validation set.

use data::{File, Missing, Pad, RecordingFacts, Split, Task, Validation, WindowConfig};
use graph::Shape;

use super::draft::Draft;

/// Longer recordings are cut into windows.
const LONGEST_RECORDING: usize = 4096;
/// The duration of a window in seconds, if the sampling rate is known and at least [`FASTEST_SLOW_RATE`].
const WINDOW_SECONDS: f64 = 4.0;
const FASTEST_SLOW_RATE: f64 = 8.0;
/// The number of samples of a window otherwise.
const WINDOW_SAMPLES: usize = 64;
const LONGEST_WINDOW: usize = 1024;
/// Windows of more samples than this are a multiple of [`MULTIPLE`] samples, if the sampling rate is not known.
const SHORTEST_ROUNDED: usize = 16;
const MULTIPLE: usize = 8;
/// The share of the recordings for validation.
const SHARE: f64 = 0.2;

/// Sets the length of the input, and how recordings of other lengths are cut or extended. Returns the number of training
/// examples.
pub(super) fn cut(draft: &mut Draft, facts: &RecordingFacts, length: Option<usize>) -> usize {
    let (Some(&shortest), Some(&longest)) = (facts.lengths.first(), facts.lengths.last()) else {
        return facts.count;
    };
    let is_cut = draft.has_samples_as_rows || facts.count == 1 || longest > LONGEST_RECORDING;
    if is_cut || length.is_some_and(|length| length < longest) {
        return cut_into_windows(draft, facts, length);
    }
    let length = length.unwrap_or(longest);
    draft.input = Shape::new(draft.input.channels, [length]);
    if shortest < length {
        draft.remarks.because(
            "input",
            format!(
                "Recordings have {shortest} to {longest} samples; shorter ones are extended to {length}."
            ),
        );
        draft.remarks.or("pad", "pad: edge", "extends with the last value instead of the mean");
        draft.data.pad = Some(Pad::Zero);
    } else {
        draft.remarks.because("input", format!("All recordings have {length} samples."));
    }
    facts.count
}

fn cut_into_windows(draft: &mut Draft, facts: &RecordingFacts, length: Option<usize>) -> usize {
    let usual = facts.usual_length();
    // The longest number of samples that takes no more than the duration.
    let takes = |samples: &usize, rate: f64| *samples as f64 <= WINDOW_SECONDS * rate + 0.5;
    let wanted = match facts.sampling_rate {
        Some(rate) if rate >= FASTEST_SLOW_RATE => {
            (1..=LONGEST_WINDOW).rev().find(|samples| takes(samples, rate)).unwrap_or(WINDOW_SAMPLES)
        }
        Some(_) | None => WINDOW_SAMPLES,
    };
    let most = if facts.count == 1 { usual / 5 } else { usual };
    let mut chosen = wanted.min(most).max(1);
    if chosen > SHORTEST_ROUNDED && facts.sampling_rate.is_none() {
        chosen -= chosen % MULTIPLE;
    }
    let length = length.unwrap_or(chosen);
    draft.input = Shape::new(draft.input.channels, [length]);
    let duration = match facts.sampling_rate {
        Some(rate) => format!(
            ", {} seconds at {rate} samples per second",
            (length as f64 / rate * 100.0).round() / 100.0
        ),
        None => String::new(),
    };
    draft.remarks.because(
        "input",
        format!(
            "Windows of {length} samples{duration}: choose a length that lets a person recognize the target."
        ),
    );
    draft.remarks.because(
        "window",
        "Neighboring training windows share half of their samples. The length must equal that of `input`.",
    );
    draft.data.window = Some(WindowConfig { length, step: Some((length / 2).max(1)), evaluation_step: None });
    let shorter = facts.lengths.iter().filter(|samples| **samples < length).count();
    if shorter > 0 && !draft.has_samples_as_rows {
        draft.remarks.because("pad", format!("{shorter} recordings are shorter than a window."));
        draft.data.pad = Some(Pad::Zero);
    } else if shorter > 0 {
        draft.remarks.or(
            "pad",
            "pad: zero",
            format!("keeps {shorter} recordings that are shorter than a window"),
        );
    }
    let step = (length / 2).max(1);
    facts
        .lengths
        .iter()
        .filter(|samples| **samples >= length)
        .map(|samples| (samples - length) / step + 1)
        .sum()
}

/// Sets the treatment of missing values.
pub(super) fn fill(draft: &mut Draft, facts: &RecordingFacts) {
    if facts.missing == 0 || facts.lengths.is_empty() {
        return;
    }
    draft.remarks.because("missing", format!("Missing values in the inputs: {}.", facts.missing));
    draft.remarks.or(
        "missing",
        "missing: hold",
        "the last value before a gap; see docs/data.md for the others",
    );
    draft.data.missing = Missing::Interpolate;
}

/// Refines the task of a table of samples with classes: if each recording has a single class, a window has it, too.
pub(super) fn refine_task(draft: &mut Draft, facts: &RecordingFacts) {
    if draft.data.task == Task::Segmentation && facts.has_one_class_each && facts.count > 1 {
        draft.data.task = Task::Classification;
        draft.remarks.because("task", "Each recording has a single class.");
        draft.remarks.or("task", "task: segmentation", "a class for each sample");
    } else {
        draft.remarks.because("task", "Classes change within recordings, so the network labels each sample.");
        draft.remarks.or(
            "task",
            "task: classification",
            "the most frequent class of each window; then also set `output: mean`",
        );
    }
}

/// Sets the validation set, unless the files already have one.
pub(super) fn hold_out(draft: &mut Draft, facts: &RecordingFacts) {
    let groups = facts.groups.len();
    if groups < 2
        && let Some(format) = &mut draft.data.format
        && format.group.take().is_some()
    {
        draft.remarks.because("group", "There is only one group, so groups do not divide the data.");
    }
    if draft.data.validation.is_some() {
        return;
    }
    if facts.count == 1 && draft.data.train.0.len() == 1 && !facts.lengths.is_empty() {
        hold_out_end(draft, facts.lengths[0]);
        return;
    }
    let (of, count) = if groups > 1 { ("groups", groups) } else { ("recordings", facts.count) };
    if count < 2 {
        draft.remarks.because("validation", "There is only one recording, so none can be held out.");
        return;
    }
    let share = if (count as f64) * SHARE < 1.0 { (100.0 / count as f64).ceil() / 100.0 } else { SHARE };
    draft.data.validation = Some(Validation::Share(share.min(0.5)));
    draft.remarks.because(
        "validation",
        format!("This share of the {count} {of}, chosen by a hash, is held out to select the best epoch."),
    );
    draft.remarks.or(
        "validation",
        "test: FILES",
        "to measure the final model on data that did not influence it",
    );
    if groups > 1 {
        draft
            .remarks
            .because("validation", "`factory train` with `--folds group` tests on each group in turn.");
    }
}

/// Holds out the end of the only recording.
fn hold_out_end(draft: &mut Draft, samples: usize) {
    let length = draft.input.space[0];
    let cut = (samples * 4 / 5).min(samples.saturating_sub(length));
    if cut < length {
        draft.remarks.because("validation", "The only recording is too short to hold out a part of it.");
        return;
    }
    let file = draft.data.train.0[0].clone();
    draft.data.train = Split(vec![File { to: Some(cut), ..file.clone() }]);
    draft.data.validation = Some(Validation::Files(Split(vec![File { from: Some(cut), ..file }])));
    draft
        .remarks
        .because("validation", format!("The last fifth of the only recording, which has {samples} samples."));
}
