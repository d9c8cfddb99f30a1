//! The nodes of a file as rules look at them.

use std::collections::{BTreeMap, BTreeSet};

use crate::exported::{Dim, Exported};
use crate::proto::{GraphProto, NodeProto, TensorProto};

/// A file, with the producer and the readers of each tensor.
pub(super) struct File<'e> {
    exported: &'e Exported,
    producers: BTreeMap<&'e str, &'e NodeProto>,
    readers: BTreeMap<&'e str, Vec<&'e NodeProto>>,
    constants: BTreeMap<&'e str, &'e TensorProto>,
    inputs: BTreeSet<&'e str>,
}

impl<'e> File<'e> {
    pub(super) fn new(exported: &'e Exported, graph: &'e GraphProto) -> Self {
        let mut producers = BTreeMap::new();
        let mut readers: BTreeMap<&str, Vec<&NodeProto>> = BTreeMap::new();
        for node in &graph.node {
            for output in &node.output {
                producers.insert(output.as_str(), node);
            }
            for input in &node.input {
                readers.entry(input).or_default().push(node);
            }
        }
        let constants = graph.initializer.iter().map(|tensor| (tensor.name.as_str(), tensor)).collect();
        let inputs = graph.input.iter().map(|input| input.name.as_str()).collect();
        Self { exported, producers, readers, constants, inputs }
    }

    /// The node that computes an input of `node`; `None` for inputs of the file and constants.
    pub(super) fn producer(&self, node: &NodeProto, input: usize) -> Option<&'e NodeProto> {
        self.producers.get(node.input.get(input)?.as_str()).copied()
    }

    /// The nodes that read the output of `node`.
    pub(super) fn readers(&self, node: &NodeProto) -> &[&'e NodeProto] {
        let output = node.output.first().and_then(|output| self.readers.get(output.as_str()));
        output.map_or(&[], Vec::as_slice)
    }

    /// The constant that is an input of `node`.
    pub(super) fn constant(&self, node: &NodeProto, input: usize) -> Option<&'e TensorProto> {
        self.constants.get(node.input.get(input)?.as_str()).copied()
    }

    /// The integers of a constant that is an input of `node`; none if it is computed.
    pub(super) fn integers(&self, node: &NodeProto, input: usize) -> Vec<i64> {
        let constant = self.constant(node, input).map_or(&[][..], |tensor| &tensor.raw_data);
        constant.as_chunks().0.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect()
    }

    /// Whether an input of `node` is one of the file.
    pub(super) fn is_input(&self, node: &NodeProto, input: usize) -> bool {
        node.input.get(input).is_some_and(|name| self.inputs.contains(name.as_str()))
    }

    /// Number of dynamic spatial axes of the first input.
    pub(super) fn dynamic_axes(&self) -> usize {
        let input = self.exported.inputs.first();
        let space = input.map_or(&[][..], |input| input.dims.get(2..).unwrap_or_default());
        space.iter().filter(|dim| matches!(dim, Dim::Dynamic(_))).count()
    }

    /// Whether the channels of some output depend on the size of the input, as those of flattened values do.
    pub(super) fn has_dynamic_channels(&self) -> bool {
        self.exported.outputs.iter().any(|output| matches!(output.dims.get(1), Some(Dim::Dynamic(_))))
    }
}

/// A list attribute of `node`; empty if it has none of this name.
pub(super) fn list<'n>(node: &'n NodeProto, name: &str) -> &'n [i64] {
    let attribute = node.attribute.iter().find(|attribute| attribute.name == name);
    attribute.map_or(&[], |attribute| &attribute.ints)
}

/// Whether `node` has a string attribute of this name and value.
pub(super) fn is_set(node: &NodeProto, name: &str, value: &str) -> bool {
    let attribute = node.attribute.iter().find(|attribute| attribute.name == name);
    attribute.is_some_and(|attribute| attribute.s.as_deref() == Some(value.as_bytes()))
}

/// Whether the node is of this type.
pub(super) fn is(node: &NodeProto, op_type: &str) -> bool {
    node.op_type == op_type
}
