//! JSON schemas of the configs of this project's families.

use std::fmt;

use layers::Architecture;
use schemars::{Schema, SchemaGenerator};

use serde::de::value::Error;
use serde::de::{Deserialize, Deserializer, Visitor};
use serde::forward_to_deserialize_any;

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

/// The keys of a mapping in the order of the code, which a schema does not keep.
#[derive(Clone, Copy, Debug)]
pub struct KeyOrder {
    /// The section or family of the type.
    pub group: &'static str,
    /// The name of the type in the schema.
    pub name: &'static str,
    /// The keys.
    pub keys: &'static [&'static str],
}

impl KeyOrder {
    /// The keys of the struct `T`, whose type has this name in this group of the schema.
    pub fn of<T: for<'de> Deserialize<'de>>(group: &'static str, name: &'static str) -> Self {
        let mut keys: &'static [&'static str] = &[];
        // Ends with an error, after serde has passed the names of the fields.
        let _ = T::deserialize(FieldNames(&mut keys));
        Self { group, name, keys }
    }
}

/// The orders of all mappings in the configs of this project's families.
pub fn family_key_orders() -> Vec<KeyOrder> {
    vec![
        KeyOrder::of::<efficientnetv2::Config>("efficientnetv2", "Config"),
        KeyOrder::of::<efficientnetv2::Stem>("efficientnetv2", "Stem"),
        KeyOrder::of::<efficientnetv2::Stage>("efficientnetv2", "Stage"),
        KeyOrder::of::<efficientnetv2::Head>("efficientnetv2", "Head"),
        KeyOrder::of::<mobileone::Config>("mobileone", "Config"),
        KeyOrder::of::<mobileone::Stem>("mobileone", "Stem"),
        KeyOrder::of::<mobileone::Stage>("mobileone", "Stage"),
        KeyOrder::of::<resnet::Config>("resnet", "Config"),
        KeyOrder::of::<resnet::StemConv>("resnet", "StemConv"),
        KeyOrder::of::<resnet::Stage>("resnet", "Stage"),
        KeyOrder::of::<tcn::Config>("tcn", "Config"),
        KeyOrder::of::<tcn::Encoder>("tcn", "Encoder"),
        KeyOrder::of::<tcn::Block>("tcn", "Block"),
        KeyOrder::of::<unet::Config>("unet", "Config"),
        KeyOrder::of::<unet::Block>("unet", "Block"),
        KeyOrder::of::<unext::Config>("unext", "Config"),
        KeyOrder::of::<unext::Block>("unext", "Block"),
    ]
}

/// A deserializer that only takes note of a struct's fields.
struct FieldNames<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for FieldNames<'_> {
    type Error = Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        *self.0 = fields;
        self.deserialize_any(visitor)
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(serde::de::Error::custom(fmt::Error))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}
