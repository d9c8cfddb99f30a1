//! The type of a value in words, with its range.

use factory::KeyOrder;
use serde_json::{Map, Value};

use super::words::{cell, first_paragraph, inline, link};

/// Bounds beyond this number only guard against typos and are not shown.
const LARGEST_SHOWN: f64 = 1e5;
/// Most names that the type of a choice lists.
const MOST_NAMES: usize = 6;

/// The definitions of a schema, by group and type.
pub(super) struct Types<'s> {
    schema: &'s Value,
    definitions: &'s Map<String, Value>,
    orders: &'s [KeyOrder],
}

/// A type of a group, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TypeName<'s> {
    pub(super) group: &'s str,
    pub(super) name: &'s str,
}

impl<'s> Types<'s> {
    pub(super) fn of(schema: &'s Value, orders: &'s [KeyOrder]) -> Option<Self> {
        Some(Self { schema, definitions: schema["definitions"].as_object()?, orders })
    }

    /// The schema of the whole config.
    pub(super) fn top_level(&self) -> &'s Value {
        self.schema
    }

    pub(super) fn get(&self, of: TypeName<'_>) -> &'s Value {
        // The types of the top level are in no group.
        if of.group.is_empty() { &self.definitions[of.name] } else { &self.definitions[of.group][of.name] }
    }

    /// The keys of a mapping in the order of the code; empty if it is not known.
    pub(super) fn order(&self, of: TypeName<'_>) -> &'s [&'s str] {
        match self.orders.iter().find(|order| (order.group, order.name) == (of.group, of.name)) {
            Some(order) => order.keys,
            None => &[],
        }
    }

    /// Whether a value is one of several names, which have meanings.
    pub(super) fn is_choice(&self, schema: &'s Value) -> bool {
        let names = self.names(schema);
        !names.is_empty() && names.iter().all(|(_, meaning)| !meaning.is_empty())
    }

    /// The type that a schema refers to, with or without siblings and null.
    pub(super) fn target(&self, schema: &'s Value) -> Option<TypeName<'s>> {
        let reference = schema["$ref"].as_str().or_else(|| schema["allOf"][0]["$ref"].as_str());
        if let Some(path) = reference {
            let path = path.strip_prefix("#/definitions/")?;
            let (group, name) = path.split_once('/').unwrap_or(("", path));
            return Some(TypeName { group, name });
        }
        match schema["anyOf"].as_array()?.as_slice() {
            [schema, null] if null["type"] == "null" => self.target(schema),
            _ => None,
        }
    }

    /// Whether another group has the same type.
    pub(super) fn is_shared(&self, of: TypeName<'_>) -> bool {
        let own = self.get(of);
        let same = |(group, types): (&String, &Value)| {
            group != of.group && is_group(types) && text_of(&types[of.name]) == text_of(own)
        };
        own["properties"].is_null() && self.definitions.iter().any(same)
    }

    /// The names that a value may have, with their meanings.
    pub(super) fn names(&self, schema: &'s Value) -> Vec<(&'s str, String)> {
        let mut names = Vec::new();
        if let Some(name) = schema["const"].as_str() {
            names.push((name, first_paragraph(schema)));
        }
        for name in schema["enum"].as_array().into_iter().flatten() {
            names.extend(name.as_str().map(|name| (name, String::new())));
        }
        for key in ["oneOf", "anyOf"] {
            for choice in schema[key].as_array().into_iter().flatten() {
                if let Some(name) = choice["anyOf"][0]["const"].as_str() {
                    names.push((name, first_paragraph(choice)));
                } else {
                    names.extend(self.names(choice));
                }
            }
        }
        names
    }

    /// The type in words.
    pub(super) fn words(
        &self,
        schema: &'s Value,
        headings: &dyn Fn(TypeName<'s>) -> Option<String>,
    ) -> String {
        let mut alternatives = Vec::new();
        self.alternatives(schema, headings, &mut alternatives);
        alternatives.dedup();
        join(&alternatives)
    }

    fn alternatives(
        &self,
        schema: &'s Value,
        headings: &dyn Fn(TypeName<'s>) -> Option<String>,
        found: &mut Vec<String>,
    ) {
        let mut add = |words: String| {
            if !found.contains(&words) {
                found.push(words);
            }
        };
        if let Some(of) = self.target(schema) {
            let target = self.get(of);
            let names = self.names(target);
            if let Some(heading) = headings(of) {
                let words = if target["properties"].is_object() { "mapping" } else { of.name };
                add(link(&spaced(words), &heading));
            } else if !self.is_choice(target) {
                self.alternatives(target, headings, found);
            } else {
                add(listed(names.iter().map(|(name, _)| *name)));
            }
            return;
        }
        if let Some(name) = schema["const"].as_str() {
            return add(format!("`{name}`"));
        }
        if let Some(names) = schema["enum"].as_array() {
            return add(listed(names.iter().filter_map(Value::as_str)));
        }
        for choice in schema["anyOf"].as_array().into_iter().flatten() {
            self.alternatives(choice, headings, found);
        }
        let types = match &schema["type"] {
            Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
            Value::String(name) => vec![name.as_str()],
            _ => Vec::new(),
        };
        for name in types {
            match name {
                "null" => {}
                "array" => found.push(self.list(schema, headings)),
                "object" => found.push("mapping".to_owned()),
                "integer" | "number" => found.push(format!("{name}{}", range(schema))),
                "string" if schema["maxLength"] == 1 => found.push("character".to_owned()),
                "boolean" => found.push("`true` or `false`".to_owned()),
                other => found.push(other.to_owned()),
            }
        }
    }

    fn list(&self, schema: &'s Value, headings: &dyn Fn(TypeName<'s>) -> Option<String>) -> String {
        let items = self.words(&schema["items"], headings);
        let count = match (schema["minItems"].as_u64(), schema["maxItems"].as_u64()) {
            (Some(least), Some(most)) if least == most => format!(" of {most}"),
            _ => String::new(),
        };
        let is_long = items.contains(" or ") || items.contains(',');
        match (count.is_empty(), is_long) {
            (true, true) => "list".to_owned(),
            (true, false) => format!("list of {}", plural(&items)),
            (false, _) => format!("list{count}: {items}"),
        }
    }

    /// The types that several families have, each with a heading.
    pub(super) fn shared_values(&self) -> String {
        let mut text = String::new();
        let mut done: Vec<&str> = Vec::new();
        for (group, types) in self.definitions {
            if !is_group(types) {
                continue;
            }
            for name in types.as_object().into_iter().flat_map(Map::keys) {
                let of = TypeName { group, name };
                if done.contains(&name.as_str()) || !self.is_shared(of) {
                    continue;
                }
                done.push(name);
                text.push_str(&format!("\n### {}\n\n", spaced_heading(name)));
                text.push_str(&format!("{}\n", first_paragraph(self.get(of))));
                text.push_str(&self.meanings(self.get(of), None));
            }
        }
        text
    }

    /// The names of a choice as a list with their meanings, or in one line if they have none.
    pub(super) fn meanings(&self, schema: &'s Value, default: Option<&str>) -> String {
        let names = self.names(schema);
        // A single name is in the description.
        if names.len() < 2 {
            return String::new();
        }
        if names.iter().all(|(_, meaning)| meaning.is_empty()) {
            let names: Vec<String> = names.iter().map(|(name, _)| format!("`{name}`")).collect();
            return format!("\nNames: {}.\n", names.join(", "));
        }
        let mut text = String::from("\n");
        for (name, meaning) in names {
            let default = if default == Some(name) { " (default)" } else { "" };
            text.push_str(&format!("* `{name}`{default}: {meaning}\n"));
        }
        text
    }
}

/// The heading of a type that several families have.
pub(super) fn spaced_heading(name: &str) -> String {
    let words = spaced(name);
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// `OutputActivation` as `output activation`.
fn spaced(name: &str) -> String {
    let mut words = String::new();
    for character in name.chars() {
        if character.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(character.to_lowercase());
    }
    words
}

/// `a, b or c`.
pub(super) fn join(alternatives: &[String]) -> String {
    match alternatives.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => "any value".to_owned(),
    }
}

/// Names in backticks, or what they are if there are many.
fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    if names.len() > MOST_NAMES { "name (below)".to_owned() } else { names.join(", ") }
}

fn plural(word: &str) -> String {
    match word.strip_suffix(')') {
        // A link: its words, not its target.
        Some(_) if word.starts_with('[') => word.replacen(']', "s]", 1),
        _ => match word.split_once(' ') {
            Some((first, rest)) => format!("{first}s {rest}"),
            None => format!("{word}s"),
        },
    }
}

/// The range of a number: ` from 1 to 64`, ` ≥ 1`, ` > 0`, ` in [0, 1)`.
fn range(schema: &Value) -> String {
    let bound = |key: &str| schema[key].as_f64();
    let shown = |number: f64| inline(&Value::from(number)).trim_end_matches(".0").to_owned();
    let least = bound("minimum").map(|bound| (bound, true));
    let least = bound("exclusiveMinimum").map(|bound| (bound, false)).or(least);
    let most = bound("maximum").filter(|most| *most <= LARGEST_SHOWN).map(|bound| (bound, true));
    let most = bound("exclusiveMaximum").map(|bound| (bound, false)).or(most);
    match (least, most) {
        (Some((least, closed)), Some((most, closes))) => {
            let (opening, closing) = (if closed { '[' } else { '(' }, if closes { ']' } else { ')' });
            format!(" in {opening}{}, {}{closing}", shown(least), shown(most))
        }
        (Some((least, true)), None) => format!(" ≥ {}", shown(least)),
        (Some((least, false)), None) => format!(" > {}", shown(least)),
        (None, Some((most, true))) => format!(" ≤ {}", shown(most)),
        (None, Some((most, false))) => format!(" < {}", shown(most)),
        (None, None) => String::new(),
    }
}

/// Whether a definition is a group of types rather than a type.
fn is_group(types: &Value) -> bool {
    types["Config"].is_object()
}

/// A definition as text, in which references do not name the group.
fn text_of(schema: &Value) -> String {
    let text = cell(&schema.to_string());
    let mut plain = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("#/definitions/") {
        plain.push_str(before);
        rest = after.split_once('/').map_or(after, |(_, name)| name);
    }
    plain + rest
}
