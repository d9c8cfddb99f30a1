//! Inspection of every intermediate value.

use std::time::{Duration, Instant};

use graph::plan::Schedule;
use graph::{Node, Value};
use tch::{Cuda, Device, Tensor};

use crate::error::TorchError;
use crate::net::Net;

/// The output of one node, as [`Net::inspect`] shows it.
#[derive(Clone, Copy, Debug)]
pub struct NodeOutput<'a> {
    /// The node.
    pub node: &'a Node,
    /// Its value in the graph.
    pub value: Value,
    /// The result; it is freed after the last reader unless it is cloned.
    pub tensor: &'a Tensor,
    /// The time that the computation took.
    pub time: Duration,
}

impl Net {
    /// Runs in inference and shows the output of every node to `visit`, in order of computation, also
    /// of nodes that no output needs.
    ///
    /// # Errors
    /// As [`Net::run`]; the nodes before the faulty one have been shown.
    pub fn inspect(&self, input: &Tensor, mut visit: impl FnMut(NodeOutput<'_>)) -> Result<(), TorchError> {
        let output = self.graph.main_output().value;
        let mut pass = self.begin(&[input], false)?;
        for instruction in Schedule::complete(&self.graph, &[output]).instructions() {
            let value = instruction.value;
            let start = Instant::now();
            pass.compute(value)?;
            if let Device::Cuda(index) = self.device() {
                Cuda::synchronize(i64::try_from(index).unwrap_or(-1));
            }
            let time = start.elapsed();
            visit(NodeOutput { node: self.graph.node(value), value, tensor: pass.get(value), time });
            pass.free(&instruction.frees);
        }
        Ok(())
    }
}
