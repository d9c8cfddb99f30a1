//! The sections of a config beside the model: what it is trained on, and how.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

use crate::config_types::Types;
use crate::schema::nullable;

/// Each section with the source of its `Config`, which is read and not linked: training links libtorch.
const SECTIONS: [(&str, &[&str]); 2] = [
    ("data", &["crates/data/src/config", "crates/model/src/task.rs"]),
    ("train", &["crates/train/src/config"]),
];

/// The sections as properties of a config; what they are made of goes among the definitions.
pub(crate) fn sections(root: &Path, definitions: &mut BTreeMap<String, Value>) -> Result<Map<String, Value>> {
    let mut properties = Map::new();
    for (section, sources) in SECTIONS {
        let mut types = Types::of_section(root, section, sources)?;
        let mut schema = types.config().with_context(|| format!("the section `{section}`"))?;
        // What follows the first paragraph is for who calls it from Rust.
        let text = schema["description"].as_str().unwrap_or_default();
        let description = Value::from(text.split("\n\n").next().unwrap_or_default());
        schema["description"] = description.clone();
        let reference = json!({ "$ref": format!("#/definitions/{section}") });
        properties.insert(
            section.to_owned(),
            nullable(json!({ "description": description, "allOf": [reference] })),
        );
        definitions.extend(types.definitions);
        definitions.insert(section.to_owned(), schema);
    }
    Ok(properties)
}

/// The forms of a type that reads itself; none where serde's derived code reads it.
pub(crate) fn forms(types: &mut Types, name: &str) -> Result<Option<Vec<Value>>> {
    let text = json!({ "type": "string" });
    let list = |items: Value| json!({ "type": "array", "items": items });
    let forms = match name {
        "Split" => {
            let file = types.named("File")?;
            vec![text.clone(), file.clone(), list(json!({ "anyOf": [text, file] }))]
        }
        "Validation" => {
            let share = json!({ "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1 });
            vec![share, types.named("Split")?]
        }
        "Column" => vec![text, json!({ "type": "integer", "minimum": 0 })],
        "Columns" => {
            let column = types.named("Column")?;
            let columns = json!({ "type": "array", "items": column, "minItems": 1 });
            vec![column, columns]
        }
        "ClassWeights" => {
            vec![json!({ "enum": ["balanced"] }), list(json!({ "type": "number", "minimum": 0 }))]
        }
        "OptimizerConfig" => vec![
            json!({ "enum": ["adamw", "sgd"] }),
            entry("adamw", &types.named("AdamW")?),
            entry("sgd", &types.named("Sgd")?),
        ],
        "ScheduleConfig" => vec![
            json!({ "enum": ["constant", "step", "cosine", "one_cycle"] }),
            entry("step", &types.named("StepDecay")?),
        ],
        "LossConfig" => vec![
            json!({ "enum": ["cross_entropy", "binary", "focal", "dice", "mse", "mae"] }),
            entry("cross_entropy", &types.named("Smoothing")?),
            entry("binary", &types.named("Smoothing")?),
            entry("focal", &types.named("Focal")?),
        ],
        _ => return Ok(None),
    };
    Ok(Some(forms))
}

/// A mapping with one key.
fn entry(key: &str, value: &Value) -> Value {
    json!({
        "type": "object",
        "properties": { (key): value },
        "required": [key],
        "additionalProperties": false,
    })
}
