//! Parsing of YAML into values. Unlike the library's own, it reads integers of any size, and what it makes
//! is limited by the length of the text.

use std::cell::{Cell, RefCell};
use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde_yaml::value::{Tag, TaggedValue};
use serde_yaml::{Mapping, Value};

use super::limits::{self, DEEPEST, invalid, invalid_at};
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
            // What follows may be no document, but the place of an error.
            any.deserialize(rest).map_err(|error| limits.explain(&error))?;
            Err(invalid("expected one document, found several; remove the lines `---` and `...`"))
        }
    }
}

/// The values that may still be made, and the reason of a refusal.
struct Limits {
    /// Values and bytes of strings.
    most: usize,
    left: Cell<usize>,
    refusal: RefCell<Option<String>>,
}

impl Limits {
    /// Most values and bytes of strings that aliases add to any text.
    const REPEATED: usize = 100_000;

    fn of(text: &str) -> Self {
        // Without aliases, a byte of text makes no more than two, such as `?` three empty values in `[?,`.
        let most = 3 * text.len() + Self::REPEATED;
        Self { most, left: Cell::new(most), refusal: RefCell::default() }
    }

    /// Takes a value with a string of this length.
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

    /// The library's error in our words where the reason is ours.
    fn explain(&self, error: &serde_yaml::Error) -> ConfigError {
        match (self.refusal.take(), error.location()) {
            (Some(message), Some(place)) => invalid_at(place.line(), place.column(), message),
            (Some(message), None) => invalid(message),
            // Its limit of aliases in aliases is reached first in short texts.
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
    /// Number of lists and mappings around the value.
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
        Ok(Value::Mapping(mapping))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, tagged: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let (tag, content) = tagged.variant::<String>()?;
        self.limits.take(tag.len())?;
        let value = content.newtype_variant_seed(inner)?;
        Ok(Value::Tagged(Box::new(TaggedValue { tag: Tag::new(tag), value })))
    }
}

/// Refuses keys that cannot be told apart quickly. All floating-point numbers have one hash, and that of a
/// list costs as much as the list.
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
