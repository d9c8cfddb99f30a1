//! The schema accepts a `data` section exactly if the crate that reads it does.

#![allow(clippy::unwrap_used, reason = "a failing helper fails its test")]

use data::Config;
use factory::Factory;
use jsonschema::Validator;
use serde_json::{Value, json};

const SCHEMA: &str = include_str!("../../../docs/config.schema.json");

/// A config with every field, of which some are for series or for images only.
fn full(rank: usize) -> Value {
    let (task, input) = match rank {
        1 => ("segmentation", json!({ "channels": 2, "length": 64 })),
        _ => ("classification", json!({ "channels": 2, "height": 64, "width": 48 })),
    };
    let mut data = json!({
        "task": task,
        "folder": "recordings",
        "format": { "separator": ";", "decimal": ",", "header": true, "skip": 1 },
        "train": ["a.ts", { "file": "b.csv", "from": 1, "to": 9, "layout": "samples", "channels": ["x", 1],
            "ignore": "id", "group": "subject", "time": "time", "target": ["label", 3] }, { "file": "d.npz", "input": "x" }],
        "validation": 0.2,
        "test": { "file": "c.npz", "target": "y" },
        "classes": ["rest", "run"],
        "ignore_classes": 255,
        "allow_overlap": true,
        "cache_size": 100,
        "normalize": "channel",
        "class_weights": [1, 2.5],
        "augment": { "jitter": 0.1, "scale": 0.1, "shift": 4 },
        "threads": 2,
    });
    if rank == 1 {
        data["missing"] = json!("hold");
        data["pad"] = json!("edge");
        data["sampling_rate"] = json!(25);
        data["stitch"] = json!({ "seed": 1 });
        data["window"] = json!({ "length": 64, "step": 16, "evaluation_step": 64 });
        data["augment"]["channel_dropout"] = json!(0.1);
        data["augment"]["mask"] = json!(0.1);
        data["augment"]["wander"] = json!(0.1);
    } else {
        data["augment"]["flip"] = json!(true);
        data["augment"]["crop"] = json!(2);
    }
    json!({ "name": "a", "input": input, "classes": 2, "architecture": "unet", "preset": "micro", "data": data })
}

fn denoising() -> Value {
    json!({
        "name": "a", "input": { "channels": 1, "length": 64 }, "classes": 1, "architecture": "unet",
        "data": {
            "task": "denoising", "train": { "file": "a.npy", "to": 100 }, "test": ["b.npy"],
            "window": { "length": 64 },
            "noise": { "snr": -3, "white": 1, "wander": 0.5, "sampling_rate": 360, "wander_band": [0.1, 1],
                "center": true, "seed": 7 },
        },
    })
}

fn regression() -> Value {
    json!({
        "name": "a", "input": { "channels": 1, "length": 64 }, "classes": 1, "architecture": "unet",
        "data": { "task": "regression", "train": "a.csv", "normalize_targets": "none" },
    })
}

fn schema() -> Validator {
    jsonschema::draft7::new(&serde_json::from_str(SCHEMA).unwrap()).unwrap()
}

/// Reads and validates the section with the crate `data`.
fn read(config: &Value) -> Result<(), String> {
    let data = Factory::section::<Config>(&config.to_string(), "data").map_err(|error| error.to_string())?;
    let size = |key: &str| config["input"][key].as_u64().map(|size| usize::try_from(size).unwrap());
    let space: Vec<usize> = ["length", "height", "width"].into_iter().filter_map(size).collect();
    let input = graph::Shape::new(size("channels").unwrap(), space);
    data.map_or(Ok(()), |data| data.validate(&input)).map_err(|error| format!("data.{error}"))
}

fn accept(config: &Value) {
    let schema = schema();
    let errors: Vec<String> = schema.iter_errors(config).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{config} is refused: {errors:?}");
    assert_eq!(read(config), Ok(()), "{config}");
}

/// The JSON pointers of all values in a section.
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

#[test]
fn every_form() {
    let configs = [full(1), full(2), denoising(), regression()];
    configs.iter().for_each(accept);
    let changed = |place: &str, value: Value| {
        let mut config = full(1);
        *config["data"].pointer_mut(place).unwrap() = value;
        config
    };
    for (place, value) in [
        ("", Value::Null),
        ("/validation", json!("b.ts")),
        ("/validation", json!(["b.ts", { "file": "c.ts" }])),
        ("/validation", Value::Null),
        ("/train", json!({ "file": "b.tsv.gz", "target": 0 })),
        ("/train/1/target", json!("label")),
        ("/class_weights", json!("balanced")),
        ("/classes", json!({ "0": "rest", "walk": "run", "2": "run" })),
        ("/classes", json!([0, 1])),
        ("/ignore_classes", json!(["artifact", 255])),
        ("/normalize", json!("none")),
        ("/augment", json!({})),
        ("/stitch", json!({})),
        ("/stitch", Value::Null),
    ] {
        accept(&changed(place, value));
    }
}

/// Every field of the section occurs in these configs.
#[test]
fn every_field_is_tried() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let written =
        [full(1), full(2), denoising(), regression()].map(|config| config["data"].to_string()).join("");
    for section in ["Config", "File", "WindowConfig", "Stitch", "Augment", "AddedNoise"] {
        let fields = schema["definitions"]["data"][section]["properties"].as_object().unwrap();
        assert!(!fields.is_empty(), "{section}");
        for (field, schema) in fields {
            assert!(written.contains(&format!("{field:?}:")), "{section}.{field} is in no config here");
            assert!(!schema["description"].as_str().unwrap().contains("]("), "{section}.{field} has a link");
        }
    }
}

/// A wrong word, type or key anywhere: the two agree, and both refuse a key that does not exist.
#[test]
fn wrong_values_anywhere() {
    let schema = schema();
    let wrong = [
        json!("nonsense"),
        json!(-1),
        json!([]),
        json!({ "nonsense": 1 }),
        json!(true),
        json!(1.5),
        json!(0),
        json!(1001),
        json!(2_000_000_000_u64),
        json!(-201),
        json!(1e-10),
        json!(1e10),
    ];
    for config in [full(1), full(2), denoising(), regression()] {
        let mut found = Vec::new();
        places(&config["data"], "/data", &mut found);
        for place in found {
            for value in &wrong {
                let mut changed = config.clone();
                *changed.pointer_mut(&place).unwrap() = value.clone();
                match (schema.is_valid(&changed), read(&changed)) {
                    (false, Ok(())) => panic!("{place} = {value}: refused by the schema alone"),
                    (true, Err(error)) if error.contains("found, ") => {
                        panic!("{place} = {value}: accepted by the schema alone; {error}")
                    }
                    _ => {}
                }
            }
            let mut changed = config.clone();
            if let Some(fields) = changed.pointer_mut(&place).and_then(Value::as_object_mut) {
                fields.insert("nonsense".to_owned(), json!(1));
                assert!(!schema.is_valid(&changed), "{place}");
                assert!(read(&changed).unwrap_err().contains("nonsense: unknown key"), "{place}");
            }
        }
    }
}
