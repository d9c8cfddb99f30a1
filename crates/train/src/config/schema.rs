//! Schemas of values that are a name, alone or with settings.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::{AdamW, Focal, LossConfig, OptimizerConfig, ScheduleConfig, Sgd, Smoothing, StepDecay};

impl JsonSchema for OptimizerConfig {
    fn schema_name() -> Cow<'static, str> {
        "OptimizerConfig".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (adamw, sgd) = (generator.subschema_for::<AdamW>(), generator.subschema_for::<Sgd>());
        choice("The optimizer and its settings.", &[("adamw", adamw), ("sgd", sgd)])
    }
}

impl JsonSchema for ScheduleConfig {
    fn schema_name() -> Cow<'static, str> {
        "ScheduleConfig".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let step = generator.subschema_for::<StepDecay>();
        let names = [
            ("constant", no_settings()),
            ("step", step),
            ("cosine", no_settings()),
            ("one_cycle", no_settings()),
        ];
        choice("The course of the learning rate after the warm-up.", &names)
    }
}

impl JsonSchema for LossConfig {
    fn schema_name() -> Cow<'static, str> {
        "LossConfig".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let smoothing = generator.subschema_for::<Smoothing>();
        let names = [
            ("cross_entropy", smoothing.clone()),
            ("binary", smoothing),
            ("focal", generator.subschema_for::<Focal>()),
            ("dice", no_settings()),
            ("mse", no_settings()),
            ("mae", no_settings()),
        ];
        choice("The quantity that training minimizes.", &names)
    }
}

fn no_settings() -> Schema {
    json_schema!({ "type": "object", "additionalProperties": false })
}

/// One of the names, or a mapping of one name to its settings.
fn choice(description: &str, names: &[(&str, Schema)]) -> Schema {
    let mut forms = vec![json_schema!({ "enum": names.iter().map(|(name, _)| *name).collect::<Vec<_>>() })];
    for (name, settings) in names {
        forms.push(json_schema!({
            "type": "object",
            "properties": { *name: settings },
            "required": [name],
            "additionalProperties": false,
        }));
    }
    json_schema!({ "description": description, "anyOf": forms })
}
