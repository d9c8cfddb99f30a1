//! JSON schemas of the types with a custom form in configs.

use std::borrow::Cow;

use graph::Activation;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::{Norm, OutputActivation};

impl JsonSchema for Norm {
    fn schema_name() -> Cow<'static, str> {
        "Norm".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let mut names: Vec<&str> = Self::ALL.iter().map(|norm| norm.name()).collect();
        names.retain(|name| *name != "group");
        json_schema!({
            "description": "A norm, by name, or `group(8)` with the number of groups.",
            "anyOf": [{ "enum": names }, { "type": "string", "pattern": r"^group\(\s*0*[1-9][0-9]*\s*\)$" }],
        })
    }
}

impl JsonSchema for OutputActivation {
    fn schema_name() -> Cow<'static, str> {
        "OutputActivation".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let activation = generator.subschema_for::<Activation>();
        json_schema!({
            "description": "`softmax`, or the name of a pointwise activation.",
            "anyOf": [{ "const": "softmax" }, activation],
        })
    }
}
