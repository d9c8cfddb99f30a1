//! The text of a config with comments.

use serde_json::{Value, json};

use super::draft::{Draft, Remark};
use super::network::{Network, RULE};
use crate::failure::Failure;

/// Maximum width of a comment, in characters.
const WIDTH: usize = 100;
/// The keys of the section `data`, in order.
const DATA: [&str; 14] = [
    "task",
    "folder",
    "train",
    "validation",
    "test",
    "format",
    "classes",
    "ignore_classes",
    "missing",
    "pad",
    "sampling_rate",
    "window",
    "noise",
    "augment",
];
/// The order of the keys of other mappings.
const ORDER: [&str; 20] = [
    "file",
    "from",
    "to",
    "epochs",
    "batch_size",
    "learning_rate",
    "padding",
    "output",
    "head_kernel",
    "stem",
    "stem_pool",
    "channels",
    "depth",
    "kernel",
    "stride",
    "dilation",
    "length",
    "step",
    "snr",
    "white",
];
/// The keys of `format`, in order.
const FORMAT: [&str; 7] = ["layout", "channels", "ignore", "target", "group", "time", "input"];

/// Returns the config of a draft.
pub(super) fn config(
    draft: &Draft,
    command: &str,
    network: &Network,
    training: &Value,
) -> Result<String, Failure> {
    let mut text = Text::default();
    text.comment(0, &format!("Written by `{command}`. The comments give the reasons and the alternatives."));
    text.line(0, &format!("name: {}", scalar(&draft.name)));
    text.entry(draft, 0, "input", &factory::input_section(&draft.input));
    text.entry(draft, 0, "classes", &draft.outputs.to_string());
    text.comment(0, RULE);
    text.line(0, &format!("architecture: {}", network.architecture));
    if let Some(preset) = network.preset {
        text.line(0, &format!("preset: {preset}"));
    }
    if let Some(params) = &network.params {
        text.block(0, "params", params);
    }
    text.line(0, "data:");
    let mut data = serde_json::to_value(&draft.data).map_err(Failure::failed)?;
    if let Some(noise) = &draft.data.noise {
        data["noise"] = json!({ "snr": noise.snr, "white": noise.white });
    }
    if let Some(Value::Object(window)) = data.get_mut("window") {
        window.retain(|_, value| !value.is_null());
    }
    for key in DATA {
        let value = data.get(key).filter(|value| !is_default(key, value));
        match value {
            Some(Value::Object(format)) if key == "format" => {
                text.remarks_above(draft, 2, key);
                text.line(2, "format:");
                for key in FORMAT {
                    let value = format.get(key);
                    text.optional(draft, 4, key, value);
                }
            }
            value => text.optional(draft, 2, key, value),
        }
    }
    text.block(0, "train", training);
    text.remarks_below(draft, 2, "train");
    Ok(text.0)
}

/// Whether a value need not be written.
fn is_default(key: &str, value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(map) => key == "augment" || map.is_empty(),
        Value::String(text) => key == "missing" && text == "refuse",
        _ => false,
    }
}

#[derive(Default)]
struct Text(String);

impl Text {
    fn line(&mut self, indent: usize, line: &str) {
        self.0.push_str(&format!("{}{line}\n", " ".repeat(indent)));
    }

    /// Adds a comment, wrapped.
    fn comment(&mut self, indent: usize, sentence: &str) {
        let sentence = graph::one_line(sentence);
        let next = if sentence.starts_with("- ") { "#  " } else { "#" };
        let mut line = "#".to_owned();
        for word in sentence.split(' ') {
            if line.chars().count() + 1 + word.chars().count() + indent > WIDTH && line.len() > 1 {
                self.line(indent, &line);
                line = next.to_owned();
            }
            line.push(' ');
            line.push_str(word);
        }
        self.line(indent, &line);
    }

    fn remarks_above(&mut self, draft: &Draft, indent: usize, key: &str) {
        for remark in draft.remarks.of(key) {
            if let Remark::Because(sentence) = remark {
                self.comment(indent, sentence);
            }
        }
    }

    fn remarks_below(&mut self, draft: &Draft, indent: usize, key: &str) {
        for remark in draft.remarks.of(key) {
            if let Remark::Or(line, meaning) = remark {
                self.line(indent, &format!("# {line}   # {}", graph::one_line(meaning)));
            }
        }
    }

    fn entry(&mut self, draft: &Draft, indent: usize, key: &str, value: &str) {
        self.remarks_above(draft, indent, key);
        self.line(indent, &format!("{key}: {value}"));
        self.remarks_below(draft, indent, key);
    }

    /// Adds a key, or only its remarks if it has no value.
    fn optional(&mut self, draft: &Draft, indent: usize, key: &str, value: Option<&Value>) {
        // The top level has keys of these names, too.
        let remarks = match key {
            "train" => "data.train",
            "classes" => "data.classes",
            "input" => "format.input",
            key => key,
        };
        self.remarks_above(draft, indent, remarks);
        if let Some(value) = value {
            self.line(indent, &format!("{key}: {}", flow(value)));
        }
        self.remarks_below(draft, indent, remarks);
    }

    /// Adds a mapping with a line for each key. Lists of mappings have a line for each.
    fn block(&mut self, indent: usize, key: &str, value: &Value) {
        self.line(indent, &format!("{key}:"));
        for (key, value) in entries(value) {
            match value {
                Value::Array(items) if items.iter().all(Value::is_object) => {
                    self.line(indent + 2, &format!("{key}:"));
                    for item in items {
                        self.line(indent + 4, &format!("- {}", flow(item)));
                    }
                }
                value => self.line(indent + 2, &format!("{key}: {}", flow(value))),
            }
        }
    }
}

/// Returns the entries of a mapping in the usual order.
fn entries(value: &Value) -> Vec<(&String, &Value)> {
    let mut entries: Vec<(&String, &Value)> = value.as_object().into_iter().flatten().collect();
    entries.sort_by_key(|(key, _)| ORDER.iter().position(|known| known == key).unwrap_or(ORDER.len()));
    entries
}

/// Returns a value in YAML's flow style.
fn flow(value: &Value) -> String {
    match value {
        Value::String(text) => scalar(text),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(flow).collect();
            format!("[{}]", items.join(", "))
        }
        // A file without settings is its name.
        Value::Object(map) if map.len() == 1 && map.contains_key("file") => flow(&map["file"]),
        Value::Object(_) => {
            let entries = entries(value).into_iter();
            let entries: Vec<String> =
                entries.map(|(key, value)| format!("{}: {}", scalar(key), flow(value))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
        other => other.to_string(),
    }
}

/// Returns a string in YAML, quoted if it would be read as something else.
fn scalar(text: &str) -> String {
    const WORDS: [&str; 8] = ["true", "false", "yes", "no", "on", "off", "null", "nan"];
    let is_plain = text.starts_with(|char: char| char.is_ascii_alphabetic() || matches!(char, '_' | '/'))
        && text.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-' | '.' | '/'))
        && !WORDS.contains(&text.to_lowercase().as_str());
    if is_plain { text.to_owned() } else { Value::String(text.to_owned()).to_string() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_read_back_as_they_are() {
        for value in [
            json!("day.csv"),
            json!("a b: c # d"),
            json!("no"),
            json!(["x", "y", "n"]),
            json!("1.5"),
            json!("é\n\"'"),
            json!({ "file": "x/y.csv", "to": 80, "target": ["a", 1, "true"] }),
            json!([0.5, { "0": "rest", "null": "~" }]),
        ] {
            let read: Value = serde_yaml::from_str(&flow(&value)).unwrap();
            assert_eq!(read, value);
        }
    }
}
