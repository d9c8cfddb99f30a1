//! JSON schemas of the configs of this project's families.

use layers::Architecture;
use schemars::{Schema, SchemaGenerator};

/// A function that writes the schema of a config.
pub type ConfigSchema = fn(SchemaGenerator) -> Schema;

/// Each family's name and the schema of its config.
pub const CONFIG_SCHEMAS: [(&str, ConfigSchema); 6] = [
    (efficientnetv2::Config::NAME, SchemaGenerator::into_root_schema_for::<efficientnetv2::Config>),
    (mobileone::Config::NAME, SchemaGenerator::into_root_schema_for::<mobileone::Config>),
    (resnet::Config::NAME, SchemaGenerator::into_root_schema_for::<resnet::Config>),
    (tcn::Config::NAME, SchemaGenerator::into_root_schema_for::<tcn::Config>),
    (unet::Config::NAME, SchemaGenerator::into_root_schema_for::<unet::Config>),
    (unext::Config::NAME, SchemaGenerator::into_root_schema_for::<unext::Config>),
];
