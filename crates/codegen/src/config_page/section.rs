//! A table of keys.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::Value;

use super::kind::{TypeName, Types, spaced_heading};
use super::words::{cell, first_paragraph, inline};
use crate::definitions::accepts_null;

/// Longest default that is written out, in characters.
const LONGEST: usize = 40;

/// The keys at the top level.
const TOP_LEVEL: [&str; 9] =
    ["name", "input", "classes", "architecture", "preset", "params", "encoder", "data", "train"];

/// A mapping of a config, with the headings of the mappings below it.
pub(super) struct Section<'t, 's> {
    types: &'t Types<'s>,
    schema: &'s Value,
    headings: BTreeMap<TypeName<'s>, String>,
    /// The preset whose values are the defaults.
    preset: &'t str,
    /// The keys in the order of the code.
    order: &'s [&'s str],
}

/// The keys of a mapping in this order, with their schemas.
fn keys_of<'s>(mapping: &'s Value, order: &[&str]) -> Vec<(&'s String, &'s Value)> {
    let mut keys: Vec<(&String, &Value)> = mapping["properties"].as_object().into_iter().flatten().collect();
    keys.sort_by_key(|(key, _)| order.iter().position(|known| known == key).unwrap_or(order.len()));
    keys
}

impl<'t, 's> Section<'t, 's> {
    /// The top level of a config.
    pub(super) fn top_level(types: &'t Types<'s>) -> Self {
        Self { types, schema: types.top_level(), headings: BTreeMap::new(), preset: "", order: &TOP_LEVEL }
    }

    /// The tables of a group: that of its config, then those of the mappings below it.
    pub(super) fn group(types: &'t Types<'s>, group: &'s str, preset: &'t str) -> Result<String> {
        let top = TypeName { group, name: "Config" };
        let config = types.get(top);
        let mut order = Vec::new();
        let mut keys: BTreeMap<TypeName<'s>, Vec<String>> = BTreeMap::new();
        collect(types, top, &mut order, &mut keys)?;
        let heading = |of: &TypeName<'s>| {
            let keys: Vec<String> = keys[of].iter().map(|key| format!("`{key}`")).collect();
            (*of, format!("{group}: {}", keys.join(", ")))
        };
        let headings: BTreeMap<TypeName<'s>, String> = order.iter().map(heading).collect();
        let text =
            Self { types, schema: config, headings: headings.clone(), preset, order: types.order(top) };
        let mut text = text.with_choices();
        for of in order {
            let section = Self {
                types,
                schema: types.get(of),
                headings: headings.clone(),
                preset,
                order: types.order(of),
            };
            text.push_str(&format!("\n### {}\n\n{}\n\n", headings[&of], first_paragraph(section.schema)));
            text.push_str(&section.with_choices());
        }
        Ok(text)
    }

    /// The keys in their order in the code, with their schemas.
    fn keys(&self) -> Vec<(&'s String, &'s Value)> {
        keys_of(self.schema, self.order)
    }

    fn heading(&self, of: TypeName<'s>) -> Option<String> {
        if self.types.is_shared(of) {
            return Some(spaced_heading(of.name));
        }
        self.headings.get(&of).cloned()
    }

    /// The table, and the names of the choices in it.
    fn with_choices(&self) -> String {
        let mut text = self.table();
        let mut done = Vec::new();
        for (key, property) in self.keys() {
            let Some(of) = self.types.target(property) else { continue };
            let target = self.types.get(of);
            if self.types.is_shared(of) || !self.types.is_choice(target) || done.contains(&of) {
                continue;
            }
            done.push(of);
            let default = self.default(property);
            let meanings = self.types.meanings(target, default.as_deref());
            text.push_str(&format!("\n`{key}`:\n{meanings}"));
            text = self.with_settings(text, target);
        }
        text
    }

    /// Adds the settings of the names of a choice, below each name.
    fn with_settings(&self, mut text: String, choice: &'s Value) -> String {
        for form in choice["anyOf"].as_array().into_iter().flatten() {
            let Some(name) = form["anyOf"][0]["const"].as_str() else { continue };
            let Some(of) = self.types.target(&form["anyOf"][1]["properties"][name]) else { continue };
            let mut settings = String::new();
            for (key, setting) in self.types.get(of)["properties"].as_object().into_iter().flatten() {
                let kind = self.types.words(setting, &|of| self.heading(of));
                let default = inline(&setting["default"]);
                let meaning = first_paragraph(setting);
                settings.push_str(&format!("  * `{key}` ({kind}; default `{default}`): {meaning}\n"));
            }
            let start = format!("* `{name}`");
            let at = text.rfind(&start).map_or(text.len(), |at| {
                text[at..].find('\n').map_or(text.len(), |line_break| at + line_break + 1)
            });
            text.insert_str(at, &settings);
        }
        text
    }

    pub(super) fn table(&self) -> String {
        let mut text = String::from("| key | type | default | meaning |\n|---|---|---|---|\n");
        let required: Vec<&str> =
            self.schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for (key, property) in self.keys() {
            let default = self.default(property);
            let is_required = required.contains(&key.as_str());
            let mut kind = self.types.words(property, &|of| self.heading(of));
            if accepts_null(property) && default.as_deref() != Some("null") {
                kind.push_str(" or `null`");
            }
            let default = match default {
                _ if is_required => "*required*".to_owned(),
                Some(default) if default.contains(' ') && default.starts_with("as ") => default,
                Some(default) => format!("`{default}`"),
                None => "–".to_owned(),
            };
            let of_type = self.types.target(property).map(|of| &self.types.get(of)["description"]);
            let meaning = property["description"].as_str().or_else(|| of_type?.as_str()).unwrap_or_default();
            let meaning = cell(meaning);
            text.push_str(&format!("| `{key}` | {kind} | {default} | {meaning} |\n"));
        }
        text
    }

    /// The default of a key, in short.
    fn default(&self, property: &'s Value) -> Option<String> {
        let value = property.get("default")?;
        let target = self.types.target(property).map(|of| self.types.get(of));
        let shown = match (value, target) {
            (Value::Object(fields), Some(target)) if is_all_defaults(fields, target) => "{}".to_owned(),
            (Value::Object(fields), Some(target)) if target["anyOf"].is_array() && fields.len() == 1 => {
                fields.keys().next().cloned().unwrap_or_default()
            }
            _ => inline(value),
        };
        if shown.chars().count() > LONGEST { Some(format!("as in `{}`", self.preset)) } else { Some(shown) }
    }
}

