//! The config types of a family, or of a config's section, as JSON schemas, read from their Rust
//! source: names, types, serde's attributes, and the documentation, which editors show.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use graph::Activation;
use layers::Norm;
use serde_json::{Map, Value, json};
use walkdir::WalkDir;

use crate::schema::nullable;
use crate::sections;

/// The types that a config may be made of.
pub(crate) struct Types {
    /// The family, or the section.
    own: String,
    /// Structs and enums by crate and name; those of `own` first.
    items: Vec<(String, syn::Item)>,
    /// What was needed so far, by its name in the schema.
    pub(crate) definitions: BTreeMap<String, Value>,
}

/// serde's attributes, and documentation.
#[derive(Default)]
struct Attributes {
    default: bool,
    snake_case: bool,
    rename: Option<String>,
    description: String,
}

impl Types {
    /// Reads the sources of a family.
    pub(crate) fn of_family(root: &Path, family: &str) -> Result<Self> {
        let folders = [family, "layers", "graph"].map(|krate| (krate, format!("crates/{krate}/src")));
        Self::read(root, family, &folders)
    }

    /// Reads the sources of a section, files or folders.
    pub(crate) fn of_section(root: &Path, section: &str, sources: &[&str]) -> Result<Self> {
        let sources: Vec<_> = sources.iter().map(|source| (section, (*source).to_owned())).collect();
        Self::read(root, section, &sources)
    }

    fn read(root: &Path, own: &str, sources: &[(&str, String)]) -> Result<Self> {
        let mut items = Vec::new();
        for (krate, source) in sources {
            for entry in WalkDir::new(root.join(source)).sort_by_file_name() {
                let entry = entry?;
                if entry.path().extension().is_none_or(|ending| ending != "rs") {
                    continue;
                }
                let text = std::fs::read_to_string(entry.path())?;
                let file = syn::parse_file(&text).with_context(|| entry.path().display().to_string())?;
                let types = file
                    .items
                    .into_iter()
                    .filter(|item| matches!(item, syn::Item::Struct(_) | syn::Item::Enum(_)));
                items.extend(types.map(|item| ((*krate).to_owned(), item)));
            }
        }
        Ok(Self { own: own.to_owned(), items, definitions: BTreeMap::new() })
    }

    /// `params`: the family's `Config` but its classes, which stand at the top level.
    pub(crate) fn params(&mut self) -> Result<Value> {
        let mut schema = self.config()?;
        if let Some(properties) = schema["properties"].as_object_mut() {
            properties.remove("classes");
        }
        Ok(schema)
    }

    /// All of `Config`.
    pub(crate) fn config(&mut self) -> Result<Value> {
        let Some((_, syn::Item::Struct(config))) = self.find("Config") else { bail!("there is no `Config`") };
        let config = config.clone();
        self.structure(&config)
    }

    fn find(&self, name: &str) -> Option<&(String, syn::Item)> {
        self.items.iter().find(|(_, item)| match item {
            syn::Item::Struct(item) => item.ident == name,
            syn::Item::Enum(item) => item.ident == name,
            _ => false,
        })
    }

    fn structure(&mut self, item: &syn::ItemStruct) -> Result<Value> {
        let whole = Attributes::of(&item.attrs)?;
        let (mut properties, mut required) = (Map::new(), Vec::new());
        for field in &item.fields {
            let name = field.ident.as_ref().context("a config has named fields")?.to_string();
            let attributes = Attributes::of(&field.attrs)?;
            let name = attributes.rename.unwrap_or(name);
            let schema = self.of(&field.ty).with_context(|| format!("`{}.{name}`", item.ident))?;
            if !whole.default && !attributes.default && !is_option(&field.ty) {
                required.push(name.clone());
            }
            properties.insert(name, described(schema, &attributes.description));
        }
        Ok(json!({
            "description": whole.description,
            "type": "object",
            "additionalProperties": false,
            "required": required,
            "properties": properties,
        }))
    }

