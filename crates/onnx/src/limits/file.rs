//! The nodes of a file, with what the rules ask about them.

use std::collections::{BTreeMap, BTreeSet};

use crate::exported::{Dim, Exported, TensorInfo};
use crate::proto::{GraphProto, NodeProto, TensorProto};

/// A file, with the producer and the readers of each tensor.
pub(super) struct File<'e> {
    exported: &'e Exported,
    producers: BTreeMap<&'e str, &'e NodeProto>,
    readers: BTreeMap<&'e str, Vec<&'e NodeProto>>,
    constants: BTreeMap<&'e str, &'e TensorProto>,
    dynamic: BTreeSet<&'e str>,
    sizes: BTreeMap<&'e str, Vec<i64>>,
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
        let dynamic = dynamic(exported, graph);
        let sizes = sizes(exported, graph);
        Self { exported, producers, readers, constants, dynamic, sizes }
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

    /// The integers of a constant that is an input of `node`; empty if the input is computed.
    pub(super) fn integers(&self, node: &NodeProto, input: usize) -> Vec<i64> {
        let constant = self.constant(node, input).map_or(&[][..], |tensor| &tensor.raw_data);
        constant.as_chunks().0.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect()
    }

    /// Number of dynamic spatial axes of the first input.
    pub(super) fn dynamic_axes(&self) -> usize {
        let input = self.exported.inputs.first();
        let space = input.map_or(&[][..], |input| input.dims.get(2..).unwrap_or_default());
        space.iter().filter(|dim| matches!(dim, Dim::Dynamic(_))).count()
    }

    /// Whether the number of samples is dynamic.
    pub(super) fn has_dynamic_batch(&self) -> bool {
        self.exported.inputs.first().is_some_and(|input| matches!(input.dims.first(), Some(Dim::Dynamic(_))))
    }

    /// Whether the output of `node` may have a single position at some size that the file accepts.
    pub(super) fn may_have_one_position(&self, node: &NodeProto) -> bool {
        let output = node.output.first().map_or("", String::as_str);
        self.dynamic.contains(output)
            || self.sizes.get(output).is_some_and(|sizes| sizes.iter().all(|size| *size == 1))
    }

    /// Whether `node` has a stride above 1 on each axis whose size is above 1, and on some axis.
    pub(super) fn skips_on_each_axis(&self, node: &NodeProto) -> bool {
        let strides = list(node, "strides");
        let size =
            |axis: usize| node.input.first().and_then(|input| self.sizes.get(input.as_str())?.get(axis));
        let skips = |axis: usize| strides[axis] > 1 || size(axis) == Some(&1);
        strides.iter().any(|stride| *stride > 1) && (0..strides.len()).all(skips)
    }

    /// Whether the size of an input of `node` is dynamic, apart from the batch.
    pub(super) fn has_dynamic_size(&self, node: &NodeProto, input: usize) -> bool {
        node.input.get(input).is_some_and(|name| self.dynamic.contains(name.as_str()))
    }

    /// The nodes that `node` depends on, directly or through nodes that `passes` accepts.
    pub(super) fn before(&self, node: &NodeProto, passes: impl Fn(&NodeProto) -> bool) -> Vec<&'e NodeProto> {
        let mut found: Vec<&NodeProto> = Vec::new();
        let mut tensors: Vec<&str> = node.input.iter().map(String::as_str).collect();
        while let Some(tensor) = tensors.pop() {
            let Some(producer) = self.producers.get(tensor).copied() else { continue };
            if found.iter().any(|node| node.name == producer.name) {
                continue;
            }
            found.push(producer);
            if passes(producer) {
                tensors.extend(producer.input.iter().map(String::as_str));
            }
        }
        found
    }
}

/// The tensors whose size is dynamic, apart from the batch.
fn dynamic<'e>(exported: &'e Exported, graph: &'e GraphProto) -> BTreeSet<&'e str> {
    let has_dynamic_space =
        |input: &&TensorInfo| input.dims.iter().skip(2).any(|dim| matches!(dim, Dim::Dynamic(_)));
    let inputs = exported.inputs.iter().filter(has_dynamic_space);
    let mut dynamic: BTreeSet<&str> = inputs.map(|input| input.name.as_str()).collect();
    for node in &graph.node {
        // Their output does not depend on the size of their input.
        let ends_size = ["Flatten", "Gather", "GlobalAveragePool", "Shape"].contains(&node.op_type.as_str());
        if !ends_size && node.input.iter().any(|input| dynamic.contains(input.as_str())) {
            dynamic.extend(node.output.iter().map(String::as_str));
        }
    }
    dynamic
}

/// The static spatial sizes of tensors, as far as they follow from inputs, convolutions, pools and pointwise nodes.
fn sizes<'e>(exported: &'e Exported, graph: &'e GraphProto) -> BTreeMap<&'e str, Vec<i64>> {
    let mut sizes: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for input in &exported.inputs {
        let space = input.dims.iter().skip(2).map(|dim| match dim {
            Dim::Fixed(size) => i64::try_from(*size).ok(),
            Dim::Dynamic(_) => None,
        });
        if let Some(space) = space.collect() {
            sizes.insert(&input.name, space);
        }
    }
    for node in &graph.node {
        let Some(input) = node.input.first().and_then(|input| sizes.get(input.as_str())) else { continue };
        let output = match node.op_type.as_str() {
            "Conv" | "MaxPool" | "AveragePool" => windows(node, input),
            "GlobalAveragePool" => vec![1; input.len()],
            "ConvTranspose" => transposed(node, input),
            "Resize" | "Slice" | "Pad" | "Reshape" | "Shape" | "Gather" | "Flatten" => continue,
            _ => input.clone(),
        };
        if let Some(name) = node.output.first() {
            sizes.insert(name, output);
        }
    }
    sizes
}

/// Number of windows on each axis of an input of these sizes.
fn windows(node: &NodeProto, input: &[i64]) -> Vec<i64> {
    let pads = list(node, "pads");
    let along = |(axis, size): (usize, &i64)| {
        let [kernel, stride, dilation] = ["kernel_shape", "strides", "dilations"]
            .map(|name| list(node, name).get(axis).copied().unwrap_or(1));
        let padding = [axis, axis + input.len()].map(|index| pads.get(index).copied().unwrap_or(0));
        (size + padding[0] + padding[1] - dilation * (kernel - 1) - 1) / stride + 1
    };
    input.iter().enumerate().map(along).collect()
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

/// The size of the output of a transposed convolution.
fn transposed(node: &NodeProto, input: &[i64]) -> Vec<i64> {
    let [kernel, strides, pads] = ["kernel_shape", "strides", "pads"].map(|name| list(node, name));
    let along = |(axis, size): (usize, &i64)| {
        (size - 1) * strides[axis] + kernel[axis] - pads[axis] - pads[axis + input.len()]
    };
    input.iter().enumerate().map(along).collect()
}
