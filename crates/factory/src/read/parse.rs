//! Parsing of YAML into values. Unlike the library's own parser, it reads integers of any size and limits the values
//! by the length of the text.

use std::cell::{Cell, RefCell};
use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde_yaml::value::{Tag, TaggedValue};
use serde_yaml::{Mapping, Value};

use super::limits::{self, DEEPEST, invalid, invalid_at};
use super::merge_keys;
use super::reader::describe;
use crate::ConfigError;

/// Parses the text of a config.
pub(super) fn parse(text: &str) -> Result<Value, ConfigError> {
    let text = limits::check(text)?;
    let mut documents = serde_yaml::Deserializer::from_str(text);
    let Some(document) = documents.next() else { return Ok(Value::Null) };
    let limits = Limits::of(text);
    let any = AnyValue { limits: &limits, depth: 0 };
    let value = any.deserialize(document).map_err(|error| limits.explain(&error))?;
    match documents.next() {
        None => Ok(value),
        Some(rest) => {
            // Further text may be a syntax error instead of a document.
            any.deserialize(rest).map_err(|error| limits.explain(&error))?;
            Err(invalid("expected one document, found several; remove the lines `---` and `...`"))
        }
    }
}

/// The number of values that may still be created, and the reason of a refusal.
struct Limits {
    /// Remaining number of values and bytes of strings.
    most: usize,
    left: Cell<usize>,
    refusal: RefCell<Option<String>>,
}

impl Limits {
    /// Maximum number of values and bytes of strings that aliases may add, regardless of the length of the text.
    const REPEATED: usize = 100_000;

    fn of(text: &str) -> Self {
        // Without aliases, a byte of text creates at most two values: `[?,`, for example, has three empty ones.
        let most = 3 * text.len() + Self::REPEATED;
        Self { most, left: Cell::new(most), refusal: RefCell::default() }
    }

    /// Counts a value with a string of this length, in bytes.
    fn take<E: Error>(&self, length: usize) -> Result<(), E> {
        match self.left.get().checked_sub(1 + length) {
            Some(left) => {
                self.left.set(left);
                Ok(())
            }
            None => {
                let most = self.most;
                Err(self
                    .refuse(format!("expected aliases that add at most {most} values and bytes, found more")))
            }
        }
    }

    fn refuse<E: Error>(&self, message: String) -> E {
        let error = E::custom(&message);
        self.refusal.replace(Some(message));
        error
    }

    /// Converts an error of the library; refusals of this parser keep their own messages.
    fn explain(&self, error: &serde_yaml::Error) -> ConfigError {
        match (self.refusal.take(), error.location()) {
            (Some(message), Some(place)) => invalid_at(place.line(), place.column(), message),
            (Some(message), None) => invalid(message),
            // In short texts, the library's own limit on nested aliases is reached first.
            (None, _) if error.to_string().starts_with("repetition limit exceeded") => {
                invalid("expected aliases that repeat fewer values, found aliases within aliases")
            }
            (None, _) => invalid(error),
        }
    }
}

/// A value, in which an integer beyond 64 bits is the nearest floating-point number.
#[derive(Clone, Copy)]
struct AnyValue<'l> {
    limits: &'l Limits,
    /// Number of lists and mappings that contain the value.
    depth: usize,
}

impl AnyValue<'_> {
    /// A value in this list or mapping.
    fn inner<E: Error>(self) -> Result<Self, E> {
        if self.depth == DEEPEST {
            return Err(self.limits.refuse(limits::too_deep()));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for AnyValue<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.limits.take(0)?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for AnyValue<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any YAML value")
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u128<E: Error>(self, value: u128) -> Result<Value, E> {
        Ok((value as f64).into())
    }

    fn visit_i128<E: Error>(self, value: i128) -> Result<Value, E> {
        Ok((value as f64).into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        self.limits.take(value.len())?;
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(inner)? {
            values.push(value);
        }
        Ok(Value::Sequence(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut mapping = Mapping::new();
        while let Some(key) = entries.next_key_seed(inner)? {
            check_key(self.limits, &key)?;
            if mapping.contains_key(&key) {
                let key = describe(&key);
                return Err(self.limits.refuse(format!("the key {key} is given twice")));
            }
            let value = entries.next_value_seed(inner)?;
            mapping.insert(key, value);
        }
        match merge_keys::apply(mapping) {
            Ok(mapping) => Ok(Value::Mapping(mapping)),
            Err(message) => Err(self.limits.refuse(message)),
        }
    }

    fn visit_enum<A: EnumAccess<'de>>(self, tagged: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let (tag, content) = tagged.variant::<String>()?;
        self.limits.take(tag.len())?;
        let value = content.newtype_variant_seed(inner)?;
        Ok(Value::Tagged(Box::new(TaggedValue { tag: Tag::new(tag), value })))
    }
}

/// Refuses keys that a hash map handles slowly: all floating-point numbers have the same hash, and hashing a list
/// takes time proportional to its size.
fn check_key<E: Error>(limits: &Limits, key: &Value) -> Result<(), E> {
    let is_cheap = match key {
        Value::Null | Value::Bool(_) | Value::String(_) => true,
        Value::Number(number) => !number.is_f64(),
        Value::Sequence(_) | Value::Mapping(_) | Value::Tagged(_) => false,
    };
    if is_cheap {
        return Ok(());
    }
    Err(limits.refuse(format!("expected a string key, found {}", describe(key))))
}
