//! The defaults in the schema are the values that the readers take for absent keys.

#![allow(clippy::unwrap_used, reason = "a failing helper fails its test")]

use std::collections::BTreeSet;
use std::fmt::Debug;

use factory::Document;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

const SCHEMA: &str = include_str!("../../../docs/config.schema.json");

/// The mappings whose defaults have been compared, as `group/type`.
struct Compared {
    schema: Value,
    types: BTreeSet<String>,
}

impl Compared {
    /// Reads `minimal`, a mapping with the required keys alone, with the default of each other key written out, and
    /// with all of them.
    #[track_caller]
    fn add<T: DeserializeOwned + PartialEq + Debug>(&mut self, group: &str, name: &str, minimal: &Value) {
        let read = |config: &Value| Document::parse(&config.to_string()).unwrap().read::<T>();
        let absent = read(minimal).unwrap();
        let definition = &self.schema["definitions"][group][name];
        let required = definition["required"].as_array().cloned().unwrap_or_default();
        let mut all = minimal.clone();
        for (key, property) in definition["properties"].as_object().unwrap() {
            let is_given = minimal.get(key).is_some();
            assert!(is_given || !required.contains(&json!(key)), "{group}.{name}.{key} is required");
            if is_given {
                continue;
            }
            let default = property.get("default");
            let default = default.unwrap_or_else(|| panic!("{group}.{name}.{key} has no default"));
            let mut written = minimal.clone();
            written[key] = default.clone();
            all[key] = default.clone();
            assert_eq!(read(&written).unwrap(), absent, "{group}.{name}.{key}: {default}");
        }
        assert_eq!(read(&all).unwrap(), absent, "{group}.{name}");
        self.types.insert(format!("{group}/{name}"));
    }
}

#[test]
fn every_optional_key_has_the_default_that_the_reader_takes() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let mut compared = Compared { schema, types: BTreeSet::new() };
    let none = json!({});
    let channels = json!({ "channels": 8 });
    let depth = json!({ "channels": 8, "depth": 1 });
    compared.add::<train::Config>("train", "Config", &none);
    compared.add::<train::AdamW>("train", "AdamW", &none);
    compared.add::<train::Sgd>("train", "Sgd", &none);
    compared.add::<train::StepDecay>("train", "StepDecay", &none);
    compared.add::<train::Smoothing>("train", "Smoothing", &none);
    compared.add::<train::Focal>("train", "Focal", &none);
    compared.add::<data::Config>("data", "Config", &json!({ "task": "regression", "train": "a.ts" }));
    // Without `file`, it is the format of all files.
    compared.add::<data::File>("data", "File", &json!({ "file": "a.ts" }));
    compared.add::<data::WindowConfig>("data", "WindowConfig", &json!({ "length": 8 }));
    compared.add::<data::Stitch>("data", "Stitch", &none);
    compared.add::<data::Augment>("data", "Augment", &none);
    compared.add::<data::AddedNoise>("data", "AddedNoise", &json!({ "snr": 1 }));
    compared.add::<efficientnetv2::Config>("efficientnetv2", "Config", &none);
    compared.add::<efficientnetv2::Stem>("efficientnetv2", "Stem", &channels);
    compared.add::<efficientnetv2::Stage>("efficientnetv2", "Stage", &depth);
    compared.add::<efficientnetv2::Head>("efficientnetv2", "Head", &channels);
    compared.add::<mobileone::Config>("mobileone", "Config", &none);
    compared.add::<mobileone::Stem>("mobileone", "Stem", &channels);
    compared.add::<mobileone::Stage>("mobileone", "Stage", &depth);
    compared.add::<resnet::Config>("resnet", "Config", &none);
    compared.add::<resnet::StemConv>("resnet", "StemConv", &json!({ "channels": 8, "kernel": 3 }));
    compared.add::<resnet::Stage>("resnet", "Stage", &depth);
    compared.add::<tcn::Config>("tcn", "Config", &none);
    compared.add::<tcn::Encoder>("tcn", "Encoder", &json!({ "kernel": 3 }));
    compared.add::<tcn::Block>("tcn", "Block", &channels);
    compared.add::<unet::Config>("unet", "Config", &none);
    compared.add::<unet::Block>("unet", "Block", &channels);
    compared.add::<unext::Config>("unext", "Config", &none);
    compared.add::<unext::Block>("unext", "Block", &channels);

    let mut all = BTreeSet::new();
    for (group, types) in compared.schema["definitions"].as_object().unwrap() {
        for (name, definition) in types.as_object().unwrap() {
            if types["Config"].is_object() && definition["properties"].is_object() {
                all.insert(format!("{group}/{name}"));
            }
        }
    }
    assert_eq!(compared.types, all, "a mapping of the schema is not compared");
}

/// Defaults that depend on the preset are those of the whole config, not of its fields one by one.
#[test]
fn a_full_config_is_its_default() {
    fn check<C: DeserializeOwned + Serialize + PartialEq + Debug>() {
        let default: C = Document::parse("{}").unwrap().read().unwrap();
        let full = Document::serialize(&default).unwrap();
        assert_eq!(full.read::<C>().unwrap(), default);
        assert_eq!(Document::parse(&full.to_string()).unwrap().read::<C>().unwrap(), default);
    }
    check::<train::Config>();
    check::<efficientnetv2::Config>();
    check::<mobileone::Config>();
    check::<resnet::Config>();
    check::<tcn::Config>();
    check::<unet::Config>();
    check::<unext::Config>();
}