    /// The names of an enum, whose variants hold nothing.
    fn names(item: &syn::ItemEnum) -> Result<Value> {
        let whole = Attributes::of(&item.attrs)?;
        let (mut names, mut description) = (Vec::new(), whole.description);
        for variant in &item.variants {
            if !matches!(variant.fields, syn::Fields::Unit) {
                bail!(
                    "`{}::{}` holds something, for which there is no schema yet",
                    item.ident,
                    variant.ident
                );
            }
            let attributes = Attributes::of(&variant.attrs)?;
            let name = variant.ident.to_string();
            let name =
                attributes.rename.unwrap_or_else(|| if whole.snake_case { snake(&name) } else { name });
            description.push_str(&format!("\n\n- `{name}`: {}", attributes.description));
            names.push(name);
        }
        Ok(json!({ "description": description, "enum": names }))
    }

    /// The schema of a type, or a reference to it.
    fn of(&mut self, of: &syn::Type) -> Result<Value> {
        if let syn::Type::Array(array) = of {
            let length = length(array)?;
            let items = self.of(&array.elem)?;
            return Ok(json!({ "type": "array", "items": items, "minItems": length, "maxItems": length }));
        }
        let syn::Type::Path(path) = of else { bail!("there is no schema for this type yet") };
        let segment = path.path.segments.last().context("a type has a name")?;
        let name = segment.ident.to_string();
        let schema = match name.as_str() {
            "usize" | "u64" => json!({ "type": "integer", "minimum": 0 }),
            "f64" | "f32" => json!({ "type": "number" }),
            "bool" => json!({ "type": "boolean" }),
            "String" | "PathBuf" => json!({ "type": "string" }),
            "Option" => nullable(self.of(argument(segment)?)?),
            "Vec" => json!({ "type": "array", "items": self.of(argument(segment)?)? }),
            "Extent" => self.define("extent", extent(1)),
            "Padding" => self.define("padding", padding()),
            "Activation" => self.define("activation", activation(&[])),
            "OutputActivation" => self.define("output_activation", activation(&["softmax"])),
            "Norm" => self.define("norm", norm()),
            _ => self.named(&name)?,
        };
        Ok(schema)
    }

    /// A reference to a type that was read.
    pub(crate) fn named(&mut self, name: &str) -> Result<Value> {
        let (krate, item) = self.find(name).with_context(|| format!("no type `{name}` was found"))?.clone();
        let krate = if krate == self.own { krate } else { "layers".to_owned() };
        // Types that read themselves have no fields that a config names.
        let schema = match sections::forms(self, name)? {
            Some(forms) => described(json!({ "anyOf": forms }), &documentation(&item)?),
            None => match &item {
                syn::Item::Struct(item) => self.structure(item)?,
                syn::Item::Enum(item) => Self::names(item)?,
                _ => bail!("`{name}` is neither a struct nor an enum"),
            },
        };
        Ok(self.define(&format!("{krate}.{}", snake(name)), schema))
    }

    fn define(&mut self, name: &str, schema: Value) -> Value {
        self.definitions.insert(name.to_owned(), schema);
        json!({ "$ref": format!("#/definitions/{name}") })
    }
}

impl Attributes {
    fn of(attributes: &[syn::Attribute]) -> Result<Self> {
        let mut found = Self::default();
        let mut lines = Vec::new();
        for attribute in attributes {
            if let syn::Meta::NameValue(doc) = &attribute.meta
                && doc.path.is_ident("doc")
                && let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) = &doc.value
            {
                lines.push(text.value().trim().to_owned());
            }
            if attribute.path().is_ident("serde") {
                attribute.parse_nested_meta(|meta| {
                    let value = || meta.value()?.parse::<syn::LitStr>();
                    match meta.path.get_ident().map(ToString::to_string).as_deref() {
                        Some("default") => {
                            found.default = true;
                            if meta.input.peek(syn::Token![=]) { value().map(drop) } else { Ok(()) }
                        }
                        Some("rename") => value().map(|name| found.rename = Some(name.value())),
                        Some("rename_all") => {
                            value().map(|case| found.snake_case = case.value() == "snake_case")
                        }
                        Some("skip_serializing_if") => value().map(drop),
                        Some("deny_unknown_fields") => Ok(()),
                        _ => Err(meta.error("there is no schema for this attribute yet")),
                    }
                })?;
            }
        }
        // An example in Rust says nothing to whoever writes YAML.
        let text: Vec<String> = lines.into_iter().take_while(|line| !line.starts_with("```")).collect();
        let paragraphs = text.split(|line| line.is_empty()).map(|lines| lines.join(" "));
        let text = paragraphs.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n\n");
        found.description = without_links(&text);
        Ok(found)
    }
}

