//! `docs/config.md`: every key of a config with its type, range, default and meaning, from the schema.

mod kind;
mod section;
mod words;

use anyhow::{Context, Result};
use factory::{Document, Factory, Family, KeyOrder, Overrides};
use serde_json::Value;

use crate::files::{COMMAND, File};
use kind::Types;
use section::Section;

const HEAD: &str = "\
# Config reference

A config is one YAML (or JSON) file: the network, the data and the training. This one is complete:

```yaml
name: activity
input: { channels: 6, length: 100 }
classes: 4
architecture: tcn
params: { output: mean }
data: { task: classification, train: train.ts, validation: 0.2, test: test.ts }
train: { epochs: 60 }
```

* Every key with a default may be left out. Where the default is `null`, the meaning says what happens then.
* An unknown key is an error; so is a key that has no effect, such as `momentum` without SGD.
* `factory show CONFIG` prints a config with every default written out, `factory show resnet/resnet18` that of a
  preset.
* `docs/config.schema.json` is the same reference for editors: with the first line \
`# yaml-language-server: $schema=PATH`, they complete and check a config as you type.
* YAML's anchors and merge keys work: `{ <<: *base, channels: 16 }`. Top-level keys that begin with `x-` are \
ignored, so that anchors have a place: `x-base: &base { kernel: 7 }`.

";

const DATA: &str = "\
The files, how they are cut into examples, and how these are changed in training; see [data.md](data.md). File names \
are relative to the folder of the config.";

const TRAIN: &str = "\
How the model is trained; see [training.md](training.md). Settings of an optimizer, a schedule or a loss stand below \
its name: `optimizer: sgd`, or `optimizer: { sgd: { momentum: 0.8 } }`.";

const PARAMS: &str = "\
The keys of `params`, for each `architecture`. A key that is left out has the value of the `preset`, or without a \
preset the default below. A list such as `blocks` replaces the whole list of the preset. The presets are in \
[models.md](models.md).
";

/// The page.
pub(crate) fn file(factory: &Factory, schema: &Value) -> Result<File> {
    let orders = orders();
    let types = Types::of(schema, &orders).context("expected a schema with definitions")?;
    let mut text = format!("<!-- Made by `{COMMAND}`; do not edit. -->\n\n{HEAD}");
    text.push_str("## Top level\n\n");
    text.push_str(&Section::top_level(&types).table());
    for (group, what) in [("data", DATA), ("train", TRAIN)] {
        text.push_str(&format!("\n## `{group}`\n\n{what}\n\n"));
        text.push_str(&Section::group(&types, group, "")?);
    }
    text.push_str(&format!("\n## Families\n\n{PARAMS}"));
    for family in factory.list() {
        let name = family.name();
        let preset = default_preset(factory, family)?;
        text.push_str(&format!("\n## {name}\n\nThe defaults are those of the preset `{preset}`.\n\n"));
        text.push_str(&Section::group(&types, name, &preset)?);
    }
    text.push_str("\n## Values of several families\n");
    text.push_str(&types.shared_values());
    Ok(File { path: "docs/config.md".to_owned(), text })
}

/// The orders of keys in the code.
fn orders() -> Vec<KeyOrder> {
    let mut orders = factory::family_key_orders();
    orders.extend([
        KeyOrder::of::<train::Config>("train", "Config"),
        KeyOrder::of::<data::Config>("data", "Config"),
        KeyOrder::of::<data::File>("data", "File"),
        KeyOrder::of::<data::WindowConfig>("data", "WindowConfig"),
        KeyOrder::of::<data::AddedNoise>("data", "AddedNoise"),
        KeyOrder::of::<data::Augment>("data", "Augment"),
    ]);
    orders
}

/// The preset whose values are the defaults of a family.
fn default_preset(factory: &Factory, family: &Family) -> Result<String> {
    let params = |preset: Option<&str>| -> Result<String> {
        let mut config = Document::default();
        config.insert("name", &"a")?;
        config.insert("input", &family.input().dims())?;
        config.insert("architecture", &family.name())?;
        config.insert("preset", &preset)?;
        Ok(factory.full_config(&config, Overrides::default())?.to_string())
    };
    let default = params(None)?;
    for preset in family.presets() {
        if params(Some(preset))? == default {
            return Ok(preset.to_owned());
        }
    }
    anyhow::bail!("no preset of {} has the values of its defaults", family.name())
}
