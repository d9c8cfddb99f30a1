//! Training passes whose batch norms have the statistics of the batches of several processes.
//!
//! The statistics depend on the inputs of all processes, so their gradients have to be exchanged in the middle of the
//! backward pass, which autograd cannot do through tch. So each node has an autograd graph of its own: its inputs are
//! leaves, and the backward pass goes through the nodes in reverse order.

mod norm;

use graph::{Node, Op};
use tch::Tensor;

use self::norm::SyncedNorm;
use crate::error::{Fault, TorchError};
use crate::net::Net;

/// Exchanges values with the other processes: returns those of every process, in order, including this one's. All
/// processes call it with equal numbers of values, and equally often.
pub type Gather<'g> = dyn FnMut(&[f32]) -> Vec<Vec<f32>> + 'g;

/// A training pass up to the main output. Compute a loss from the output and its gradient, then call
/// [`SyncedPass::backward`].
pub struct SyncedPass<'n> {
    steps: Vec<Step<'n>>,
    output: Tensor,
}

/// A node that was computed.
struct Step<'n> {
    node: &'n Node,
    /// The result, with the node's own autograd graph.
    result: Tensor,
    /// The same values as a leaf, from which the later nodes are computed.
    leaf: Tensor,
    norm: Option<SyncedNorm>,
}

impl Net {
    /// As [`Net::run`] in training, with batch norms that normalize by the mean and variance of the batches of all
    /// processes together. All processes have equal graphs and weights; their batches may differ in size. The running
    /// statistics are updated equally on all of them.
    ///
    /// # Errors
    /// As [`Net::run`]. The other processes then wait for this one.
    pub fn run_synced(&self, input: &Tensor, gather: &mut Gather<'_>) -> Result<SyncedPass<'_>, TorchError> {
        let mut pass = self.begin(&[input], true)?;
        let mut steps = Vec::new();
        for instruction in self.main.instructions() {
            let value = instruction.value;
            let node = self.graph.node(value);
            let mut norm = None;
            if let Op::BatchNorm(batch_norm) = &node.op
                && !self.variables.is_frozen(value)
            {
                let x = pass.get(node.inputs[0]);
                let applied = SyncedNorm::apply(x, batch_norm, self.variables.of(value), gather);
                let (result, applied) = applied.map_err(|fault| fault.at(node))?;
                pass.set(value, result);
                norm = Some(applied);
            } else {
                pass.compute(value)?;
            }
            let result = pass.take(value);
            let leaf = result.detach().set_requires_grad(result.requires_grad());
            pass.set(value, leaf.shallow_clone());
            steps.push(Step { node, result, leaf, norm });
            pass.free(&instruction.frees);
        }
        Ok(SyncedPass { steps, output: pass.take(self.graph.main_output().value) })
    }
}

impl SyncedPass<'_> {
    /// The main output, from which the loss is computed.
    pub fn output(&self) -> &Tensor {
        &self.output
    }

    /// Adds the gradients of the variables, after the loss has been differentiated with respect to the output. The
    /// loss of all processes is the sum of theirs.
    ///
    /// # Errors
    /// An operation that libtorch refuses. The error names the node.
    pub fn backward(mut self, gather: &mut Gather<'_>) -> Result<(), TorchError> {
        while let Some(step) = self.steps.pop() {
            step.backward(gather).map_err(|fault| fault.at(step.node))?;
        }
        Ok(())
    }
}

impl Step<'_> {
    /// Adds the gradients of the node's inputs and parameters, given that of its result.
    fn backward(&self, gather: &mut Gather<'_>) -> Result<(), Fault> {
        let gradient = self.leaf.f_grad()?;
        if !gradient.defined() || !self.result.requires_grad() {
            return Ok(());
        }
        // The gradient of this sum with respect to the result is `gradient`.
        self.result.f_mul(&gradient)?.f_sum(self.result.kind())?.f_backward()?;
        match &self.norm {
            Some(norm) => norm.backward(gather),
            None => Ok(()),
        }
    }
}
