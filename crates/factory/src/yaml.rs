//! Reading YAML level by level, so that every message has its path. The only module that knows
//! the YAML library.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_yaml::{Mapping, Value};

use crate::ConfigError;
use crate::synonyms::synonym;

/// A level of a config: a mapping with known keys.
#[derive(Clone)]
pub struct Level {
    path: String,
    entries: Mapping,
}

impl Level {
    /// The top level of a YAML (or JSON) text.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let value: Value = serde_yaml::from_str(text).map_err(|error| unparsed(&error.to_string()))?;
        sound("", &value)?;
        Self::of("", value)
    }

    /// A level without keys.
    pub fn empty(path: &str) -> Self {
        Self { path: path.to_owned(), entries: Mapping::new() }
    }

    /// A mapping as a level.
    pub fn of(path: &str, value: Value) -> Result<Self, ConfigError> {
        match value {
            Value::Mapping(entries) => Ok(Self { path: path.to_owned(), entries }),
            other => Err(ConfigError::new(
                path,
                format!("{} found, a mapping of keys is needed", describe(&other)),
            )),
        }
    }

    /// The path of a key below this level.
    pub fn path(&self, key: &str) -> String {
        below(&self.path, key)
    }

    /// Refuses keys that are not `known`, naming the nearest that is.
    pub fn only(&self, known: &[&str]) -> Result<(), ConfigError> {
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
    pub fn take(&mut self, key: &str) -> Option<Value> {
        self.entries.remove(key).filter(|value| !value.is_null())
    }

    /// Takes and reads the value of a key.
    pub fn read<T: DeserializeOwned>(&mut self, key: &str) -> Result<Option<T>, ConfigError> {
        let path = self.path(key);
        self.take(key).map(|value| read(&path, value)).transpose()
    }

    /// Takes and reads the value of a key that must be there.
    pub fn need<T: DeserializeOwned>(&mut self, key: &str) -> Result<T, ConfigError> {
        let path = self.path(key);
        self.read(key)?.ok_or_else(|| ConfigError::new(path, "missing"))
    }

    /// Takes a key's value as a level of its own.
    pub fn level(&mut self, key: &str) -> Result<Option<Self>, ConfigError> {
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
    pub fn read_whole<T: DeserializeOwned>(self) -> Result<T, ConfigError> {
        read(&self.path, Value::Mapping(self.entries))
    }

    /// Refuses numbers per axis that no window has, or that are for images where the input is a
    /// series (`rank` 1); they are known by their keys.
    pub(crate) fn extents(&self, rank: usize) -> Result<(), ConfigError> {
        extents(&self.path, &self.entries, rank)
    }

    /// Whether the value of a key is a level.
    pub fn is_level(&self, key: &str) -> bool {
        self.entries.get(key).is_some_and(Value::is_mapping)
    }

    /// Whether there is such a key.
    pub fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }
}

/// Reads a value; the message of what is wrong has the path below `path`.
pub(crate) fn read<T: DeserializeOwned>(path: &str, value: Value) -> Result<T, ConfigError> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let below = error.path().to_string();
        let below = if below == "." { String::new() } else { format!(".{below}") };
        let message = error.into_inner().to_string();
        let (below, message) = match misspelt(&message).or_else(|| missing(&message)) {
            // serde names the key in its message; it belongs to the path.
            Some((key, message)) => {
                (if below.ends_with(&format!(".{key}")) { below } else { format!("{below}.{key}") }, message)
            }
            None => (below, plain(&message)),
        };
        ConfigError::new(format!("{path}{below}").trim_start_matches('.'), message)
    })
}

/// The YAML library's sentence about a text that it cannot read.
fn unparsed(message: &str) -> ConfigError {
    // It counts to 2^64 only.
    let large = message.split_once("invalid type: integer `").and_then(|(path, rest)| {
        let (number, rest) = rest.split_once('`')?;
        rest.contains("128, expected").then_some((path.trim_end_matches(": "), number))
    });
    match large {
        Some((path, number)) => ConfigError::new(path, format!("{number} is out of range")),
        None => ConfigError::new("", format!("not YAML: {message}")),
    }
}

