//! Graphs as text: parsed, printed and analyzed.

use std::path::Path;

use anyhow::Result;
use factory::Factory;
use graph::Graph;
use graph::random::{cells, problem};

use super::Kind;
use super::exercise::exercise;
use crate::outcome::Outcome;

struct Graphs {
    bases: Vec<Vec<u8>>,
}

pub(crate) fn new(_: &Path) -> Result<Box<dyn Kind>> {
    Ok(Box::new(Graphs { bases: texts() }))
}

/// Texts that cover every operation, and some of ready networks.
pub(crate) fn texts() -> Vec<Vec<u8>> {
    let factory = Factory::builtin();
    let mut texts: Vec<Vec<u8>> =
        (0..cells().len()).map(|cell| problem(cell, 0).graph.text().into_bytes()).collect();
    for name in ["activity-tcn", "activity-resnet", "segments-unet", "activity-mobileone"] {
        texts.extend(factory.build_ready(name).ok().map(|model| model.graph.text().into_bytes()));
    }
    texts
}

impl Kind for Graphs {
    fn bases(&self) -> &[Vec<u8>] {
        &self.bases
    }

    fn run(&self, input: &[u8]) -> Outcome {
        let mut outcome = Outcome::new();
        let text = String::from_utf8_lossy(input);
        if let Some(graph) = outcome.result(text.parse::<Graph>()) {
            exercise(&mut outcome, &graph, "graph");
        }
        outcome
    }
}
