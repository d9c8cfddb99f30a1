//! Pieces of Markdown.

use serde_json::Value;

/// The anchor that GitHub gives a heading.
pub(super) fn anchor(heading: &str) -> String {
    let mut anchor = String::new();
    for character in heading.to_lowercase().chars() {
        match character {
            ' ' => anchor.push('-'),
            '-' | '_' => anchor.push(character),
            _ if character.is_alphanumeric() => anchor.push(character),
            _ => {}
        }
    }
    anchor
}

/// A link to a heading of this page.
pub(super) fn link(words: &str, heading: &str) -> String {
    format!("[{words}](#{})", anchor(heading))
}

/// A text in a cell of a table: one line.
pub(super) fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

/// A description: one line, without the paragraphs after the first.
pub(super) fn first_paragraph(value: &Value) -> String {
    let text = value["description"].as_str().unwrap_or_default();
    cell(text.split("\n\n").next().unwrap_or_default())
}

/// A value as a config has it, on one line.
pub(super) fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Value::Object(fields) if fields.is_empty() => "{}".to_owned(),
        Value::Object(fields) => {
            let entries: Vec<String> =
                fields.iter().map(|(key, value)| format!("{key}: {}", inline(value))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
        Value::Number(number) => {
            let number = number.to_string();
            number.strip_suffix(".0").unwrap_or(&number).to_owned()
        }
        Value::Null | Value::Bool(_) => value.to_string(),
    }
}
