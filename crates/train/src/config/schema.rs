//! Schemas of values that are a name, alone or with settings.

use schemars::Schema;
use serde_json::{Value, json};

/// Turns the schema that is derived for an enum, in which a name with settings is a mapping, into that of a choice:
/// the name may also stand alone, and a name without settings may have an empty mapping.
pub(super) fn choice(schema: &mut Schema) {
    let Some(Value::Array(variants)) = schema.remove("oneOf") else { return };
    let choices: Vec<Value> = variants.iter().map(alone_or_with_settings).collect();
    schema.insert("anyOf".to_owned(), choices.into());
}

fn alone_or_with_settings(variant: &Value) -> Value {
    let description = variant["description"].clone();
    let no_settings = json!({ "type": "object", "additionalProperties": false });
    let (name, settings) = match variant["properties"].as_object().and_then(|fields| fields.iter().next()) {
        Some((name, settings)) => (Value::from(name.as_str()), settings.clone()),
        None => (variant["const"].clone(), no_settings),
    };
    let key = name.as_str().unwrap_or_default();
    let mapping = json!({
        "type": "object",
        "additionalProperties": false,
        "required": [key],
        "properties": { key: settings },
    });
    json!({ "description": description, "anyOf": [{ "const": name }, mapping] })
}