/// Whether the fields are the defaults of a mapping.
fn is_all_defaults(fields: &serde_json::Map<String, Value>, target: &Value) -> bool {
    fields.iter().all(|(key, value)| target["properties"][key].get("default") == Some(value))
}

/// Collects the mappings below a mapping, and the keys under which they are.
fn collect<'s>(
    types: &Types<'s>,
    mapping: TypeName<'s>,
    order: &mut Vec<TypeName<'s>>,
    keys: &mut BTreeMap<TypeName<'s>, Vec<String>>,
) -> Result<()> {
    types.get(mapping)["properties"].as_object().context("expected a mapping")?;
    for (key, property) in keys_of(types.get(mapping), types.order(mapping)) {
        let mut found = Vec::new();
        mappings(types, property, &mut found);
        for of in found {
            let known = keys.entry(of).or_default();
            if !known.contains(key) {
                known.push(key.clone());
            }
            if !order.contains(&of) {
                order.push(of);
                collect(types, of, order, keys)?;
            }
        }
    }
    Ok(())
}

/// The mappings that a value may be or hold, apart from the settings of choices.
fn mappings<'s>(types: &Types<'s>, schema: &'s Value, found: &mut Vec<TypeName<'s>>) {
    if let Some(of) = types.target(schema) {
        let target = types.get(of);
        if target["properties"].is_object() {
            found.push(of);
        } else if !types.is_choice(target) {
            mappings(types, target, found);
        }
        return;
    }
    for choice in schema["anyOf"].as_array().into_iter().flatten() {
        mappings(types, choice, found);
    }
    if schema["items"].is_object() {
        mappings(types, &schema["items"], found);
    }
}
