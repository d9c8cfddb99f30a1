//! Configs of this project: built, their sections validated, and the networks checked.

use std::path::Path;

use anyhow::Result;
use dialects::{Dialect, renames};
use factory::{BuiltModel, Factory, models};

use super::Kind;
use super::exercise::exercise;
use crate::corpus::corpus;
use crate::outcome::Outcome;

struct Configs {
    factory: Factory,
    bases: Vec<Vec<u8>>,
}

pub(crate) fn new(_: &Path) -> Result<Box<dyn Kind>> {
    let ready = models::names().filter_map(models::get).map(|text| text.as_bytes().to_vec());
    let mut bases: Vec<Vec<u8>> = ready.collect();
    bases.extend(corpus(&[".yaml"])?);
    bases.extend(presets());
    Ok(Box::new(Configs { factory: Factory::builtin(), bases }))
}

/// A short config of every family, and one with an encoder.
fn presets() -> Vec<Vec<u8>> {
    let factory = Factory::builtin();
    let mut texts = Vec::new();
    for family in factory.list() {
        let Some(preset) = family.presets().next() else { continue };
        let name = family.name();
        texts.push(format!(
            "name: x\ninput: {{ channels: 1, length: 64 }}\nclasses: 3\narchitecture: {name}\npreset: {preset}\n"
        ));
        texts.push(format!(
            "name: x\ninput: {{ channels: 3, height: 32, width: 32 }}\narchitecture: {name}\npreset: {preset}\n\
             params: {{}}\n"
        ));
    }
    texts.push(
        "name: x\ninput: { channels: 1, length: 128 }\nclasses: 2\narchitecture: unet\npreset: micro\n\
         encoder: { architecture: mobileone, preset: s0 }\n"
            .to_owned(),
    );
    texts.into_iter().map(String::into_bytes).collect()
}

impl Kind for Configs {
    fn bases(&self) -> &[Vec<u8>] {
        &self.bases
    }

    fn run(&self, input: &[u8]) -> Outcome {
        let mut outcome = Outcome::new();
        let text = String::from_utf8_lossy(input);
        let model = outcome.result(self.factory.build(&text));
        sections(&mut outcome, &text, model.as_ref());
        if let Some(model) = model {
            built(&mut outcome, &model);
        }
        outcome
    }
}

/// Reads and validates the sections `data` and `train`.
fn sections(outcome: &mut Outcome, text: &str, model: Option<&BuiltModel>) {
    if let Some(Some(train)) = outcome.part(Factory::section::<train::Config>(text, "train")) {
        outcome.part(train.validate());
    }
    if let Some(Some(data)) = outcome.part(Factory::section::<data::Config>(text, "data")) {
        let input = model.map_or_else(|| [1, 720].into(), |model| model.input.clone());
        outcome.part(data.validate(&input));
    }
}

/// Runs all checks of a model that was built.
pub(crate) fn built(outcome: &mut Outcome, model: &BuiltModel) {
    for dialect in Dialect::ALL {
        outcome.part(renames(model, dialect));
    }
    exercise(outcome, &model.graph, &model.name);
}
