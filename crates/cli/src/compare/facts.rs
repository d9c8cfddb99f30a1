//! The settings of configs, and those that differ.

use std::collections::{BTreeMap, BTreeSet};

use factory::Factory;
use serde_json::Value;

use crate::failure::Failure;

/// Settings by their path in a config, such as `train.learning_rate`.
pub(super) type Facts = BTreeMap<String, String>;

/// The sections and keys of a config.
const KEYS: [&str; 7] = ["input", "classes", "architecture", "preset", "params", "data", "train"];
/// Maximum number of differing settings in a table.
const MOST: usize = 12;
/// Maximum length of a value, in characters.
const LONGEST: usize = 40;

/// The settings of a config.
pub(super) fn of_config(config: &str) -> Result<Facts, Failure> {
    let mut facts = Facts::new();
    for key in KEYS {
        if let Some(value) = Factory::section::<Value>(config, key)? {
            add(&mut facts, key, &value);
        }
    }
    Ok(facts)
}

fn add(facts: &mut Facts, path: &str, value: &Value) {
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                add(facts, &format!("{path}.{key}"), value);
            }
        }
        Value::String(text) => {
            facts.insert(path.to_owned(), shortened(text));
        }
        other => {
            facts.insert(path.to_owned(), shortened(&other.to_string()));
        }
    }
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let start: String = text.chars().take(LONGEST - 1).collect();
    format!("{start}…")
}

/// The settings of each config whose values differ.
pub(super) fn differing(configs: &[&Facts]) -> Vec<Facts> {
    let keys: BTreeSet<&String> = configs.iter().flat_map(|facts| facts.keys()).collect();
    let differs = |key: &&String| configs.iter().any(|facts| facts.get(*key) != configs[0].get(*key));
    let keys: Vec<&String> = keys.into_iter().filter(differs).take(MOST).collect();
    let of_config = |facts: &&Facts| {
        let fact = |key: &&String| Some(((*key).clone(), facts.get(*key)?.clone()));
        keys.iter().filter_map(fact).collect()
    };
    configs.iter().map(of_config).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_settings_that_differ_are_shown() {
        let config = |rate: &str| {
            of_config(&format!("name: a\narchitecture: tcn\ntrain: {{ learning_rate: {rate}, epochs: 3 }}\n"))
        };
        let configs = [config("0.1").unwrap(), config("0.01").unwrap()];
        let differing = differing(&[&configs[0], &configs[1]]);
        let fact = |value: &str| Facts::from([("train.learning_rate".to_owned(), value.to_owned())]);
        assert_eq!(differing, [fact("0.1"), fact("0.01")]);
        assert_eq!(super::differing(&[&configs[0]]), [Facts::new()]);
    }
}
