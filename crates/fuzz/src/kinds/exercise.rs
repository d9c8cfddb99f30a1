//! Checks that apply to every network that was built.

use graph::plan::Plan;
use graph::{Graph, Shape, Weights, merge};
use report::{Summary, drawing};

use super::exports::exporting_graph;
use crate::outcome::Outcome;

/// Maximum number of parameters of a network for which weights are initialized, so that a case stays cheap.
const MOST_PARAMETERS: u64 = 300_000;
/// Maximum number of nodes of a network for which a drawing and source are generated.
const MOST_NODES: usize = 200;

/// Runs every analysis of a graph, and merges and exports it if it is small.
pub(crate) fn exercise(outcome: &mut Outcome, graph: &Graph, title: &str) {
    let inputs: Vec<Shape> = graph.inputs().map(|(_, node)| node.shape.clone()).collect();
    text(outcome, graph);
    let cost = outcome.part(graph.cost());
    outcome.part(Plan::new(graph, &inputs));
    let field = graph.receptive_field().to_string();
    outcome.require(!field.is_empty(), "a receptive field can be shown");
    if let Some(summary) = outcome.part(Summary::of(graph, None)) {
        let json = serde_json::to_string(&summary);
        outcome.require(json.is_ok() && !summary.to_string().is_empty(), "a summary can be shown");
    }
    let is_small = graph.nodes().len() <= MOST_NODES;
    if is_small && let Some(svg) = outcome.part(drawing(graph, title, None)) {
        outcome.require(roxmltree::Document::parse(&svg).is_ok(), "a drawing is well-formed XML");
    }
    if is_small && cost.is_some_and(|cost| cost.trainable + cost.statistics <= MOST_PARAMETERS) {
        let weights = Weights::initial(graph, 0);
        merging(outcome, graph, &weights);
        exporting_graph(outcome, graph, &weights);
    }
}

/// Checks that the text of a graph is parsed to an equal graph.
pub(crate) fn text(outcome: &mut Outcome, graph: &Graph) {
    let text = graph.text();
    match text.parse::<Graph>() {
        Ok(parsed) => {
            outcome.require(parsed == *graph, "a graph is equal when its text is parsed");
            outcome.require(parsed.text() == text, "a graph's text is equal when it is parsed and printed");
        }
        Err(error) => {
            outcome.refuse(error);
            outcome.require(false, "a graph's text can be parsed");
        }
    }
}

/// Checks that a merged graph is valid, and that merging it again changes nothing.
pub(crate) fn merging(outcome: &mut Outcome, graph: &Graph, weights: &Weights) {
    let merged = merge(graph, weights);
    for refusal in &merged.refusals {
        outcome.messages.push(refusal.to_string());
    }
    outcome.require(merged.graph.verify().is_ok(), "a merged graph is sound");
    let was_exact = weights.compare(graph).is_exact();
    outcome.require(
        !was_exact || merged.weights.compare(&merged.graph).is_exact(),
        "a merged graph has its weights",
    );
    let was_finite = is_finite(weights);
    outcome.require(
        !was_finite || is_finite(&merged.weights),
        "finite weights stay finite when they are merged",
    );
    let again = merge(&merged.graph, &merged.weights);
    outcome.require(again.graph == merged.graph, "merging twice changes nothing");
}

pub(crate) fn is_finite(weights: &Weights) -> bool {
    weights.iter().all(|(_, array)| array.data().iter().all(|value| value.is_finite()))
}
