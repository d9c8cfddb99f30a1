//! The trained model.

use std::path::PathBuf;

use graph::{Graph, Refusal, Weights};
use serde::{Deserialize, Serialize};

use crate::{Normalization, Task};

/// A trained model: everything to run it, and the config that it came from.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// The network.
    pub graph: Graph,
    /// A weight for each of the graph's parameters.
    pub weights: Weights,
    /// The task that it was trained for, if known.
    pub task: Option<Task>,
    /// The names of the classes, in the order of the outputs. Empty if the outputs are values or the
    /// names are not known.
    pub classes: Vec<String>,
    /// The normalization of the first input.
    pub normalization: Normalization,
    /// The config that it was trained from, if any.
    pub source: Option<Source>,
}

/// The config that a model was trained from: for people, and for measuring it again on its test data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The config, YAML.
    pub config: String,
    /// The folder that paths in the config are relative to, as the user gave it. `None` for a ready
    /// model, whose data come with the program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<PathBuf>,
}

impl Model {
    /// A model of unknown task, without names of classes and normalization.
    pub fn new(graph: Graph, weights: Weights) -> Self {
        let channels = graph.inputs().next().map_or(0, |(_, node)| node.shape.channels);
        let normalization = Normalization::none(channels);
        Self { graph, weights, task: None, classes: Vec::new(), normalization, source: None }
    }

    /// The inference form: [`graph::merge`] of graph and weights, all else unchanged. Also returns what
    /// could not be merged, with the reasons. The inference form of a merged model is itself.
    pub fn merged(&self) -> (Self, Vec<Refusal>) {
        let merged = graph::merge(&self.graph, &self.weights);
        let model = Self {
            graph: merged.graph,
            weights: merged.weights,
            task: self.task,
            classes: self.classes.clone(),
            normalization: self.normalization.clone(),
            source: self.source.clone(),
        };
        (model, merged.refusals)
    }
}
