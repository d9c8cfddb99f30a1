//! A look at every intermediate value.

use std::time::{Duration, Instant};

use graph::{Node, Value};
use tch::{Cuda, Device, Tensor};

use crate::error::Error;
use crate::net::Net;
use crate::schedule::Schedule;

/// A node's result, as [`Net::inspect`] shows it.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// The node.
    pub node: &'a Node,
    /// Its value in the graph.
    pub value: Value,
    /// What it computed; gone after the call unless cloned.
    pub tensor: &'a Tensor,
    /// How long that took.
    pub time: Duration,
}

impl Net {
    /// Runs in inference and shows every node's result, in order, also of nodes that no output
    /// needs. Returns the main output.
    ///
    /// # Errors
    /// As [`Net::run`]; the nodes before the faulty one have been shown.
    pub fn inspect(&self, input: &Tensor, mut see: impl FnMut(Seen<'_>)) -> Result<Tensor, Error> {
        let output = self.graph.main_output().value;
        let mut values = self.begin(&[input], false)?;
        for step in Schedule::complete(&self.graph, &[output]).steps() {
            let value = step.value;
            let start = Instant::now();
            values.compute(value)?;
            if let Device::Cuda(index) = self.device() {
                Cuda::synchronize(i64::try_from(index).unwrap_or(-1));
            }
            let time = start.elapsed();
            see(Seen { node: self.graph.node(value), value, tensor: values.get(value), time });
            values.free(&step.freed);
        }
        Ok(values.take(output))
    }
}
