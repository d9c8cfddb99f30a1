//! Exported models.

use std::fmt;

use graph::Refusal;
use prost::Message;

use crate::limits::{Limit, limits};
use crate::proto::ModelProto;

/// An ONNX model, opset 17.
///
/// Its `Display` prints a readable form without the values of weights.
#[derive(Clone, Debug)]
pub struct Exported {
    pub(crate) model: ModelProto,
    pub(crate) inputs: Vec<TensorInfo>,
    pub(crate) outputs: Vec<TensorInfo>,
    pub(crate) refusals: Vec<Refusal>,
}

/// An input or output of an exported model; its elements are f32.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorInfo {
    /// The name.
    pub name: String,
    /// The sizes of the axes, the batch first.
    pub dims: Vec<Dim>,
}

/// The size of one axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dim {
    /// Exactly this size.
    Fixed(usize),
    /// Any size that the network accepts, with a name such as `batch`. Axes with equal names have equal sizes.
    Dynamic(String),
}

impl Exported {
    /// The content of the file. The same model and options give the same bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.model.encode_to_vec()
    }

    /// The inputs, in the graph's order.
    pub fn inputs(&self) -> &[TensorInfo] {
        &self.inputs
    }

    /// The outputs: those of the graph, then the further ones.
    pub fn outputs(&self) -> &[TensorInfo] {
        &self.outputs
    }

    /// The known readers that do not support the file or compute a wrong result, with the reasons. Each reason of a
    /// reader is listed once, with the first node that it applies to.
    pub fn limits(&self) -> Vec<Limit> {
        limits(self)
    }

    /// The nodes that could not be merged, with the reasons.
    pub fn refusals(&self) -> &[Refusal] {
        &self.refusals
    }
}

impl fmt::Display for TensorInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [", self.name)?;
        for (axis, dim) in self.dims.iter().enumerate() {
            if axis > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{dim}")?;
        }
        f.write_str("]")
    }
}

impl fmt::Display for Dim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(size) => write!(f, "{size}"),
            Self::Dynamic(name) => f.write_str(name),
        }
    }
}
