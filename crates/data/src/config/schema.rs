//! JSON schemas of the types with several forms in configs.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::{ClassList, ClassWeights, Column, Columns, File, LabelList, Split, Validation};

impl JsonSchema for Split {
    fn schema_name() -> Cow<'static, str> {
        "Split".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let file = generator.subschema_for::<File>();
        let either = json_schema!({ "anyOf": [{ "type": "string" }, file] });
        json_schema!({
            "description": "A file name, a mapping, or a list of both.",
            "anyOf": [{ "type": "string" }, file, { "type": "array", "items": either }],
        })
    }
}

impl JsonSchema for Validation {
    fn schema_name() -> Cow<'static, str> {
        "Validation".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let split = generator.subschema_for::<Split>();
        json_schema!({
            "description": "Files, or a share of the training recordings.",
            "anyOf": [{ "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1 }, split],
        })
    }
}

impl JsonSchema for Column {
    fn schema_name() -> Cow<'static, str> {
        "Column".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A column by name, or by number from 0.",
            "anyOf": [{ "type": "string" }, { "type": "integer", "minimum": 0 }],
        })
    }
}

impl JsonSchema for Columns {
    fn schema_name() -> Cow<'static, str> {
        "Columns".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let column = generator.subschema_for::<Column>();
        json_schema!({
            "description": "A column, or a list of columns.",
            "anyOf": [column, { "type": "array", "items": column, "minItems": 1 }],
        })
    }
}

impl JsonSchema for ClassList {
    fn schema_name() -> Cow<'static, str> {
        "ClassList".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let name = json_schema!({ "type": ["string", "number"] });
        json_schema!({
            "description": "The names of the classes, or a mapping from the labels in the files to class names.",
            "anyOf": [
                { "type": "array", "items": name, "minItems": 1 },
                { "type": "object", "additionalProperties": name, "minProperties": 1 },
            ],
        })
    }
}

impl JsonSchema for LabelList {
    fn schema_name() -> Cow<'static, str> {
        "LabelList".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let label = json_schema!({ "type": ["string", "number"] });
        json_schema!({
            "description": "A label, or a list of labels.",
            "anyOf": [{ "type": ["string", "number"] }, { "type": "array", "items": label }],
        })
    }
}

impl JsonSchema for ClassWeights {
    fn schema_name() -> Cow<'static, str> {
        "ClassWeights".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "`balanced`, or the weight of each class.",
            "anyOf": [
                { "const": "balanced" },
                { "type": "array", "items": { "type": "number", "minimum": 0 } },
            ],
        })
    }
}
