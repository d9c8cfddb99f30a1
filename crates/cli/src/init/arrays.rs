//! Conclusions about arrays.

use data::{ArrayContent, Column, Columns, File, Task};
use graph::{Shape, listed, quoted};

use super::draft::Draft;
use crate::failure::Failure;

/// Usual names of arrays of inputs.
const INPUTS: [&str; 9] =
    ["input", "x", "data", "signals", "signal", "inputs", "features", "images", "series"];
/// Usual names of arrays of targets.
const TARGETS: [&str; 8] = ["target", "y", "labels", "label", "targets", "classes", "stages", "clean"];
/// Usual names of arrays of groups.
const GROUPS: [&str; 6] = ["group", "groups", "subject", "subjects", "patient", "participant"];

/// The arrays of inputs, targets and groups in a file.
struct Chosen<'a> {
    input: &'a ArrayContent,
    target: Option<&'a ArrayContent>,
}

/// Adds the conclusions about the arrays of `place` to a draft.
pub(super) fn conclude(
    draft: &mut Draft,
    arrays: &[ArrayContent],
    settings: &File,
    task: Option<Task>,
    place: &str,
) -> Result<(), Failure> {
    let chosen = choose(arrays, settings, place)?;
    let mut format = File::default();
    if !matches!(chosen.input.name.as_str(), "" | "input") {
        format.input = Some(chosen.input.name.clone());
    }
    if let Some(target) = chosen.target
        && target.name != "target"
    {
        format.target = Some(Columns(vec![Column::Name(target.name.clone())]));
    }
    let group = arrays.iter().find(|array| GROUPS.contains(&array.name.to_lowercase().as_str()));
    if let Some(group) = group {
        format.group = Some(Column::Name(group.name.clone()));
        draft.remarks.because("group", "Groups, because of the name; a split never divides a group.");
    }
    let shapes: Vec<String> =
        arrays.iter().map(|array| format!("{} {:?}", array.name, array.shape)).collect();
    draft.remarks.because("data.train", format!("The arrays of the first file: {}.", listed(&shapes).trim()));
    draft.input = input(draft, &chosen, place)?;
    draft.data.task = match (task, chosen.target) {
        (Some(task), _) => task,
        (None, Some(target)) => task_of(draft, target, chosen.input),
        (None, None) => Task::Denoising,
    };
    if draft.data.task != Task::Denoising && chosen.target.is_none() {
        let found = if arrays.len() == 1 { "none".to_owned() } else { listed(&names(arrays)) };
        let advice =
            "name the array with --target; an .npy file holds inputs only, so save both with `numpy.savez`";
        return Err(Failure::input(format!(
            "{place}: expected an array of targets, found {found}; {advice}"
        )));
    }
    if draft.data.task == Task::Denoising && chosen.target.is_none() {
        draft
            .remarks
            .because("task", "There are no targets, so the network can learn to remove noise that is added.");
        draft.remarks.because("noise", "The signal-to-noise ratio in dB, and the kind of noise.");
        let noise = serde_json::json!({ "snr": 5, "white": 1 });
        draft.data.noise = Some(serde_json::from_value(noise).map_err(Failure::failed)?);
    }
    if format != File::default() {
        draft.data.format = Some(format);
    }
    Ok(())
}

fn names(arrays: &[ArrayContent]) -> Vec<String> {
    arrays.iter().map(|array| array.name.clone()).collect()
}

