//! The schema accepts a config exactly if the factory does.

#![allow(clippy::unwrap_used, reason = "a failing helper fails its test")]

use factory::Factory;
use jsonschema::Validator;
use serde::Serialize;
use serde_json::{Value, json};

const SCHEMA: &str = include_str!("../../../docs/config.schema.json");

struct Judges {
    schema: Validator,
    factory: Factory,
}

impl Judges {
    fn new() -> Self {
        let schema: Value = serde_json::from_str(SCHEMA).unwrap();
        Self { schema: jsonschema::draft7::new(&schema).unwrap(), factory: Factory::builtin() }
    }

    fn accept(&self, config: &Value) {
        let errors: Vec<String> = self.schema.iter_errors(config).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{config} is refused: {errors:?}");
        if let Err(error) = self.factory.build(&config.to_string()) {
            panic!("{config} is refused by the factory alone: {error}");
        }
    }

    fn refuse(&self, config: &Value) {
        assert!(!self.schema.is_valid(config), "{config} is accepted");
        assert!(
            self.factory.build(&config.to_string()).is_err(),
            "{config} is accepted by the factory alone"
        );
    }
}

/// Each family's presets, with all fields written out.
fn presets() -> Vec<(&'static str, &'static str, Value)> {
    type Preset<C> = (&'static str, fn() -> C);
    fn each<C: Serialize>(
        family: &'static str,
        presets: &[Preset<C>],
    ) -> Vec<(&'static str, &'static str, Value)> {
        presets
            .iter()
            .map(|(name, config)| (family, *name, serde_json::to_value(config()).unwrap()))
            .collect()
    }
    [
        each("efficientnetv2", efficientnetv2::PRESETS),
        each("mobileone", mobileone::PRESETS),
        each("resnet", resnet::PRESETS),
        each("tcn", tcn::PRESETS),
        each("unet", unet::PRESETS),
        each("unext", unext::PRESETS),
    ]
    .concat()
}

/// A config with all fields of a preset in its params.
fn config(family: &str, mut params: Value) -> Value {
    let classes = params.as_object_mut().unwrap().remove("classes");
    json!({
        "name": "a", "input": { "channels": 6, "length": 64 }, "classes": classes,
        "architecture": family, "params": params,
    })
}

#[test]
fn ready_configs() {
    let judges = Judges::new();
    for name in factory::models::names() {
        let text = factory::models::get(name).unwrap();
        let first = text.lines().next().unwrap();
        assert_eq!(first, "# yaml-language-server: $schema=../../../docs/config.schema.json", "{name}");
        judges.accept(&serde_yaml::from_str(text).unwrap());
    }
}

/// Ready configs that train have both sections, and the schema sees what is in them.
#[test]
fn ready_configs_that_train() {
    let judges = Judges::new();
    let mut trained = 0;
    for name in factory::models::names() {
        let config: Value = serde_yaml::from_str(factory::models::get(name).unwrap()).unwrap();
        assert_eq!(config.get("data").is_some(), config.get("train").is_some(), "{name}");
        if config.get("train").is_none() {
            continue;
        }
        trained += 1;
        for (section, wrong, value) in [
            ("data", "tain", json!("a.ts")),
            ("data", "task", json!("sorting")),
            ("train", "rates", json!(1)),
        ] {
            let mut config = config.clone();
            config[section][wrong] = value;
            assert!(!judges.schema.is_valid(&config), "{name}: {section}.{wrong} is accepted");
        }
    }
    assert!(trained >= 10, "{trained}");
}

#[test]
fn every_preset_written_out() {
    let judges = Judges::new();
    for (family, _, params) in presets() {
        judges.accept(&config(family, params));
    }
}

#[test]
fn every_preset_is_offered() {
    let judges = Judges::new();
    for (family, preset, params) in presets() {
        let classes = params.get("classes").cloned();
        let mut config = json!({
            "name": "a", "input": { "channels": 6, "length": 64 }, "architecture": family, "preset": preset,
        });
        config["classes"] = classes.into();
        judges.accept(&config);
        if let Some(short) = preset.strip_prefix(&format!("{family}_")) {
            config["preset"] = short.into();
            judges.accept(&config);
        }
        config["preset"] = format!("{preset}x").into();
        judges.refuse(&config);
    }
}

/// The JSON pointers of all values in a config.
fn places(value: &Value, path: &str, found: &mut Vec<String>) {
    found.push(path.to_owned());
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(key, v)| places(v, &format!("{path}/{key}"), found));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, v)| places(v, &format!("{path}/{i}"), found));
        }
        _ => {}
    }
}

/// A wrong word, type or key anywhere: the two agree, and both refuse a key that does not exist.
#[test]
fn wrong_values_anywhere() {
    let judges = Judges::new();
    let wrong = [
        json!("nonsense"),
        json!(-1),
        json!([]),
        json!({ "nonsense": 1 }),
        json!(true),
        json!(0),
        json!(0.0),
        json!(1.0),
        json!(1.5),
        json!(65),
        json!(1001),
        json!(100_000_000),
    ];
    for (family, preset, params) in
        presets().into_iter().filter(|(_, preset, _)| matches!(*preset, "micro" | "mb" | "bai"))
    {
        let config = config(family, params);
        let mut found = Vec::new();
        places(&config["params"], "/params", &mut found);
        for place in found {
            for value in &wrong {
                let mut changed = config.clone();
                *changed.pointer_mut(&place).unwrap() = value.clone();
                if !judges.schema.is_valid(&changed) {
                    let built = judges.factory.build(&changed.to_string());
                    assert!(
                        built.is_err(),
                        "{family}/{preset} {place} = {value}: refused by the schema alone"
                    );
                }
                // The factory also checks what a schema cannot express, such as sums. It can express types.
                if judges.schema.is_valid(&changed)
                    && let Err(error) = judges.factory.build(&changed.to_string())
                {
                    let types = ["a string,", "a list,", "a mapping,", "a number,", "`true` or `false`,"];
                    let message = error.message();
                    let is_type = types.iter().any(|name| message.starts_with(&format!("expected {name}")));
                    assert!(!is_type, "{family}/{preset} {place} = {value}: accepted by the schema alone");
                }
            }
            let mut changed = config.clone();
            if let Some(fields) = changed.pointer_mut(&place).and_then(Value::as_object_mut) {
                fields.insert("nonsense".to_owned(), json!(1));
                judges.refuse(&changed);
            }
        }
    }
}

