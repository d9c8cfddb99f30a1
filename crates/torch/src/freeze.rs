//! Parts of a net that do not learn.

use std::fmt;

use graph::format::thousands;
use graph::{BuildError, ErrorKind, Op, Parameter, quoted};
use tch::Tensor;

use crate::error::TorchError;
use crate::net::Net;

/// The trainable parameters that [`Net::freeze`] or [`Net::unfreeze`] applied to. Its `Display` is a phrase such as
/// `3 tensors of 1,216 values`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct FreezeReport {
    /// Number of tensors.
    pub tensors: usize,
    /// Number of values in them.
    pub values: usize,
}

impl Net {
    /// Stops learning in a part of the net: a node, a scope with all nodes below it (`layer1` is not
    /// `layer10`), a single parameter, or, with an empty name, the whole net.
    ///
    /// Gradients no longer reach its parameters, and its batch norms normalize by their running
    /// statistics and leave them alone, even in training. Dropouts still act. Optimizers made before
    /// stay valid and skip these parameters.
    ///
    /// ```
    /// use graph::{BatchNorm, Conv, Graph};
    /// use tch::{Device, nn::VarStore};
    /// let graph = Graph::build(|g| {
    ///     let x = g.input("signal", [6, 100])?;
    ///     let x = g.conv("stem.conv", x, Conv::new(16, 7))?;
    ///     let x = g.batch_norm("stem.bn", x, BatchNorm::default())?;
    ///     g.output("features", x)
    /// })?;
    /// let store = VarStore::new(Device::Cpu);
    /// let mut net = torch::Net::new(&store.root(), graph)?;
    /// assert_eq!(net.freeze("stem")?.to_string(), "3 tensors of 704 values");
    /// assert_eq!(
    ///     net.freeze("stme").unwrap_err().to_string(),
    ///     "graph: expected the name of a node or a scope, found `stme`; the graph has signal, stem",
    /// );
    /// # Ok::<(), torch::TorchError>(())
    /// ```
    ///
    /// # Errors
    /// If the net has no such part, or if the part has no parameters. Nothing is changed then.
    pub fn freeze(&mut self, part: &str) -> Result<FreezeReport, TorchError> {
        self.learn(part, false)
    }

    /// Learns again in a part of the net, as [`Net::freeze`] takes it.
    ///
    /// # Errors
    /// As [`Net::freeze`].
    pub fn unfreeze(&mut self, part: &str) -> Result<FreezeReport, TorchError> {
        self.learn(part, true)
    }

    fn learn(&mut self, part: &str, learns: bool) -> Result<FreezeReport, TorchError> {
        let nodes = match self.graph.nodes_below(part) {
            Ok(nodes) => nodes,
            Err(unknown) => {
                let named = self.variables.iter().find(|(parameter, _)| parameter.name == part);
                let (parameter, tensor) = named.ok_or(unknown)?;
                return Ok(set_learning([(parameter, tensor)], learns));
            }
        };
        let has_parameters = nodes.iter().any(|value| self.variables.iter_of(*value).len() > 0);
        if !has_parameters && !part.is_empty() {
            let message = format!("expected a part with parameters, found {}", quoted(part));
            return Err(BuildError::new("graph", ErrorKind::Name, message).into());
        }
        let mut report = FreezeReport::default();
        for value in nodes {
            if matches!(self.graph.node(value).op, Op::BatchNorm(_)) {
                self.variables.set_frozen(value, !learns);
            }
            let FreezeReport { tensors, values } = set_learning(self.variables.iter_of(value), learns);
            report.tensors += tensors;
            report.values += values;
        }
        Ok(report)
    }
}

/// Sets whether gradients reach the trainable ones of these parameters.
fn set_learning<'a>(
    parameters: impl IntoIterator<Item = (&'a Parameter, &'a Tensor)>,
    learns: bool,
) -> FreezeReport {
    let mut report = FreezeReport::default();
    for (parameter, tensor) in parameters {
        if parameter.role.is_trainable() {
            let _ = tensor.set_requires_grad(learns);
            report.tensors += 1;
            report.values += parameter.elements();
        }
    }
    report
}

impl fmt::Display for FreezeReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = if self.tensors == 1 { "" } else { "s" };
        write!(f, "{} tensor{s} of {} values", self.tensors, thousands(self.values as u64))
    }
}
