//! Which nodes are computed, and when each value is let go.

use graph::{Graph, Value};

/// The nodes that some wanted values depend on, in order.
pub(crate) struct Schedule {
    steps: Vec<Step>,
}

/// One node's turn.
pub(crate) struct Step {
    /// The value computed.
    pub(crate) value: Value,
    /// Values that nobody reads any more after it.
    pub(crate) freed: Vec<Value>,
}

impl Schedule {
    /// Only what `wanted` needs.
    pub(crate) fn of(graph: &Graph, wanted: &[Value]) -> Self {
        let mut needed = vec![false; graph.nodes().len()];
        wanted.iter().for_each(|value| needed[value.index()] = true);
        let nodes: Vec<_> = graph.nodes().collect();
        for (value, node) in nodes.into_iter().rev() {
            if needed[value.index()] {
                node.inputs.iter().for_each(|input| needed[input.index()] = true);
            }
        }
        Self::new(graph, wanted, &needed)
    }

    /// Every node, also those that nothing reads.
    pub(crate) fn complete(graph: &Graph, wanted: &[Value]) -> Self {
        Self::new(graph, wanted, &vec![true; graph.nodes().len()])
    }

    fn new(graph: &Graph, wanted: &[Value], needed: &[bool]) -> Self {
        let computed = || graph.nodes().filter(|(value, _)| needed[value.index()]);
        let mut last: Vec<usize> = (0..needed.len()).collect();
        for (value, node) in computed() {
            node.inputs.iter().for_each(|input| last[input.index()] = value.index());
        }
        let mut freed = vec![Vec::new(); needed.len()];
        for (value, _) in computed().filter(|(value, _)| !wanted.contains(value)) {
            freed[last[value.index()]].push(value);
        }
        let steps =
            computed().map(|(value, _)| Step { value, freed: std::mem::take(&mut freed[value.index()]) });
        Self { steps: steps.collect() }
    }

    pub(crate) fn steps(&self) -> &[Step] {
        &self.steps
    }
}
