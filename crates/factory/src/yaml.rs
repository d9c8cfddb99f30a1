//! Reading YAML level by level, so that every message has its path. The only module that knows
//! the YAML library.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_yaml::{Mapping, Value};

use crate::ConfigError;

/// A level of a config: a mapping with known keys.
#[derive(Clone)]
pub(crate) struct Level {
    path: String,
    entries: Mapping,
}

impl Level {
    /// The top level of a YAML (or JSON) text.
    pub(crate) fn parse(text: &str) -> Result<Self, ConfigError> {
        let value: Value =
            serde_yaml::from_str(text).map_err(|error| ConfigError::new("", format!("not YAML: {error}")))?;
        Self::of("", value)
    }

    /// A level without keys.
    pub(crate) fn empty(path: &str) -> Self {
        Self { path: path.to_owned(), entries: Mapping::new() }
    }

    /// A mapping as a level.
    pub(crate) fn of(path: &str, value: Value) -> Result<Self, ConfigError> {
        match value {
            Value::Mapping(entries) => Ok(Self { path: path.to_owned(), entries }),
            other => Err(ConfigError::new(
                path,
                format!("{} found, a mapping of keys is needed", describe(&other)),
            )),
        }
    }

    /// The path of a key below this level.
    pub(crate) fn path(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// Refuses keys that are not `known`, naming the nearest that is.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), ConfigError> {
        for key in self.entries.keys() {
            let key = key.as_str().ok_or_else(|| {
                ConfigError::new(self.path.as_str(), format!("the key {} is no text", describe(key)))
            })?;
            if !known.contains(&key) {
                return Err(ConfigError::new(self.path(key), unknown(key, known)));
            }
        }
        Ok(())
    }

    /// Takes the value of a key out; null counts as absent.
    pub(crate) fn take(&mut self, key: &str) -> Option<Value> {
        self.entries.remove(key).filter(|value| !value.is_null())
    }

    /// Takes and reads the value of a key.
    pub(crate) fn read<T: DeserializeOwned>(&mut self, key: &str) -> Result<Option<T>, ConfigError> {
        let path = self.path(key);
        self.take(key).map(|value| read(&path, value)).transpose()
    }

    /// Takes and reads the value of a key that must be there.
    pub(crate) fn need<T: DeserializeOwned>(&mut self, key: &str) -> Result<T, ConfigError> {
        let path = self.path(key);
        self.read(key)?.ok_or_else(|| ConfigError::new(path, "missing"))
    }

    /// Takes a key's value as a level of its own.
    pub(crate) fn level(&mut self, key: &str) -> Result<Option<Self>, ConfigError> {
        let path = self.path(key);
        self.take(key).map(|value| Self::of(&path, value)).transpose()
    }

    /// These entries laid over those of `base`.
    pub(crate) fn over(self, base: Self) -> Self {
        let mut entries = base.entries;
        entries.extend(self.entries);
        Self { path: self.path, entries }
    }

    /// Sets a key; an absent number is null.
    pub(crate) fn set(&mut self, key: &str, value: Option<usize>) {
        self.entries.insert(key.into(), value.map_or(Value::Null, Value::from));
    }

    /// Reads all of this level.
    pub(crate) fn read_whole<T: DeserializeOwned>(self) -> Result<T, ConfigError> {
        read(&self.path, Value::Mapping(self.entries))
    }

    /// Whether the value of a key is a level.
    pub(crate) fn is_level(&self, key: &str) -> bool {
        self.entries.get(key).is_some_and(Value::is_mapping)
    }

    /// Whether there is such a key.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }
}

/// Reads a value; the message of what is wrong has the path below `path`.
pub(crate) fn read<T: DeserializeOwned>(path: &str, value: Value) -> Result<T, ConfigError> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let below = error.path().to_string();
        let below = if below == "." { String::new() } else { format!(".{below}") };
        let message = plain(&error.into_inner().to_string());
        let (below, message) = match misspelt(&message) {
            // serde names the key in its message; it belongs to the path.
            Some((key, message)) => {
                (if below.ends_with(&format!(".{key}")) { below } else { format!("{below}.{key}") }, message)
            }
            None => (below, message),
        };
        ConfigError::new(format!("{path}{below}").trim_start_matches('.'), message)
    })
}

/// A config as a level.
pub(crate) fn write(path: &str, config: &impl Serialize) -> Result<Level, ConfigError> {
    let value = serde_yaml::to_value(config).map_err(|error| ConfigError::new(path, error.to_string()))?;
    Level::of(path, value)
}

/// serde's sentence about an unknown field, as key and a sentence with the nearest known one.
fn misspelt(message: &str) -> Option<(String, String)> {
    let rest = message.strip_prefix("unknown field `")?;
    let (key, rest) = rest.split_once('`')?;
    let known: Vec<&str> = rest.split('`').skip(1).step_by(2).collect();
    Some((key.to_owned(), unknown(key, &known)))
}

fn unknown(key: &str, known: &[&str]) -> String {
    let nearest = known.iter().max_by(|a, b| {
        strsim::normalized_damerau_levenshtein(key, a)
            .total_cmp(&strsim::normalized_damerau_levenshtein(key, b))
    });
    match nearest {
        Some(nearest) => format!("unknown key; the nearest valid one is `{nearest}`"),
        None => "unknown key; none is allowed here".to_owned(),
    }
}

/// serde's names of Rust types, in words.
fn plain(message: &str) -> String {
    let words = [
        ("usize", "a whole number of at least 0"),
        ("u64", "a whole number of at least 0"),
        ("f64", "a number"),
        ("a sequence", "a list"),
        ("struct ", "a mapping of the keys of "),
    ];
    let (found, expected) = message.rsplit_once(", expected ").unwrap_or((message, ""));
    let Some((theirs, ours)) = words.iter().find(|(theirs, _)| expected.starts_with(theirs)) else {
        return message.to_owned();
    };
    format!("{found}, expected {ours}{}", &expected[theirs.len()..])
}

fn describe(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(b) => format!("`{b}`"),
        Value::Number(n) => format!("the number {n}"),
        Value::String(s) => format!("the text {s:?}"),
        Value::Sequence(list) => format!("a list of {}", list.len()),
        Value::Mapping(_) => "a mapping".to_owned(),
        Value::Tagged(tagged) => format!("the tag {}", tagged.tag),
    }
}
