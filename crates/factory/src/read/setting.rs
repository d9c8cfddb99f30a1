//! Settings, which replace fields of a config.

use std::fmt;
use std::str::FromStr;

use serde_yaml::{Mapping, Value};

use super::parse::parse;
use super::reader::describe;
use super::{Document, limits};
use crate::ConfigError;

/// A field of a config and its new value, such as `train.epochs=3` or `params.blocks[0].channels=8`.
///
/// The value is YAML. Mappings on the way to the field are created; items of lists must exist.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    text: String,
    field: String,
    path: Vec<Part>,
    value: Value,
}

/// A part of the path of a field.
#[derive(Clone, Debug, PartialEq)]
enum Part {
    Key(String),
    Index(usize),
}

/// Replaces fields of the text of a config. Returns YAML, or the text itself if there are no settings.
///
/// ```
/// let config = "{ name: x, train: { epochs: 60 } }";
/// let settings = ["train.epochs=3".parse()?, "train.batch_size=8".parse()?];
/// let text = factory::with_settings(config, &settings)?;
/// assert_eq!(text, "name: x\ntrain:\n  epochs: 3\n  batch_size: 8\n");
/// # Ok::<(), factory::ConfigError>(())
/// ```
///
/// # Errors
/// If the text is not a config, or has no place for a field.
pub fn with_settings(text: &str, settings: &[Setting]) -> Result<String, ConfigError> {
    if settings.is_empty() {
        return Ok(text.to_owned());
    }
    let mut config = Value::Mapping(Document::parse(text)?.entries);
    for setting in settings {
        replace(&mut config, &setting.path, &setting.value)?;
    }
    serde_yaml::to_string(&config).map_err(limits::invalid)
}

impl Setting {
    /// The path of the field, such as `train.epochs`.
    pub fn field(&self) -> &str {
        &self.field
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Setting {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let expected = || ConfigError::new("", "expected FIELD=VALUE, such as train.epochs=3");
        let (field, value) = text.split_once('=').ok_or_else(expected)?;
        let mut path = Vec::new();
        for word in field.split('.') {
            let (key, indices) = word.split_once('[').map_or((word, None), |(key, rest)| (key, Some(rest)));
            if key.is_empty() {
                return Err(expected());
            }
            path.push(Part::Key(key.to_owned()));
            let Some(indices) = indices else { continue };
            let indices = indices.strip_suffix(']').ok_or_else(expected)?;
            for index in indices.split("][") {
                path.push(Part::Index(index.parse().map_err(|_| expected())?));
            }
        }
        let value = parse(value).map_err(|error| error.within(field))?;
        Ok(Self { text: text.to_owned(), field: field.to_owned(), path, value })
    }
}

/// Replaces the value at `path` below `value`.
fn replace(value: &mut Value, path: &[Part], new: &Value) -> Result<(), ConfigError> {
    let Some((part, rest)) = path.split_first() else {
        *value = new.clone();
        return Ok(());
    };
    match part {
        Part::Key(key) => {
            if value.is_null() {
                *value = Value::Mapping(Mapping::new());
            }
            let Value::Mapping(entries) = value else {
                return Err(ConfigError::expected("a mapping", describe(value)));
            };
            let entry = entries.entry(key_in(entries, key)).or_insert(Value::Null);
            replace(entry, rest, new).map_err(|error| error.within(key))
        }
        Part::Index(index) => {
            let Value::Sequence(items) = value else {
                let advice = "set the whole list, or let `factory show` write the list into the config";
                let message = format!("expected a list in the config, found {}; {advice}", describe(value));
                return Err(ConfigError::new("", message));
            };
            let count = items.len();
            let Some(item) = items.get_mut(*index) else {
                return Err(ConfigError::expected(format!("an index below {count}"), index));
            };
            replace(item, rest, new).map_err(|error| error.at_index(*index))
        }
    }
}

/// The key as the mapping has it: the keys of numbered classes are numbers.
fn key_in(entries: &Mapping, key: &str) -> Value {
    let number = key.parse::<u64>().map(Value::from);
    match number {
        Ok(number) if entries.contains_key(&number) => number,
        _ => Value::from(key),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    const CONFIG: &str = "
name: x
classes: 3
data: { classes: { 0: rest, 1: walk } }
train: { optimizer: adamw, epochs: 60 }
params: { blocks: [{ channels: 4 }, { channels: 8 }], dropout: 0.5 }
";

    fn set(settings: &[&str]) -> Result<Value, String> {
        let settings: Result<Vec<Setting>, _> = settings.iter().map(|text| text.parse()).collect();
        let text = settings.and_then(|settings| with_settings(CONFIG, &settings));
        text.map(|text| parse(&text).unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn fields_are_replaced_and_created() {
        let settings = [
            "train.epochs=3",
            "train.optimizer={ sgd: { momentum: 0.9 } }",
            "train.optimizer.sgd.nesterov=true",
            "params.blocks[1].channels=16",
            "params.dropout=",
            "data.classes.1=run",
            "encoder.preset=s1",
            "name=a=b",
        ];
        let expected = "
name: a=b
classes: 3
data: { classes: { 0: rest, 1: run } }
train: { optimizer: { sgd: { momentum: 0.9, nesterov: true } }, epochs: 3 }
params: { blocks: [{ channels: 4 }, { channels: 16 }], dropout: null }
encoder: { preset: s1 }
";
        assert_eq!(set(&settings).unwrap(), parse(expected).unwrap());
    }

    #[test]
    fn a_text_without_settings_is_unchanged() {
        assert_eq!(with_settings("# x\n{name: x}", &[]).unwrap(), "# x\n{name: x}");
    }

    #[test]
    fn places_that_do_not_exist() {
        let error = |setting: &str| set(&[setting]).unwrap_err();
        assert_eq!(error("params.blocks[2].channels=1"), "params.blocks: expected an index below 2, found 2");
        assert_eq!(
            error("params.stages[0].depth=1"),
            "params.stages: expected a list in the config, found null; set the whole list, or let `factory show` \
             write the list into the config"
        );
        assert_eq!(error("train.epochs.a=1"), "train.epochs: expected a mapping, found 60");
    }

    #[test]
    fn texts_that_are_no_settings() {
        let expected = "expected FIELD=VALUE, such as train.epochs=3";
        for text in ["", "train.epochs", "=3", "a..b=1", "a[=1", "a[x]=1", "a[0=1", "[0]=1", "a[0]b=1"] {
            assert_eq!(text.parse::<Setting>().unwrap_err().to_string(), expected, "{text}");
        }
        let error = "train.epochs=[1".parse::<Setting>().unwrap_err().to_string();
        assert!(error.starts_with("train.epochs: invalid YAML: "), "{error}");
    }
}
