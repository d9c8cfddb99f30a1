//! The trained model.

use std::path::PathBuf;

use graph::{BuildError, Graph, Refusal, Weights};
use serde::{Deserialize, Serialize};

use crate::{Normalization, Task};

/// A trained model: everything that is required to run it, and the config that it was trained from.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// The network.
    pub graph: Graph,
    /// The values of all of the graph's parameters.
    pub weights: Weights,
    /// The task that it was trained for, if known.
    pub task: Option<Task>,
    /// The names of the classes, in the order of the outputs. Empty if the outputs are values, or if the
    /// names are unknown.
    pub classes: Vec<String>,
    /// The names of the channels of the first input. Empty if they are unknown.
    pub channels: Vec<String>,
    /// The names of the input columns of a table whose rows are recordings. Empty if they are unknown.
    pub columns: Vec<String>,
    /// The names of the outputs of a regression. Empty if the outputs are classes, or if the names are unknown.
    pub outputs: Vec<String>,
    /// The normalization of the first input.
    pub normalization: Normalization,
    /// The normalization of the targets of a regression, which is undone in predictions. `None` if the outputs
    /// are in the data's units.
    pub target_normalization: Option<Normalization>,
    /// The number of samples per second, if known.
    pub sampling_rate: Option<f64>,
    /// The config that it was trained from, if any.
    pub source: Option<Source>,
}

/// The config that a model was trained from. It documents the model, and `factory evaluate` uses it to find
/// the test data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The text of the config, in YAML.
    pub config: String,
    /// The folder that paths in the config are relative to, as the user gave it. `None` for a ready
    /// model, whose data come with the program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<PathBuf>,
    /// The fold of a cross-validation that was held out, such as `2/5` or a group. `None` if the splits are those
    /// of the config.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fold: Option<String>,
}

impl Model {
    /// A model with an unknown task, no class names, and a normalization that changes nothing.
    pub fn new(graph: Graph, weights: Weights) -> Self {
        let channels = graph.inputs().next().map_or(0, |(_, node)| node.shape.channels);
        let normalization = Normalization::none(channels);
        Self {
            graph,
            weights,
            task: None,
            classes: Vec::new(),
            channels: Vec::new(),
            columns: Vec::new(),
            outputs: Vec::new(),
            normalization,
            target_normalization: None,
            sampling_rate: None,
            source: None,
        }
    }

    /// Returns the part of the model up to a node, a scope or an output, as [`Graph::until`] does, with its weights
    /// and the normalization of the input. The part outputs features, so it has no task, classes or units.
    ///
    /// ```
    /// use graph::{Conv, Graph, Weights};
    /// use model::Model;
    /// let graph = Graph::build(|g| {
    ///     let x = g.input("signal", [3, 50])?;
    ///     let x = g.conv("stem", x, Conv::new(8, 5))?;
    ///     let x = g.flatten("flatten", g.global_mean("mean", x)?)?;
    ///     g.output("logits", g.linear("fc", x, 2)?)
    /// })?;
    /// let weights = Weights::initial(&graph, 0);
    /// let encoder = Model::new(graph, weights).until("stem")?;
    /// assert_eq!(*encoder.graph.output_shape(), [8, 50].into());
    /// assert_eq!(encoder.weights.len(), 1);
    /// # Ok::<(), graph::BuildError>(())
    /// ```
    ///
    /// # Errors
    /// If nothing has this name.
    pub fn until(&self, name: &str) -> Result<Self, BuildError> {
        let graph = self.graph.until(name)?;
        let weights = self.weights.clone().for_graph(&graph);
        let first = |graph: &Graph| graph.inputs().next().map(|(_, node)| node.name.clone());
        let has_first_input = first(&graph) == first(&self.graph);
        let part = Self {
            sampling_rate: self.sampling_rate,
            source: self.source.clone(),
            ..Self::new(graph, weights)
        };
        if !has_first_input {
            return Ok(part);
        }
        let (channels, columns) = (self.channels.clone(), self.columns.clone());
        Ok(Self { channels, columns, normalization: self.normalization.clone(), ..part })
    }

    /// Returns the normalization that is undone in outputs that are values: that of the input for denoising, otherwise
    /// that of the targets. `None` if the outputs are classes, or values in the data's units.
    pub fn output_normalization(&self) -> Option<&Normalization> {
        match self.task {
            Some(Task::Denoising) => Some(&self.normalization),
            _ => self.target_normalization.as_ref(),
        }
    }

    /// Returns the inference form: [`graph::merge`] is applied to the graph and the weights, and everything
    /// else is unchanged. Also returns the nodes that could not be merged, with the reasons. Merging a merged
    /// model again changes nothing.
    pub fn merged(&self) -> (Self, Vec<Refusal>) {
        let merged = graph::merge(&self.graph, &self.weights);
        let model = Self {
            graph: merged.graph,
            weights: merged.weights,
            task: self.task,
            classes: self.classes.clone(),
            channels: self.channels.clone(),
            columns: self.columns.clone(),
            outputs: self.outputs.clone(),
            normalization: self.normalization.clone(),
            target_normalization: self.target_normalization.clone(),
            sampling_rate: self.sampling_rate,
            source: self.source.clone(),
        };
        (model, merged.refusals)
    }
}
