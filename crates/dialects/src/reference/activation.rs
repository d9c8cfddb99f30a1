//! Keras's activations, by their names.

use graph::Activation;
use layers::OutputActivation;
use serde::{Deserialize, Deserializer};

use super::ReferenceError;

/// An activation by its name in Keras; `linear` and null stand for `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct KerasActivation(pub(super) Option<OutputActivation>);

impl KerasActivation {
    /// The default of most parameters.
    pub(super) fn relu6() -> Self {
        Self(Some(Activation::Relu6.into()))
    }

    /// The default of keras-tcn.
    pub(super) fn relu() -> Self {
        Self(Some(Activation::Relu.into()))
    }

    /// The activation between layers, which must be pointwise.
    pub(super) fn between(self, parameter: &str) -> Result<Activation, ReferenceError> {
        match self.0 {
            Some(OutputActivation::Pointwise(activation)) => Ok(activation),
            Some(OutputActivation::Softmax) => {
                Err(ReferenceError::Unsupported(format!("{parameter} softmax")))
            }
            None => Err(ReferenceError::Unsupported(format!("{parameter} linear"))),
        }
    }
}

impl<'de> Deserialize<'de> for KerasActivation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Some(name) = Option::<String>::deserialize(deserializer)? else { return Ok(Self(None)) };
        let ours = match name.as_str() {
            "" | "linear" => return Ok(Self(None)),
            "leaky_relu" => "leaky_relu(0.2)",
            "elu" => "elu(1)",
            "hard_silu" => "hard_swish",
            name => name,
        };
        ours.parse().map(|activation| Self(Some(activation))).map_err(serde::de::Error::custom)
    }
}
