//! The instructions of a session, for people.

use graph::{Shape, Table};

use crate::error::EngineError;
use crate::session::Session;

/// An instruction of a session: one kernel, which may compute several nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstructionSummary {
    /// The node whose value is computed, the last of those that the kernel computes.
    pub node: String,
    /// The kernel that was chosen for the size.
    pub kernel: String,
    /// The shape of the value, without the batch.
    pub shape: Shape,
    /// Multiply-adds of the nodes that are computed, as `graph::Cost` counts them.
    pub macs: u64,
}

impl Session {
    /// The instructions in order, with the kernels that were chosen for the session's size.
    ///
    /// # Errors
    /// As [`graph::Graph::cost_at`].
    pub fn instructions(&self) -> Result<Vec<InstructionSummary>, EngineError> {
        let graph = self.graph();
        let costs = graph.cost_at(self.inputs())?.nodes;
        let shapes = graph.shapes_for(self.inputs())?;
        let outputs: Vec<_> = self.kernels().collect();
        // A node belongs to the instruction that reads it, unless it is stored.
        let mut is_counted = Table::from_fn(graph, |_, _| false);
        for (input, _) in graph.inputs() {
            is_counted[input] = true;
        }
        for (name, _) in &outputs {
            if let Some(value) = graph.find(name) {
                is_counted[value] = true;
            }
        }
        let mut instructions = Vec::new();
        for (name, kernel) in outputs {
            let Some(output) = graph.find(name) else { continue };
            let (mut macs, mut values) = (0, vec![output]);
            while let Some(value) = values.pop() {
                macs += costs[value.index()].macs;
                for input in &graph.node(value).inputs {
                    if !is_counted[*input] {
                        is_counted[*input] = true;
                        values.push(*input);
                    }
                }
            }
            let shape = shapes[output].clone();
            instructions.push(InstructionSummary { node: name.to_owned(), kernel, shape, macs });
        }
        Ok(instructions)
    }
}
