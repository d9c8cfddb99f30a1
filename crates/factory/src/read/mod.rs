//! Reading of YAML (and so JSON) into serde's types. The only module that knows the YAML library.

mod collections;
mod flow;
mod limits;
mod merge_keys;
mod parse;
mod print;
mod reader;
mod setting;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_yaml::{Mapping, Value};

use crate::ConfigError;
use reader::Reader;

pub(crate) use limits::LARGEST_TEXT;
pub use setting::{Setting, with_settings};

/// The mapping at the top of a config, or below it, not read further yet.
#[derive(Clone, Debug, Default)]
pub struct Document {
    entries: Mapping,
}

impl Document {
    /// Parses the text of a config, YAML or JSON, of at most 1 MiB and with at most 64 levels of nesting. A byte
    /// order mark is ignored. Aliases are expanded as long as the repeated values are proportionate to the text, and
    /// the merge key `<<` is applied. Top-level keys that begin with `x-` are left out; they are a place for anchors
    /// and notes.
    ///
    /// # Errors
    /// If the text is not YAML, is not a mapping, or exceeds a limit.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        match parse::parse(text)? {
            Value::Null => Err(ConfigError::new("", "expected a config, such as `name: …`, found nothing")),
            value => {
                let mut document = Self::of(value)?;
                document.entries.retain(|key, _| !key.as_str().is_some_and(|key| key.starts_with("x-")));
                Ok(document)
            }
        }
    }

    /// A serializable value as a document.
    ///
    /// # Errors
    /// A value that is not a mapping.
    pub fn serialize(value: &impl Serialize) -> Result<Self, ConfigError> {
        let value = serde_yaml::to_value(value).map_err(|error| ConfigError::new("", error.to_string()))?;
        Self::of(value)
    }

    pub(crate) fn of(value: Value) -> Result<Self, ConfigError> {
        match value {
            Value::Mapping(entries) => Ok(Self { entries }),
            other => Err(ConfigError::expected("a mapping", reader::describe(&other))),
        }
    }

    /// Reads the whole document.
    ///
    /// # Errors
    /// Names the path of the field that cannot be read.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, ConfigError> {
        T::deserialize(Reader::of(&Value::Mapping(self.entries.clone()), None))
    }

    /// Reads the whole document, as parameters of a network for inputs with `rank` spatial axes. Windows
    /// that no such network has are refused.
    pub(crate) fn read_for<T: DeserializeOwned>(&self, rank: usize) -> Result<T, ConfigError> {
        T::deserialize(Reader::of(&Value::Mapping(self.entries.clone()), Some(rank)))
    }

    /// Reads the value of one key; `None` if the key is absent or null.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn section<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, ConfigError> {
        match self.entries.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => match T::deserialize(Reader::of(value, None)) {
                Ok(section) => Ok(Some(section)),
                Err(error) => Err(error.within(key)),
            },
        }
    }

    /// Whether the value of a key is a mapping.
    pub fn is_mapping(&self, key: &str) -> bool {
        self.entries.get(key).is_some_and(Value::is_mapping)
    }

    /// Sets the value of a key at the top level. A key that exists keeps its place.
    ///
    /// # Errors
    /// A value that cannot be serialized.
    pub fn insert(&mut self, key: &str, value: &impl Serialize) -> Result<(), ConfigError> {
        let value = serde_yaml::to_value(value).map_err(|error| ConfigError::new(key, error.to_string()))?;
        self.entries.insert(key.into(), value);
        Ok(())
    }

    /// Removes a key at the top level.
    pub(crate) fn remove(&mut self, key: &str) {
        self.entries.shift_remove(key);
    }

    /// Inserts a document below a key at the top level.
    pub(crate) fn insert_document(&mut self, key: &str, document: Self) {
        self.entries.insert(key.into(), Value::Mapping(document.entries));
    }

    /// Copies the value of a key at the top level of `other`, if there is one.
    pub(crate) fn copy(&mut self, other: &Self, key: &str) {
        if let Some(value) = other.entries.get(key) {
            self.entries.insert(key.into(), value.clone());
        }
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// Sets a number; `None` becomes null.
    pub(crate) fn set(&mut self, key: &str, number: Option<usize>) {
        self.entries.insert(key.into(), number.map_or(Value::Null, Value::from));
    }

    /// These entries over those of `base`.
    pub(crate) fn over(self, base: Self) -> Self {
        let mut entries = base.entries;
        entries.extend(self.entries);
        Self { entries }
    }
}
