//! The types of configs as schema definitions, one group per family or section.

use anyhow::{Context, Result};
use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// The definitions so far, by group and type.
pub(crate) type Definitions = Map<String, Value>;

/// Adds the group `name`: the types of a config and, as `Config`, the config itself without `classes`,
/// which are given beside `params`. Returns a reference to the config.
pub(crate) fn add(
    definitions: &mut Definitions,
    name: &str,
    schema: fn(SchemaGenerator) -> Schema,
) -> Result<Value> {
    let settings = SchemaSettings::draft07()
        .with(|settings| settings.definitions_path = format!("/definitions/{name}").into());
    let mut config = schema(settings.into_generator()).to_value();
    let fields = config.as_object_mut().context("expected an object as schema of a config")?;
    fields.remove("$schema");
    fields.remove("title");
    let types = fields.remove("definitions").and_then(|mut groups| groups.get_mut(name).map(Value::take));
    let mut group = types.unwrap_or_else(|| json!({}));
    group["Config"] = config;
    adapt(&mut group);
    definitions.insert(name.to_owned(), group);
    Ok(json!({ "$ref": format!("#/definitions/{name}/Config") }))
}

/// Turns documentation for Rust users into text for config authors, and wraps references that have
/// siblings, which draft 7 ignores.
fn adapt(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if let Some(Value::String(text)) = fields.get_mut("description") {
                *text = plain(text);
            }
            add_null_defaults(fields);
            if fields.len() > 1
                && let Some(reference) = fields.remove("$ref")
            {
                fields.insert("allOf".to_owned(), json!([{ "$ref": reference }]));
            }
            fields.values_mut().for_each(adapt);
        }
        Value::Array(items) => items.iter_mut().for_each(adapt),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Gives an optional field that may be null the default null, which is what serde reads for an absent `Option`.
fn add_null_defaults(mapping: &mut Map<String, Value>) {
    let required = mapping.get("required").cloned().unwrap_or_default();
    let is_required =
        |key: &str| required.as_array().is_some_and(|keys| keys.iter().any(|other| other == key));
    let Some(Value::Object(properties)) = mapping.get_mut("properties") else { return };
    for (key, property) in properties {
        let has_default = property.get("default").is_some();
        if !has_default && !is_required(key) && accepts_null(property) {
            property["default"] = Value::Null;
        }
    }
}

/// Whether a schema accepts null.
pub(crate) fn accepts_null(schema: &Value) -> bool {
    let is_null = |schema: &Value| schema["type"] == "null" || schema == "null";
    let has_null = |list: &Value| list.as_array().is_some_and(|list| list.iter().any(is_null));
    has_null(&schema["anyOf"]) || has_null(&schema["type"])
}

/// The paragraphs before the first example, each on one line and without links.
fn plain(text: &str) -> String {
    let mut paragraphs = Vec::new();
    for paragraph in text.split("\n\n") {
        if paragraph.trim_start().starts_with("```") {
            break;
        }
        paragraphs.push(without_links(&paragraph.split_whitespace().collect::<Vec<_>>().join(" ")));
    }
    // A config has no `None`.
    paragraphs.join("\n\n").replace("`None`", "`null`")
}

/// The text with the words of rustdoc's links in place of the links.
fn without_links(text: &str) -> String {
    let (mut plain, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once('[') {
        plain.push_str(before);
        let Some((words, after)) = after.split_once(']') else {
            rest = after;
            plain.push('[');
            continue;
        };
        let target = after.strip_prefix('(').and_then(|target| target.split_once(')'));
        if let Some((_, after)) = target {
            plain.push_str(words);
            rest = after;
        } else if words.starts_with('`') && words.ends_with('`') {
            plain.push_str(words);
            rest = after;
        } else {
            plain.push_str(&format!("[{words}]"));
            rest = after;
        }
    }
    plain + rest
}
