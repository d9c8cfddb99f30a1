//! The text form of an export.

use std::fmt;

use crate::exported::Exported;
use crate::proto::{AttributeProto, FLOAT, NodeProto, TensorProto};

/// Arrays of at most this many elements are printed with their values.
const SHOWN: usize = 8;

impl fmt::Display for Exported {
    /// Inputs, outputs, nodes in order of computation, weights and constants, and metadata; one line each.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for opset in &self.model.opset_import {
            writeln!(f, "ir {}, opset {}", self.model.ir_version, opset.version)?;
        }
        for tensor in &self.inputs {
            writeln!(f, "input {tensor}")?;
        }
        for tensor in &self.outputs {
            writeln!(f, "output {tensor}")?;
        }
        if let Some(graph) = &self.model.graph {
            for node in &graph.node {
                write_node(f, node)?;
            }
            for tensor in &graph.initializer {
                write_array(f, tensor)?;
            }
        }
        for entry in &self.model.metadata_props {
            writeln!(f, "metadata {}: {:?}", entry.key, entry.value)?;
        }
        Ok(())
    }
}

fn write_node(f: &mut fmt::Formatter<'_>, node: &NodeProto) -> fmt::Result {
    write!(f, "{} = {}({})", node.output.join(", "), node.op_type, node.input.join(", "))?;
    for attribute in &node.attribute {
        write!(f, " {}=", attribute.name)?;
        write_value(f, attribute)?;
    }
    writeln!(f)
}

fn write_value(f: &mut fmt::Formatter<'_>, attribute: &AttributeProto) -> fmt::Result {
    if let Some(number) = attribute.f {
        write!(f, "{number}")
    } else if let Some(number) = attribute.i {
        write!(f, "{number}")
    } else if let Some(bytes) = &attribute.s {
        f.write_str(&String::from_utf8_lossy(bytes))
    } else {
        write!(f, "{:?}", attribute.ints)
    }
}

fn write_array(f: &mut fmt::Formatter<'_>, tensor: &TensorProto) -> fmt::Result {
    let is_float = tensor.data_type == FLOAT;
    write!(f, "{}: {} {:?}", tensor.name, if is_float { "f32" } else { "i64" }, tensor.dims)?;
    let elements = tensor.raw_data.len() / if is_float { 4 } else { 8 };
    if elements <= SHOWN {
        f.write_str(" =")?;
        if is_float {
            for number in tensor.raw_data.as_chunks().0 {
                write!(f, " {}", f32::from_le_bytes(*number))?;
            }
        } else {
            for number in tensor.raw_data.as_chunks().0 {
                write!(f, " {}", i64::from_le_bytes(*number))?;
            }
        }
    }
    writeln!(f)
}