fn choose<'a>(arrays: &'a [ArrayContent], settings: &File, place: &str) -> Result<Chosen<'a>, Failure> {
    let named = |name: &str| arrays.iter().find(|array| array.name == name);
    let missing = |option: &str, name: &str| {
        Failure::input(format!(
            "{place}: {option}: expected one of {}, found {}",
            listed(&names(arrays)),
            quoted(name)
        ))
    };
    let usual = |words: &[&str]| {
        words.iter().find_map(|word| arrays.iter().find(|array| array.name.to_lowercase() == *word))
    };
    let input = match &settings.input {
        Some(name) => Some(named(name).ok_or_else(|| missing("--array", name))?),
        None if arrays.len() == 1 => arrays.first(),
        None => usual(&INPUTS).or_else(|| {
            let mut large =
                arrays.iter().filter(|array| array.shape.len() > 1 && !array.is_text && !array.is_integer);
            match (large.next(), large.next()) {
                (Some(only), None) => Some(only),
                _ => None,
            }
        }),
    };
    let Some(input) = input else {
        let found = listed(&names(arrays));
        let message = format!(
            "expected one array of inputs, found {found}; name it with --array, and the targets with --target"
        );
        return Err(Failure::input(format!("{place}: {message}")));
    };
    let target = match settings.target.as_ref().map(|columns| &columns.0[..]) {
        Some([Column::Name(name)]) => Some(named(name).ok_or_else(|| missing("--target", name))?),
        Some(_) => {
            return Err(Failure::input("--target: expected the name of one array, found several columns"));
        }
        None => usual(&TARGETS).filter(|array| array.name != input.name),
    };
    Ok(Chosen { input, target })
}

/// Returns the size of the input. The length of series is 1 until all are read.
fn input(draft: &mut Draft, chosen: &Chosen<'_>, place: &str) -> Result<Shape, Failure> {
    let shape = &chosen.input.shape[..];
    let first_of_target = chosen.target.and_then(|target| target.shape.first().copied());
    let is_last = |channels: usize, others: usize| channels <= 16 && others > 4 * channels;
    let transposed = |axes: &str| {
        let advice = format!("transpose it, for example with `.transpose({axes})`");
        Failure::input(format!(
            "{place}: expected an array of inputs [N, C, T] or [N, C, H, W], found {shape:?}, with the channels last; {advice}"
        ))
    };
    Ok(match *shape {
        [_] => Shape::new(1, [1]),
        [many, samples] if first_of_target == Some(many) || samples <= many || many == 1 => {
            draft.remarks.because(
                "input",
                format!("Each row of the array is a recording with 1 channel: {many} recordings."),
            );
            Shape::new(1, [1])
        }
        [channels, _] => {
            draft
                .remarks
                .because("input", format!("The array {shape:?} is one recording with {channels} channels."));
            Shape::new(channels, [1])
        }
        [_, height, width] if height == width && height >= 8 => {
            draft.remarks.because(
                "input",
                "The last two axes have the same size, so the array holds images with 1 channel.",
            );
            Shape::new(1, [height, width])
        }
        [_, samples, channels] if is_last(channels, samples) => return Err(transposed("0, 2, 1")),
        [_, channels, _] => Shape::new(channels, [1]),
        [_, height, _, channels] if is_last(channels, height) => return Err(transposed("0, 3, 1, 2")),
        [_, channels, height, width] => Shape::new(channels, [height, width]),
        _ => {
            let found = format!("{shape:?}");
            return Err(Failure::input(format!(
                "{place}: expected an array of inputs [N, C, T] or [N, C, H, W], found {found}"
            )));
        }
    })
}

fn task_of(draft: &mut Draft, target: &ArrayContent, input: &ArrayContent) -> Task {
    let is_single =
        input.shape.len() == 2 && target.shape.first() == input.shape.last() && target.shape.len() == 1;
    let per_recording = if is_single { &target.shape[..] } else { target.shape.get(1..).unwrap_or_default() };
    let positions = if is_single { &input.shape[1..] } else { input.shape.get(2..).unwrap_or_default() };
    let is_label = target.is_text || target.is_integer;
    let (task, reason, other) = match per_recording {
        [] | [1] if is_label => (Task::Classification, "one label per recording", "regression"),
        [] | [1] => (Task::Regression, "one number per recording that is not an integer", "classification"),
        shape if is_label && shape == positions => {
            (Task::Segmentation, "a label for each position", "regression")
        }
        _ if target.shape == input.shape => {
            (Task::Denoising, "a signal of the shape of the input", "regression")
        }
        _ if target.is_integer => {
            (Task::MultiLabel, "several integers per recording, 0 or 1 for each class", "regression")
        }
        _ => (Task::Regression, "several numbers per recording", "multi_label"),
    };
    let name = if target.name.is_empty() { "The target" } else { &target.name };
    draft.remarks.because("task", format!("{name}: {reason}."));
    draft.remarks.or("task", format!("task: {other}"), "if that is what the targets are");
    task
}
