//! Lists, mappings and variants; their errors gain the index or key on the way out.

use std::borrow::Cow;

use serde::Deserializer;
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde_yaml::mapping::Iter;
use serde_yaml::{Mapping, Value};

use super::reader::{Reader, describe};
use crate::ConfigError;

/// The items of a list.
pub(super) struct Items<'v> {
    list: &'v [Value],
    rank: Option<usize>,
    read: usize,
}

impl<'v> Items<'v> {
    pub(super) fn of(list: &'v [Value], rank: Option<usize>) -> Self {
        Self { list, rank, read: 0 }
    }

    /// Number of items read so far.
    pub(super) fn read(&self) -> usize {
        self.read
    }
}

impl<'v> SeqAccess<'v> for &mut Items<'v> {
    type Error = ConfigError;

    fn next_element_seed<T: DeserializeSeed<'v>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, ConfigError> {
        let index = self.read;
        let Some(value) = self.list.get(index) else { return Ok(None) };
        self.read += 1;
        match seed.deserialize(Reader::of(value, self.rank)) {
            Ok(item) => Ok(Some(item)),
            Err(error) => Err(error.at_index(index)),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.list.len() - self.read)
    }
}

/// The entries of a mapping.
pub(super) struct Entries<'v> {
    entries: Iter<'v>,
    rank: Option<usize>,
    current: Option<(Cow<'v, str>, &'v Value)>,
}

impl<'v> Entries<'v> {
    pub(super) fn of(entries: &'v Mapping, rank: Option<usize>) -> Self {
        Self { entries: entries.iter(), rank, current: None }
    }
}

impl<'v> MapAccess<'v> for Entries<'v> {
    type Error = ConfigError;

    fn next_key_seed<K: DeserializeSeed<'v>>(&mut self, seed: K) -> Result<Option<K::Value>, ConfigError> {
        let Some((key, value)) = self.entries.next() else { return Ok(None) };
        let key = match key {
            Value::String(key) => Cow::Borrowed(key.as_str()),
            // The classes of a data set are often numbered.
            Value::Number(number) => Cow::Owned(number.to_string()),
            key => return Err(ConfigError::expected("a string key", describe(key))),
        };
        let read = seed.deserialize(StrDeserializer::<ConfigError>::new(&key));
        self.current = Some((key, value));
        read.map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'v>>(&mut self, seed: T) -> Result<T::Value, ConfigError> {
        let (key, value) = self.current.take().expect("serde asks for a key before its value");
        seed.deserialize(Reader::of(value, self.rank)).map_err(|error| error.within(&key))
    }
}

/// A variant with content: a mapping with its name as the only key.
pub(super) struct Variant<'v> {
    name: &'v str,
    content: &'v Value,
    rank: Option<usize>,
}

impl<'v> Variant<'v> {
    pub(super) fn of(entries: &'v Mapping, rank: Option<usize>) -> Option<Self> {
        let mut entries = entries.iter();
        let (name, content) = entries.next()?;
        if entries.next().is_some() {
            return None;
        }
        Some(Self { name: name.as_str()?, content, rank })
    }

    fn content(&self) -> Reader<'v> {
        Reader::of(self.content, self.rank)
    }
}

impl<'v> EnumAccess<'v> for Variant<'v> {
    type Error = ConfigError;
    type Variant = Self;

    fn variant_seed<T: DeserializeSeed<'v>>(self, seed: T) -> Result<(T::Value, Self), ConfigError> {
        let name = seed.deserialize(StrDeserializer::<ConfigError>::new(self.name))?;
        Ok((name, self))
    }
}

impl<'v> VariantAccess<'v> for Variant<'v> {
    type Error = ConfigError;

    fn unit_variant(self) -> Result<(), ConfigError> {
        match self.content {
            Value::Null => Ok(()),
            content => {
                Err(ConfigError::expected(format!("`{}` alone", self.name), describe(content))
                    .within(self.name))
            }
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'v>>(self, seed: T) -> Result<T::Value, ConfigError> {
        seed.deserialize(self.content()).map_err(|error| error.within(self.name))
    }

    fn tuple_variant<V: Visitor<'v>>(self, length: usize, visitor: V) -> Result<V::Value, ConfigError> {
        self.content().deserialize_tuple(length, visitor).map_err(|error| error.within(self.name))
    }

    fn struct_variant<V: Visitor<'v>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ConfigError> {
        self.content().deserialize_map(visitor).map_err(|error| error.within(self.name))
    }
}
