//! Metadata of the file.

use model::Model;
use serde_json::json;

use crate::options::Options;
use crate::proto::StringStringEntryProto;
use crate::units::Ending;

/// Keys and values; lists and normalizations as JSON.
pub(crate) fn metadata(model: &Model, options: &Options, ending: Ending<'_>) -> Vec<StringStringEntryProto> {
    let mut entries = Vec::new();
    let mut push = |key: &str, value: String| {
        entries.push(StringStringEntryProto { key: key.to_owned(), value });
    };
    if let Some(task) = model.task {
        push("task", task.name().to_owned());
    }
    for (key, names) in [
        ("classes", &model.classes),
        ("channels", &model.channels),
        ("columns", &model.columns),
        ("outputs", &model.outputs),
    ] {
        if !names.is_empty() {
            push(key, json!(names).to_string());
        }
    }
    push("input", if options.raw_input { "raw" } else { "normalized" }.to_owned());
    push("output", output(model, ending).to_owned());
    push("normalization", json!(model.normalization).to_string());
    if let Some(normalization) = &model.target_normalization {
        push("target_normalization", json!(normalization).to_string());
    }
    if let Some(rate) = model.sampling_rate {
        push("sampling_rate", rate.to_string());
    }
    if let Some(source) = &model.source {
        push("config", source.config.clone());
    }
    entries
}

/// The meaning of the main output.
fn output(model: &Model, ending: Ending<'_>) -> &'static str {
    match ending {
        Ending::Probabilities(_) => "probabilities",
        Ending::DataUnits(_) => "values",
        Ending::Unchanged if model.task.is_some_and(model::Task::has_classes) => "logits",
        Ending::Unchanged => match model.output_normalization() {
            Some(normalization) if !normalization.is_identity() => "normalized values",
            Some(_) | None => "values",
        },
    }
}
