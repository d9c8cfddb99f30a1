//! Documents as YAML text: small collections on one line, in braces or brackets.

use std::fmt::{self, Write};

use serde_yaml::{Mapping, Value};

use super::Document;

/// Widest line of a collection in braces or brackets, in characters.
const WIDTH: usize = 100;
/// Words that YAML reads as something other than a string.
const RESERVED: [&str; 9] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];

impl fmt::Display for Document {
    /// Writes YAML that parses as this document.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        entries(&mut text, &self.entries, 0)?;
        f.write_str(&text)
    }
}

/// Writes each entry of a mapping on a line or more.
fn entries(text: &mut String, mapping: &Mapping, indent: usize) -> fmt::Result {
    for (key, value) in mapping {
        write!(text, "{:indent$}{}:", "", inline(key))?;
        content(text, value, indent)?;
    }
    Ok(())
}

/// Writes the value of a key or of an item: on the same line if it fits, otherwise below.
fn content(text: &mut String, value: &Value, indent: usize) -> fmt::Result {
    let line = inline(value);
    let start = text.rfind('\n').map_or(0, |line_break| line_break + 1);
    let fits = text[start..].chars().count() + 1 + line.chars().count() <= WIDTH;
    match value {
        Value::Mapping(mapping) if !fits => {
            text.push('\n');
            entries(text, mapping, indent + 2)
        }
        Value::Sequence(list) if !fits => {
            text.push('\n');
            list.iter().try_for_each(|item| self::item(text, item, indent + 2))
        }
        _ => writeln!(text, " {line}"),
    }
}

/// Writes an item of a list. A mapping of scalars is wrapped within its braces.
fn item(text: &mut String, value: &Value, indent: usize) -> fmt::Result {
    write!(text, "{:indent$}-", "")?;
    match value {
        Value::Mapping(mapping) if mapping.values().all(is_short) => wrapped(text, mapping, indent + 2),
        Value::Mapping(mapping) => {
            let mut below = String::new();
            entries(&mut below, mapping, indent + 2)?;
            text.push(' ');
            text.push_str(below.trim_start());
            Ok(())
        }
        _ => content(text, value, indent),
    }
}

/// Writes a mapping in braces, on as many lines as it takes.
fn wrapped(text: &mut String, mapping: &Mapping, indent: usize) -> fmt::Result {
    let mut line = String::from(" {");
    let mut column = indent + 1;
    let count = mapping.len();
    for (index, (key, value)) in mapping.iter().enumerate() {
        let comma = if index + 1 < count { "," } else { " }" };
        let entry = format!("{}: {}{comma}", inline(key), inline(value));
        let length = entry.chars().count() + 1;
        if column + length > WIDTH {
            write!(line, "\n{:indent$} ", "")?;
            column = indent + 1;
        }
        write!(line, " {entry}")?;
        column += length;
    }
    if count == 0 {
        line.push('}');
    }
    writeln!(text, "{line}")
}

fn is_short(value: &Value) -> bool {
    match value {
        Value::Mapping(_) | Value::Tagged(_) => false,
        Value::Sequence(list) => !list.iter().any(|item| item.is_mapping() || item.is_sequence()),
        _ => true,
    }
}

/// A value on one line.
fn inline(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => scalar(text),
        Value::Sequence(list) => format!("[{}]", list.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Value::Mapping(mapping) if mapping.is_empty() => "{}".to_owned(),
        Value::Mapping(mapping) => {
            let entry = |(key, value)| format!("{}: {}", inline(key), inline(value));
            format!("{{ {} }}", mapping.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
        Value::Tagged(tagged) => format!("{} {}", tagged.tag, inline(&tagged.value)),
    }
}

/// A string, in quotes unless it is a plain word.
fn scalar(text: &str) -> String {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "_./()-".contains(character);
    let begins = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    let is_reserved = RESERVED.contains(&text.to_ascii_lowercase().as_str());
    if begins && text.chars().all(is_plain) && !is_reserved {
        return text.to_owned();
    }
    let mut quoted = String::from('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            _ if character.is_control() || super::flow::is_break(character) || character == '\u{feff}' => {
                quoted.push_str(&format!("\\U{:08x}", u32::from(character)));
            }
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    /// Prints a document, compares it with `expected`, and checks that the text is read as the same document.
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let document = Document::parse(text).unwrap();
        let printed = document.to_string();
        assert_eq!(printed, expected);
        assert_eq!(Document::parse(&printed).unwrap().entries, document.entries);
    }

    #[test]
    fn small_collections_stay_on_one_line() {
        check(
            "{a: {b: 1, c: [1, 2.5, -3]}, d: [], e: {}, f: null}",
            "a: { b: 1, c: [1, 2.5, -3] }\nd: []\ne: {}\nf: null\n",
        );
    }

    #[test]
    fn long_mappings_take_a_line_per_key_and_items_are_wrapped() {
        let word = "w".repeat(45);
        check(
            &format!("{{a: {{b: {word}, c: {word}, d: 1}}, e: [{{f: {word}, g: {word}, h: 2}}]}}"),
            &format!(
                "a:\n  b: {word}\n  c: {word}\n  d: 1\ne:\n  - {{ f: {word},\n      g: {word}, h: 2 }}\n"
            ),
        );
        check(
            &format!("e: [{{f: {word}, g: {{h: {word}, i: 1}}}}, [1]]"),
            &format!("e:\n  - f: {word}\n    g: {{ h: {word}, i: 1 }}\n  - [1]\n"),
        );
    }

    #[test]
    fn strings_that_are_no_plain_words_are_quoted() {
        for text in [
            "",
            "a b",
            "1",
            "null",
            "No",
            "1e5",
            "~",
            "a: b",
            "#a",
            "[a",
            "é\u{85}\u{2028}\t\n\"\\",
            "-",
            ".5",
            ".nan",
            "*a",
            "<<",
        ] {
            let document = Document::serialize(&std::collections::BTreeMap::from([("k", text)])).unwrap();
            let read = Document::parse(&document.to_string()).unwrap();
            assert_eq!(read.read::<std::collections::BTreeMap<String, String>>().unwrap()["k"], text);
        }
        check("a: group(8)\nb: ../c-d/e_1.csv\n", "a: group(8)\nb: \"../c-d/e_1.csv\"\n");
    }
}