#[test]
fn allowed() {
    let judges = Judges::new();
    let good = json!({ "name": "a", "input": { "channels": 3, "height": 64, "width": 64 }, "architecture": "resnet" });
    judges.accept(&good);
    for name in ["a b", "Gehen-歩く", &"ä".repeat(100), "a.b", "a; b"] {
        let mut config = good.clone();
        config["name"] = json!(name);
        judges.accept(&config);
    }
    for params in [
        json!(null),
        json!({}),
        json!({ "padding": "same" }),
        json!({ "activation": "leaky_relu(0.2)", "norm": "group(8)" }),
        json!({ "activation": "swish", "se_divisor": null }),
        json!({ "stem": [{ "channels": 8, "kernel": [3, 5] }] }),
    ] {
        let mut config = good.clone();
        config["params"] = params;
        judges.accept(&config);
    }
    for input in [json!([6, 64]), json!([3, 64, 48])] {
        let mut config = good.clone();
        config["input"] = input;
        config["x-anchors"] = json!({ "anything": 1 });
        judges.accept(&config);
    }
    // No network is built with these sides; they are read all the same.
    let mut sides = good;
    sides["params"] = json!({ "padding": { "before": 1, "after": [0, 1] } });
    assert!(judges.schema.is_valid(&sides));
    let mut encoded = json!({
        "name": "a", "input": { "channels": 3, "height": 64, "width": 64 }, "classes": 2, "architecture": "unet",
        "params": { "blocks": [{ "channels": 8, "skip": "none" }, { "channels": 8 }, { "channels": 8 },
            { "channels": 8 }, { "channels": 8 }] },
        "encoder": { "architecture": "resnet", "preset": "micro" },
    });
    judges.accept(&encoded);
    encoded["params"] = Value::Null;
    judges.accept(&encoded);
    encoded["encoder"]["params"] = json!({ "stemm": 1 });
    judges.refuse(&encoded);
    encoded["encoder"] = json!({ "preset": "micro" });
    judges.refuse(&encoded);
}

#[test]
fn refused() {
    let judges = Judges::new();
    let series = json!({ "channels": 6, "length": 64 });
    for config in [
        json!({ "input": series, "architecture": "resnet" }),
        json!({ "name": "a", "architecture": "resnet" }),
        json!({ "name": "a", "input": series }),
        json!({ "name": 1, "input": series, "architecture": "resnet" }),
        json!({ "name": "", "input": series, "architecture": "resnet" }),
        json!({ "name": "  ", "input": series, "architecture": "resnet" }),
        json!({ "name": "x".repeat(101), "input": series, "architecture": "resnet" }),
        json!({ "name": "../a", "input": series, "architecture": "resnet" }),
        json!({ "name": ".a", "input": series, "architecture": "resnet" }),
        json!({ "name": "a/b", "input": series, "architecture": "resnet" }),
        json!({ "name": "a\\b", "input": series, "architecture": "resnet" }),
        json!({ "name": "a\nb", "input": series, "architecture": "resnet" }),
        json!({ "name": "a\u{202e}b", "input": series, "architecture": "resnet" }),
        json!({ "name": "a", "input": { "channels": 6 }, "architecture": "resnet" }),
        json!({ "name": "a", "input": { "channels": 6, "length": 0 }, "architecture": "resnet" }),
        json!({ "name": "a", "input": { "channels": 6, "length": 9, "height": 9, "width": 9 }, "architecture": "resnet" }),
        json!({ "name": "a", "input": { "channels": 6, "height": 64 }, "architecture": "resnet" }),
        json!({ "name": "a", "input": [6], "architecture": "resnet" }),
        json!({ "name": "a", "input": [6, 64, 64, 64], "architecture": "resnet" }),
        json!({ "name": "a", "input": [6, 0], "architecture": "resnet" }),
        json!({ "name": "a", "input": "6x64", "architecture": "resnet" }),
        json!({ "name": "a", "input": series, "architecture": "resnets" }),
        json!({ "name": "a", "input": series, "architecture": "resnet", "classes": 0 }),
        json!({ "name": "a", "input": series, "architecture": "resnet", "clases": 4 }),
        json!({ "name": "a", "input": series, "architecture": "resnet", "preset": "unet" }),
        json!({ "name": "a", "input": series, "architecture": "resnet", "params": { "classes": 4 } }),
        json!({ "name": "a", "input": series, "architecture": "resnet", "params": { "droput": 0.1 } }),
        json!({ "name": "a", "input": series, "architecture": "resnet", "params": { "dropout": "0.1" } }),
        json!({ "name": "a", "input": series, "architecture": "resnet", "params": { "activation": "rellu" } }),
        json!({ "name": "a", "input": series, "architecture": "resnet", "params": { "norm": "group" } }),
        json!({ "name": "a", "input": series, "architecture": "resnet", "params": { "stages": [{ "depth": 1 }] } }),
        json!({ "name": "a", "input": series, "architecture": "resnet", "params": { "stem": [{ "channels": 8, "kernel": [1, 2, 3] }] } }),
    ] {
        judges.refuse(&config);
    }
}
