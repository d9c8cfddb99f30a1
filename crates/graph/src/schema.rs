//! Schemas of the types that configs write in forms of their own.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::{Activation, Extent, LARGEST_EXTENT, Padding};

impl JsonSchema for Extent {
    fn schema_name() -> Cow<'static, str> {
        "Extent".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        extent(1)
    }
}

/// A number that is at least `least`, or one for each axis.
fn extent(least: usize) -> Schema {
    let number = json_schema!({ "type": "integer", "minimum": least, "maximum": LARGEST_EXTENT });
    json_schema!({
        "description": "One number for all axes, or `[height, width]`; for a series, `[1, k]` means `k`.",
        "anyOf": [number, { "type": "array", "items": number, "minItems": 1, "maxItems": 2 }],
    })
}

impl JsonSchema for Padding {
    fn schema_name() -> Cow<'static, str> {
        "Padding".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let sides = json_schema!({
            "type": "object",
            "additionalProperties": false,
            "required": ["before", "after"],
            "properties": { "before": extent(0), "after": extent(0) },
        });
        json_schema!({
            "description": "Padding by name, as numbers for both sides, or for each side.",
            "anyOf": [{ "enum": ["same", "symmetric", "causal", "valid"] }, extent(0), sides],
        })
    }
}

impl JsonSchema for Activation {
    fn schema_name() -> Cow<'static, str> {
        "Activation".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<&str> = Self::ALL.iter().map(|activation| activation.name()).collect();
        json_schema!({
            "description": "An activation, by name or with its parameter, as `leaky_relu(0.2)` and `elu(1)`.",
            "anyOf": [
                { "enum": names },
                {
                    "type": "string",
                    "pattern": r"^(swish|hardswish|hardsigmoid|(leaky_relu|elu)\(\s*[-+.eE0-9]+\s*\))$",
                },
            ],
        })
    }
}