fn documentation(item: &syn::Item) -> Result<String> {
    match item {
        syn::Item::Struct(item) => Ok(Attributes::of(&item.attrs)?.description),
        syn::Item::Enum(item) => Ok(Attributes::of(&item.attrs)?.description),
        _ => bail!("neither a struct nor an enum"),
    }
}

/// rustdoc's links as the words that they stand on.
fn without_links(text: &str) -> String {
    let (mut plain, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once('[') {
        plain.push_str(before);
        let link = after.split_once(']').filter(|(words, after)| {
            after.starts_with('(') || words.starts_with('`') && words.ends_with('`')
        });
        let Some((words, after)) = link else {
            plain.push('[');
            rest = after;
            continue;
        };
        plain.push_str(words);
        rest = match after.strip_prefix('(').and_then(|target| target.split_once(')')) {
            Some((_, after)) => after,
            None => after,
        };
    }
    plain + rest
}

/// A schema with words of its own; beside a reference they would not count.
fn described(schema: Value, description: &str) -> Value {
    if schema.get("$ref").is_some() {
        return json!({ "description": description, "allOf": [schema] });
    }
    let mut schema = schema;
    schema["description"] = description.into();
    schema
}

fn argument(segment: &syn::PathSegment) -> Result<&syn::Type> {
    if let syn::PathArguments::AngleBracketed(arguments) = &segment.arguments
        && let Some(syn::GenericArgument::Type(of)) = arguments.args.first()
    {
        return Ok(of);
    }
    bail!("`{}` of what?", segment.ident)
}

fn length(array: &syn::TypeArray) -> Result<usize> {
    match &array.len {
        syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Int(length), .. }) => Ok(length.base10_parse()?),
        _ => bail!("an array of how many?"),
    }
}

fn is_option(of: &syn::Type) -> bool {
    matches!(of, syn::Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Option"))
}

/// `MbConv` as `mb_conv`, as serde does.
fn snake(name: &str) -> String {
    let mut text = String::new();
    for (i, c) in name.char_indices() {
        if c.is_ascii_uppercase() && i > 0 {
            text.push('_');
        }
        text.push(c.to_ascii_lowercase());
    }
    text
}

/// A number, or one for each axis.
fn extent(least: usize) -> Value {
    let number = json!({ "type": "integer", "minimum": least });
    json!({
        "description": "One number for all axes, or `[height, width]`; for a series `[1, k]` is `k`.",
        "anyOf": [number, { "type": "array", "items": number, "minItems": 1, "maxItems": 2 }],
    })
}

fn padding() -> Value {
    let sides = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["before", "after"],
        "properties": { "before": extent(0), "after": extent(0) },
    });
    json!({
        "description": "Padding by name, as numbers for both sides, or for each side.",
        "anyOf": [{ "enum": ["same", "symmetric", "causal", "valid"] }, extent(0), sides],
    })
}

/// Names, `more` among them, and those that may have a number.
fn activation(more: &[&str]) -> Value {
    let names: Vec<&str> =
        Activation::ALL.iter().map(|activation| activation.name()).chain(more.iter().copied()).collect();
    json!({
        "description": "An activation, by name or with its number, as `leaky_relu(0.2)` and `elu(1)`.",
        "anyOf": [
            { "enum": names },
            { "type": "string", "pattern": r"^(swish|hardswish|hardsigmoid|(leaky_relu|elu)\(\s*[-+.eE0-9]+\s*\))$" },
        ],
    })
}

fn norm() -> Value {
    let names: Vec<&str> = Norm::ALL.iter().map(|norm| norm.name()).filter(|name| *name != "group").collect();
    json!({
        "description": "A normalization, by name or as `group(8)`, with the number of groups.",
        "anyOf": [{ "enum": names }, { "type": "string", "pattern": r"^group\(\s*0*[1-9][0-9]*\s*\)$" }],
    })
}
