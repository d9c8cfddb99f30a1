//! The serde deserializer of one YAML value.

use std::fmt::Display;

use graph::{LARGEST_EXTENT, quoted};
use serde::Deserializer;
use serde::de::Visitor;
use serde::de::value::BorrowedStrDeserializer;
use serde_yaml::{Mapping, Number, Value};

use super::collections::{Entries, Items, Variant};
use crate::ConfigError;
use crate::keys::shorten;

/// Reads one value.
#[derive(Clone, Copy)]
pub(super) struct Reader<'v> {
    value: &'v Value,
    /// Spatial axes of the network that the value describes, if known.
    rank: Option<usize>,
}

impl<'v> Reader<'v> {
    pub(super) fn of(value: &'v Value, rank: Option<usize>) -> Self {
        Self { value, rank }
    }

    fn expected<T>(self, what: impl Display) -> Result<T, ConfigError> {
        Err(ConfigError::expected(what, describe(self.value)))
    }

    fn number(self, what: &str) -> Result<&'v Number, ConfigError> {
        let Value::Number(number) = self.value else { return self.expected(what) };
        match number.as_f64() {
            Some(value) if !value.is_finite() => self.expected("a finite number"),
            _ => Ok(number),
        }
    }

    fn float<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        match self.number("a number")?.as_f64() {
            Some(number) => visitor.visit_f64(number),
            None => self.expected("a number"),
        }
    }

    fn unsigned<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        let what = "a non-negative integer";
        match self.number(what)?.as_u64() {
            Some(number) => visitor.visit_u64(number),
            None => self.expected(what),
        }
    }

    fn signed<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        match self.number("an integer")?.as_i64() {
            Some(number) => visitor.visit_i64(number),
            None => self.expected("an integer"),
        }
    }

    fn text<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        match self.value {
            Value::String(text) => visitor.visit_borrowed_str(text),
            _ => self.expected("a string"),
        }
    }

    fn list<V: Visitor<'v>>(self, list: &'v [Value], visitor: V) -> Result<V::Value, ConfigError> {
        let mut items = Items::of(list, self.rank);
        let value = visitor.visit_seq(&mut items)?;
        match items.read() {
            read if read == list.len() => Ok(value),
            read => self.expected(format!("a list of {read}")),
        }
    }

    fn mapping<V: Visitor<'v>>(self, entries: &'v Mapping, visitor: V) -> Result<V::Value, ConfigError> {
        visitor.visit_map(Entries::of(entries, self.rank))
    }

    /// Refuses a kernel, stride or dilation that no network for inputs of this rank has.
    fn check_extent(self) -> Result<(), ConfigError> {
        let Some(rank) = self.rank else { return Ok(()) };
        let numbers = match self.value {
            Value::Sequence(list) => list.as_slice(),
            value => std::slice::from_ref(value),
        };
        for number in numbers.iter().filter_map(Value::as_u64) {
            if number == 0 || number > LARGEST_EXTENT as u64 {
                return Err(ConfigError::expected(format!("1 to {LARGEST_EXTENT}"), number));
            }
        }
        match (rank, numbers) {
            (1, [rows, columns]) if rows.as_u64() != Some(1) => {
                let found = format!("[{}, {}]", describe(rows), describe(columns));
                Err(ConfigError::expected("one number, or [1, n], because the input is a series", found))
            }
            _ => Ok(()),
        }
    }
}

impl<'v> Deserializer<'v> for Reader<'v> {
    type Error = ConfigError;

    fn deserialize_any<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        match self.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(number) if number.is_u64() => self.unsigned(visitor),
            Value::Number(number) if number.is_i64() => self.signed(visitor),
            Value::Number(_) => self.float(visitor),
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Sequence(list) => self.list(list, visitor),
            Value::Mapping(entries) => self.mapping(entries, visitor),
            Value::Tagged(_) => self.expected("a value without a tag"),
        }
    }

    fn deserialize_bool<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        match self.value {
            Value::Bool(value) => visitor.visit_bool(*value),
            _ => self.expected("`true` or `false`"),
        }
    }

    fn deserialize_i8<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        self.signed(visitor)
    }

    fn deserialize_i16<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        self.signed(visitor)
    }

    fn deserialize_i32<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        self.signed(visitor)
    }

    fn deserialize_i64<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        self.signed(visitor)
    }

    fn deserialize_u8<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        self.unsigned(visitor)
    }

    fn deserialize_u16<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        self.unsigned(visitor)
    }

    fn deserialize_u32<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        self.unsigned(visitor)
    }

    fn deserialize_u64<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        self.unsigned(visitor)
    }

    fn deserialize_f32<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        self.float(visitor)
    }

    fn deserialize_f64<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        self.float(visitor)
    }

    fn deserialize_char<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        self.text(visitor)
    }

    fn deserialize_str<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        self.text(visitor)
    }

    fn deserialize_string<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        self.text(visitor)
    }

    fn deserialize_bytes<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        self.text(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        self.text(visitor)
    }

    fn deserialize_option<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        match self.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_unit<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        match self.value {
            Value::Null => visitor.visit_unit(),
            _ => self.expected("null"),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'v>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, ConfigError> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'v>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ConfigError> {
        if name == "Extent" {
            self.check_extent()?;
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        match self.value {
            Value::Sequence(list) => self.list(list, visitor),
            _ => self.expected("a list"),
        }
    }

    fn deserialize_tuple<V: Visitor<'v>>(self, length: usize, visitor: V) -> Result<V::Value, ConfigError> {
        match self.value {
            Value::Sequence(list) if list.len() == length => self.list(list, visitor),
            _ => self.expected(format!("a list of {length}")),
        }
    }

    fn deserialize_tuple_struct<V: Visitor<'v>>(
        self,
        _: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, ConfigError> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_map<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        match self.value {
            Value::Mapping(entries) => self.mapping(entries, visitor),
            _ => self.expected("a mapping"),
        }
    }

    fn deserialize_struct<V: Visitor<'v>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ConfigError> {
        self.deserialize_map(visitor)
    }

    /// A name, or a mapping from a name to its content.
    fn deserialize_enum<V: Visitor<'v>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ConfigError> {
        match self.value {
            Value::String(name) => visitor.visit_enum(BorrowedStrDeserializer::new(name)),
            Value::Mapping(entries) => match Variant::of(entries, self.rank) {
                Some(variant) => visitor.visit_enum(variant),
                None => self.expected("a name"),
            },
            _ => self.expected("a name"),
        }
    }

    fn deserialize_identifier<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        self.text(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, ConfigError> {
        visitor.visit_unit()
    }
}

/// A value as a message shows it.
pub(super) fn describe(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => format!("`{value}`"),
        Value::Number(number) => number.to_string(),
        Value::String(text) => format!("{:?}", shorten(text)),
        Value::Sequence(list) if list.is_empty() => "an empty list".to_owned(),
        Value::Sequence(list) => format!("a list of {}", list.len()),
        Value::Mapping(_) => "a mapping".to_owned(),
        Value::Tagged(tagged) => format!("the tag {}", quoted(&tagged.tag.to_string())),
    }
}
