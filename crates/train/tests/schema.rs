//! The schema of the section `train` agrees with `train::Config`.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use jsonschema::Validator;
use serde_json::{Value, json};
use train::Config;

const SCHEMA: &str = include_str!("../../../docs/config.schema.json");

/// The schema of the section alone.
fn schema() -> Validator {
    let mut schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let definitions = schema["definitions"].take();
    let section = json!({ "allOf": [{ "$ref": "#/definitions/train/Config" }], "definitions": definitions });
    jsonschema::draft7::new(&section).unwrap()
}

fn read(section: &Value) -> Result<Config, serde_json::Error> {
    serde_json::from_value(section.clone())
}

/// All fields, those that may be absent too.
fn full() -> Value {
    let config = Config {
        loss: Some(train::LossConfig::Dice),
        clip_norm: Some(1.0),
        ema: Some(0.99),
        patience: Some(3),
        checkpoint_steps: Some(10),
        ..Config::default()
    };
    serde_json::to_value(config).unwrap()
}

#[test]
fn what_is_allowed() {
    let (schema, full) = (schema(), full());
    assert_eq!(read(&json!({})).unwrap(), Config::default(), "every field may be left out");
    assert!(schema.is_valid(&json!({})) && schema.is_valid(&full));
    for (field, value) in full.as_object().unwrap() {
        let section = json!({ (field): value });
        assert!(schema.is_valid(&section), "{section}");
        read(&section).unwrap();
    }
    let names = [
        ("loss", &["cross_entropy", "binary", "focal", "dice", "mse", "mae"][..]),
        ("optimizer", &["adamw", "sgd"]),
        ("schedule", &["constant", "step", "cosine", "one_cycle"]),
        ("precision", &["f32", "bf16"]),
    ];
    for (field, names) in names {
        for name in names {
            let section = json!({ (field): name });
            assert!(schema.is_valid(&section), "{section}");
            assert!(read(&section).unwrap().validate().is_ok(), "{section}");
        }
    }
}

/// A wrong word or type in any field: the two agree, and both refuse a key that does not exist.
#[test]
fn what_is_not() {
    let (schema, full) = (schema(), full());
    for field in full.as_object().unwrap().keys() {
        for value in
            [json!("nonsense"), json!(-1), json!(1.5), json!([]), json!({}), json!(true), json!(null)]
        {
            let section = json!({ (field): value });
            let is_accepted = read(&section).is_ok_and(|config| config.validate().is_ok());
            assert_eq!(schema.is_valid(&section), is_accepted, "{section}");
        }
        let section = json!({ (format!("{field}s")): 1 });
        assert!(!schema.is_valid(&section) && read(&section).is_err(), "{section}");
    }
}