/// Refuses numbers that are none, and keys that no config has.
fn sound(path: &str, value: &Value) -> Result<(), ConfigError> {
    match value {
        Value::Number(number) if number.as_f64().is_some_and(|number| !number.is_finite()) => {
            Err(ConfigError::new(path, format!("{number} is not a finite number")))
        }
        Value::Sequence(list) => {
            list.iter().enumerate().try_for_each(|(i, value)| sound(&format!("{path}[{i}]"), value))
        }
        Value::Mapping(entries) => entries.iter().try_for_each(|(key, value)| match key.as_str() {
            Some(key) => sound(&below(path, key), value),
            None => {
                Err(ConfigError::new(path, format!("{} found as a key, a text is needed", describe(key))))
            }
        }),
        Value::Tagged(tagged) => {
            Err(ConfigError::new(path, format!("the tag {} means nothing here", tagged.tag)))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

/// Largest kernel, stride or dilation.
const LARGEST: u64 = 1 << 24;

/// Keys of one number for all axes, or one for each.
fn is_extent(key: &str) -> bool {
    ["kernel", "stride", "dilation", "pool"]
        .iter()
        .any(|name| key.strip_suffix(name).is_some_and(|before| before.is_empty() || before.ends_with('_')))
}

fn extents(path: &str, entries: &Mapping, rank: usize) -> Result<(), ConfigError> {
    for (key, value) in entries {
        let key = key.as_str().unwrap_or_default();
        let path = below(path, key);
        match value {
            Value::Number(_) if is_extent(key) => extent(&path, value)?,
            Value::Sequence(list) if is_extent(key) => {
                list.iter().try_for_each(|number| extent(&path, number))?;
                if rank == 1 && list.len() == 2 && list[0].as_u64() != Some(1) {
                    let list: Vec<String> =
                        list.iter().filter_map(Value::as_u64).map(|n| n.to_string()).collect();
                    let message =
                        format!("[{}] is for images; a series needs one number, or [1, n]", list.join(", "));
                    return Err(ConfigError::new(path, message));
                }
            }
            Value::Mapping(entries) => extents(&path, entries, rank)?,
            Value::Sequence(list) => {
                for (i, value) in list.iter().enumerate() {
                    let Value::Mapping(entries) = value else { continue };
                    extents(&format!("{path}[{i}]"), entries, rank)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn extent(path: &str, number: &Value) -> Result<(), ConfigError> {
    match number.as_u64() {
        Some(n) if !(1..=LARGEST).contains(&n) => {
            Err(ConfigError::new(path, format!("{n}; 1 to {LARGEST} is needed")))
        }
        _ => Ok(()),
    }
}

fn below(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
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
    if let Some(ours) = synonym(key, known) {
        return format!("unknown key; use `{ours}`");
    }
    let nearest = known.iter().max_by(|a, b| {
        strsim::normalized_damerau_levenshtein(key, a)
            .total_cmp(&strsim::normalized_damerau_levenshtein(key, b))
    });
    match nearest {
        Some(nearest) => format!("unknown key; the nearest valid one is `{nearest}`"),
        None => "unknown key; none is allowed here".to_owned(),
    }
}

/// serde's sentence about a field that is not there.
fn missing(message: &str) -> Option<(String, String)> {
    let key = message.strip_prefix("missing field `")?.strip_suffix('`')?;
    Some((key.to_owned(), "missing".to_owned()))
}

/// serde's sentences in the words of a config.
fn plain(message: &str) -> String {
    if let Some(rest) = message.strip_prefix("unknown variant `") {
        let mut names = rest.split('`').step_by(2);
        let found = names.next().unwrap_or_default();
        return format!("`{found}` is unknown; known are {}", names.collect::<Vec<_>>().join(", "));
    }
    let Some((theirs, needed)) = message.split_once(", expected ") else { return message.to_owned() };
    let found =
        ["invalid type: ", "invalid value: ", "invalid "].iter().find_map(|start| theirs.strip_prefix(start));
    let Some(found) = found else { return message.to_owned() };
    format!("{} found, {} is needed", found_in_words(found), needed_in_words(needed))
}

/// What serde found, in words: "integer `3`", "string \"a\"", "length 3", "sequence".
fn found_in_words(theirs: &str) -> String {
    let value = theirs.split_once(' ').map_or("", |(_, value)| value);
    let number = theirs.rsplit_once(' ').map_or("", |(_, number)| number).trim_matches('`');
    match theirs.split(' ').next() {
        Some("integer" | "floating") => format!("the number {number}"),
        Some("boolean") => value.to_owned(),
        Some("string") => format!("the text {value}"),
        Some("length") => format!("a list of {number}"),
        Some("sequence") => "a list".to_owned(),
        Some("map") => "a mapping".to_owned(),
        Some("unit") => "nothing".to_owned(),
        _ => theirs.to_owned(),
    }
}

/// What serde needs, in words: it has the names of Rust's types.
fn needed_in_words(theirs: &str) -> &str {
    match theirs {
        "usize" | "u64" => "a whole number of at least 0",
        "f64" => "a number",
        "a boolean" => "true or false",
        "a string" => "a text",
        "a sequence" => "a list",
        "a Value::Tagged enum" => "a name",
        "an array of length 2" => "a list of 2",
        "fewer elements in sequence" => "a shorter list",
        _ if theirs.starts_with("struct ") => "a mapping of keys",
        _ => theirs,
    }
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
