//! Notes about what remains to be done by the user of an ONNX file, and what the file does not contain.

use graph::listed;
use model::{Model, Task};
use onnx::Options;

/// The sentences, without `note: `.
pub(super) fn notes(model: &Model, options: &Options) -> Vec<String> {
    let mut notes = Vec::new();
    if !options.raw_input {
        notes.extend(units(model));
    }
    notes.extend(lite_keys(model, options));
    notes
}

/// A note if inputs or outputs are not in the units of the data.
fn units(model: &Model) -> Option<String> {
    let is_normalized = !model.normalization.is_identity();
    let outputs_normalized = model.output_normalization().is_some_and(|output| !output.is_identity());
    let sentence = match (is_normalized, outputs_normalized) {
        (false, false) => return None,
        (true, false) => "the file expects normalized input; --raw-input adds the normalization to the file",
        (true, true) => {
            "the file expects normalized input, and its outputs are normalized; --raw-input adds both \
             conversions to the file"
        }
        (false, true) => "the outputs are normalized; --raw-input adds the conversion to the file",
    };
    Some(sentence.to_owned())
}

/// Keys of SleepKit and heartKIT that have no effect on ONNX.
fn lite_keys(model: &Model, options: &Options) -> Vec<String> {
    let Some(source) = &model.source else { return Vec::new() };
    let Ok(Some(settings)) = dialects::export_settings(&source.config) else { return Vec::new() };
    let mut notes = Vec::new();
    if !settings.keys.is_empty() {
        let keys = listed(&settings.keys);
        notes.push(format!(
            "{keys}: settings for TensorFlow Lite, without effect on ONNX; the file stores 32-bit floating-point numbers"
        ));
    }
    if settings.softmax && !options.probabilities {
        let mut note =
            "use_logits: the file ends as the network does, without an additional softmax".to_owned();
        if model.task.is_some_and(Task::has_classes) {
            note.push_str("; --probabilities adds it");
        }
        notes.push(note);
    }
    notes
}
