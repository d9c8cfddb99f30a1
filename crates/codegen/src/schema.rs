//! `docs/config.schema.json`, by which editors complete and check config files.

use std::path::Path;

use anyhow::{Context, Result};
use factory::{CONFIG_SCHEMAS, Factory, Family};
use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

use crate::definitions::{self, Definitions};
use crate::files::{COMMAND, File};

/// The path of the schema, from the workspace's root.
const SCHEMA: &str = "docs/config.schema.json";
/// The folder of the ready configs.
const READY: &str = "crates/factory/models";
/// The first line of a ready config, by which editors find the schema.
const LINE: &str = "# yaml-language-server: $schema=../../../docs/config.schema.json\n";

/// The schema, and the ready configs that name it.
pub(crate) fn files(schema: &Value, root: &Path) -> Result<Vec<File>> {
    let mut files = ready(root)?;
    let mut text = serde_json::to_string_pretty(schema)?;
    text.push('\n');
    files.push(File { path: SCHEMA.to_owned(), text });
    Ok(files)
}

/// The schema of a config.
pub(crate) fn schema(factory: &Factory) -> Result<Value> {
    let mut definitions = Definitions::new();
    let mut rules = Vec::new();
    for family in factory.list() {
        let (name, schema) = CONFIG_SCHEMAS
            .into_iter()
            .find(|(name, _)| *name == family.name())
            .with_context(|| format!("no config schema for `{}`", family.name()))?;
        let params = definitions::add(&mut definitions, name, schema)?;
        if let Some(fields) = definitions[name]["Config"]["properties"].as_object_mut() {
            fields.remove("classes");
        }
        rules.push(rule(family, &params));
    }
    let network = network(factory);
    definitions.insert("input".to_owned(), input());
    definitions.insert(
        "encoder".to_owned(),
        json!({
            "type": "object",
            "additionalProperties": false,
            "required": ["architecture"],
            "properties": network,
            "allOf": rules,
        }),
    );
    let data =
        definitions::add(&mut definitions, "data", SchemaGenerator::into_root_schema_for::<data::Config>)?;
    let train =
        definitions::add(&mut definitions, "train", SchemaGenerator::into_root_schema_for::<train::Config>)?;
    Ok(json!({
        "$comment": format!("Made by `{COMMAND}`; do not edit."),
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A model of the factory",
        "type": "object",
        "additionalProperties": false,
        "required": ["name", "input", "architecture"],
        "properties": properties(&network, data, train),
        "patternProperties": { "^x-": { "description": "Ignored: a place for anchors and notes." } },
        "allOf": rules,
        "definitions": definitions,
    }))
}

/// The properties of a model and of an encoder: `architecture`, `preset` and `params`.
fn network(factory: &Factory) -> Value {
    let families: Vec<&str> = factory.list().map(Family::name).collect();
    json!({
        "architecture": { "description": "The family of the model.", "enum": families },
        "preset": optional(json!({
            "description": "A published variant of the family. By default, the family's defaults.",
            "type": "string",
        })),
        "params": optional(json!({
            "description": "Hyperparameters that differ from the preset's or from the family's defaults.",
            "type": "object",
        })),
    })
}

/// The properties at the top level of a config.
fn properties(network: &Value, data: Value, train: Value) -> Value {
    json!({
        "name": name(),
        "input": { "$ref": "#/definitions/input" },
        "classes": optional(json!({
            "description": "Number of classes. If absent, the model outputs features.", "type": "integer", "minimum": 1,
        })),
        "architecture": network["architecture"],
        "preset": network["preset"],
        "params": network["params"],
        "encoder": optional(json!({
            "description": "The network whose features a decoder takes, `unet` or `unext`: a mapping of `architecture`, `preset` and `params`. A decoder without blocks and preset gets a block for each level of features.",
            "allOf": [{ "$ref": "#/definitions/encoder" }],
        })),
        "data": optional(described(data, "The data, which only training and evaluation need.")),
        "train": optional(described(train, "The training. By default, all its defaults.")),
    })
}

/// A name that [`factory::check_name`] accepts.
fn name() -> Value {
    // Control characters and bidirectional formatting characters.
    let hidden = concat!(
        r"\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e",
        r"\u2060-\u206f\ufeff\ufff9-\ufffb"
    );
    json!({
        "description": "The name of the model.",
        "type": "string",
        "minLength": 1,
        "maxLength": factory::LONGEST_NAME,
        "pattern": format!(r"^[^./\\{hidden}][^/\\{hidden}]*$"),
        "allOf": [{ "pattern": r"\S" }],
    })
}

/// The values of `preset` and `params` beside `architecture: FAMILY`.
fn rule(family: &Family, params: &Value) -> Value {
    let mut presets: Vec<&str> = family.presets().collect();
    // `mobileone_s1` of mobileone is its `s1` as well.
    let short = |preset: &'static str| preset.strip_prefix(family.name())?.strip_prefix('_');
    presets.extend(family.presets().filter_map(short));
    json!({
        "if": { "properties": { "architecture": { "const": family.name() } }, "required": ["architecture"] },
        "then": {
            "properties": {
                "preset": nullable(json!({ "enum": presets })),
                "params": nullable(params.clone()),
            },
        },
    })
}

/// A series or an image.
fn input() -> Value {
    let size = |what: &str| json!({ "description": what, "type": "integer", "minimum": 1, "maximum": graph::LARGEST_EXTENT });
    let of = |axes: &[(&str, &str)]| {
        let mut properties = Map::new();
        properties.insert("channels".to_owned(), size("Channels of the input."));
        for (name, what) in axes {
            properties.insert((*name).to_owned(), size(what));
        }
        let required: Vec<&String> = properties.keys().collect();
        json!({ "type": "object", "additionalProperties": false, "required": required, "properties": properties })
    };
    let list = json!({ "type": "array", "items": size("A size."), "minItems": 2, "maxItems": 3 });
    json!({
        "description": "The input: `{ channels, length }` of a series or `{ channels, height, width }` of an image, or in short a list of these numbers.",
        "anyOf": [
            of(&[("length", "Samples of a series.")]),
            of(&[("height", "Rows of an image."), ("width", "Columns of an image.")]),
            list,
        ],
    })
}

/// The same schema with a description.
fn described(mut schema: Value, description: &str) -> Value {
    schema["description"] = description.into();
    schema
}

/// A schema that also accepts null, its default.
fn optional(schema: Value) -> Value {
    let mut schema = nullable(schema);
    schema["default"] = Value::Null;
    schema
}

/// A schema that also accepts null.
fn nullable(schema: Value) -> Value {
    let mut schema = schema;
    let description = schema.as_object_mut().and_then(|schema| schema.remove("description"));
    let mut whole = json!({ "anyOf": [schema, { "type": "null" }] });
    if let Some(description) = description {
        whole["description"] = description;
    }
    whole
}

/// The ready configs with their first line.
fn ready(root: &Path) -> Result<Vec<File>> {
    let mut files = Vec::new();
    for name in factory::models::names() {
        let path = format!("{READY}/{name}.yaml");
        let text =
            std::fs::read_to_string(root.join(&path)).with_context(|| format!("could not read `{path}`"))?;
        let text = text.replace("\r\n", "\n");
        let text = if text.starts_with(LINE) { text } else { format!("{LINE}{text}") };
        files.push(File { path, text });
    }
    Ok(files)
}
