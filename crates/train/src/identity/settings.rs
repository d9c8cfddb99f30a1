//! The settings of a run by config key, with all defaults filled in.

use std::collections::BTreeMap;

use data::{Split, Splits, WindowConfig};
use serde::Serialize;
use serde_json::Value;

use crate::evaluate::loss_of;
use crate::score::metric;
use crate::{Config, digest};

/// Longest value that is stored as is, in bytes. Longer values are replaced by their digests.
const LONGEST: usize = 1000;

type Parts = BTreeMap<String, String>;

/// Adds the settings of the section `train` that affect the result.
pub(super) fn add_training(parts: &mut Parts, config: &Config, task: data::Task) {
    let (loss, best) = (loss_of(config, task), metric(config, task));
    let config = Config { loss: Some(loss), best: Some(best), ..config.clone() };
    add(parts, "train", json(&config));
    for key in ["train.keep_checkpoints", "train.checkpoint_steps"] {
        parts.remove(key);
    }
    if !config.sync_norm {
        parts.remove("train.sync_norm");
    }
}

/// Adds the settings of the section `data` that affect the examples. File names do not, only the files'
/// contents.
pub(super) fn add_data(parts: &mut Parts, splits: &Splits) {
    let window = splits.config.window.map(|WindowConfig { length, step, evaluation_step }| WindowConfig {
        length,
        step: Some(step.unwrap_or(length)),
        evaluation_step: Some(evaluation_step.unwrap_or(length)),
    });
    let config = data::Config {
        folder: None,
        train: Split::default(),
        validation: None,
        test: None,
        threads: None,
        format: None,
        ignore_classes: None,
        allow_overlap: false,
        sampling_rate: None,
        cache_size: None,
        classes: Some(splits.classes.iter().cloned().collect()),
        class_weights: splits.class_weights.clone().map(data::ClassWeights::List),
        window,
        ..splits.config.clone()
    };
    add(parts, "data", json(&config));
}

fn json(settings: &impl Serialize) -> Value {
    serde_json::to_value(settings).expect("settings are plain data")
}

/// Adds a value under `key`. A name that has settings of its own, such as an optimizer, is also a part.
fn add(parts: &mut Parts, key: &str, value: Value) {
    match value {
        Value::Object(settings) => {
            if settings.len() == 1
                && let Some((name, Value::Object(_))) = settings.iter().next()
            {
                parts.insert(key.to_owned(), Value::from(name.as_str()).to_string());
            }
            for (name, value) in settings {
                add(parts, &format!("{key}.{name}"), value);
            }
        }
        Value::Null => {}
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            let text = value.to_string();
            let text = if text.len() > LONGEST { digest::of_text(&text) } else { text };
            parts.insert(key.to_owned(), text);
        }
    }
}
