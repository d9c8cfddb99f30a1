//! Options of an export.

use graph::Shape;

/// The content of the exported file, and the sizes that it accepts.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Whether norms and branches are folded into convolutions first ([`model::Model::merged`]).
    pub merged: bool,
    /// The sizes that the file accepts.
    pub sizes: Sizes,
    /// The shape of the first input, without the batch. If `None`, the shape that the graph was built for. With
    /// dynamic sizes, it is not written to the file.
    pub input: Option<Shape>,
    /// Whether the input is in the units of the data, so that the file normalizes it. Outputs that are values
    /// (regression, denoising) are then in the units of the data, too.
    pub raw_input: bool,
    /// Whether the main output is the probability of each class instead of its logit.
    pub probabilities: bool,
    /// Whether a series is written as an image of height 1.
    pub as_image: bool,
    /// Names of nodes, scopes or outputs of the unmerged graph, as in [`graph::Graph::until`], whose values are
    /// outputs of the file in addition to those of the graph.
    pub further_outputs: Vec<String>,
}

impl Default for Options {
    /// Merged, with a dynamic batch; everything else as in the graph.
    fn default() -> Self {
        Self {
            merged: true,
            sizes: Sizes::DynamicBatch,
            input: None,
            raw_input: false,
            probabilities: false,
            as_image: false,
            further_outputs: Vec::new(),
        }
    }
}

/// The sizes that an exported file accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sizes {
    /// One shape and this number of samples.
    Static {
        /// Samples in a batch.
        batch: usize,
    },
    /// One shape and any number of samples.
    DynamicBatch,
    /// Any number of samples, and any length or height and width that the graph accepts.
    Dynamic,
}
