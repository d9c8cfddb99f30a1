//! Exports every network and model that was built or read.

use std::collections::BTreeSet;

use graph::{Graph, Weights};
use model::Model;
use onnx::{Options, Sizes};

use crate::outcome::Outcome;

/// Maximum number of nodes of a network that is exported with dynamic sizes, for which all nodes have a shape at
/// many sizes of the input.
const MOST_DYNAMIC_NODES: usize = 60;

/// Maximum number of input channels of a model that is exported, because each has a line in the metadata.
const MOST_CHANNELS: usize = 10_000;

/// Exports a model in several ways.
pub(crate) fn exporting(outcome: &mut Outcome, model: &Model) {
    if model.normalization.mean.len() > MOST_CHANNELS {
        return;
    }
    for merged in [true, false] {
        export(outcome, model, &Options { merged, ..Options::default() });
    }
    let as_meant = Options { raw_input: true, probabilities: true, as_image: true, ..Options::default() };
    export(outcome, model, &Options { sizes: Sizes::Static { batch: 2 }, ..as_meant });
    if model.graph.nodes().len() <= MOST_DYNAMIC_NODES {
        export(outcome, model, &Options { sizes: Sizes::Dynamic, ..Options::default() });
    }
}

/// Exports a graph with ordinary weights, which cannot be refused if its size is fixed.
pub(crate) fn exporting_graph(outcome: &mut Outcome, graph: &Graph, weights: &Weights) {
    let model = Model::new(graph.clone(), weights.clone());
    exporting(outcome, &model);
    let is_small = model.normalization.mean.len() <= MOST_CHANNELS;
    if is_small && model.check().is_ok() {
        let exported = outcome.part(onnx::export(&model, &Options::default()));
        outcome.require(exported.is_some(), "a graph with ordinary weights is exported with fixed sizes");
    }
}

/// Exports a model, and checks what is promised of the file.
fn export(outcome: &mut Outcome, model: &Model, options: &Options) {
    let Some(exported) = outcome.part(onnx::export(model, options)) else { return };
    if let Some(again) = outcome.part(onnx::export(model, options)) {
        outcome
            .require(again.to_bytes() == exported.to_bytes(), "the same model is exported to the same bytes");
    }
    let names: Vec<&str> =
        exported.inputs().iter().chain(exported.outputs()).map(|tensor| tensor.name.as_str()).collect();
    let is_unique = names.iter().collect::<BTreeSet<_>>().len() == names.len();
    outcome.require(is_unique, "the inputs and outputs of an export have different names");
    let count = model.graph.outputs().len() + options.further_outputs.len();
    outcome.require(exported.outputs().len() == count, "an export has the outputs of the graph");
    outcome.require(!exported.to_string().is_empty(), "an export can be shown");
}
