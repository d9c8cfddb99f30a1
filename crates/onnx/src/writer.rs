//! Collects the nodes, weights and constants of the file.

use std::collections::{BTreeMap, BTreeSet};

use graph::single;

use crate::proto::{AttributeProto, FLOAT, INT64, NodeProto, TensorProto};

/// The nodes and arrays of the file, each with a unique name.
#[derive(Default)]
pub(crate) struct Writer {
    pub(crate) nodes: Vec<NodeProto>,
    pub(crate) initializers: Vec<TensorProto>,
    names: BTreeSet<String>,
    /// The names of small constants by type, dimensions and bytes, so that equal ones are written once.
    constants: BTreeMap<(i32, Vec<i64>, Vec<u8>), String>,
}

impl Writer {
    /// Reserves a name that is not used yet: `name` itself if possible.
    pub(crate) fn unique(&mut self, name: &str) -> String {
        let mut unique = name.to_owned();
        let mut count = 0;
        while !self.names.insert(unique.clone()) {
            count += 1;
            unique = format!("{name}_{count}");
        }
        unique
    }

    /// Adds a node with one output.
    pub(crate) fn node(
        &mut self,
        name: &str,
        op_type: &str,
        inputs: &[&str],
        output: &str,
        attributes: Vec<AttributeProto>,
    ) {
        self.nodes.push(NodeProto {
            input: inputs.iter().map(|input| (*input).to_owned()).collect(),
            output: vec![output.to_owned()],
            name: name.to_owned(),
            op_type: op_type.to_owned(),
            attribute: attributes,
        });
    }

    /// Adds an array of weights under a reserved name.
    pub(crate) fn weights(&mut self, name: &str, dims: &[usize], values: &[f32]) {
        let raw_data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.initializers.push(TensorProto {
            dims: integers(dims),
            data_type: FLOAT,
            name: name.to_owned(),
            raw_data,
        });
    }

    /// Returns the name of an f32 constant, which is added if it does not exist.
    pub(crate) fn floats(&mut self, dims: &[usize], values: &[f64]) -> String {
        let raw_data = values.iter().flat_map(|value| single(*value).to_le_bytes()).collect();
        self.constant(FLOAT, integers(dims), raw_data)
    }

    /// Returns the name of an f32 scalar.
    pub(crate) fn scalar(&mut self, value: f64) -> String {
        self.floats(&[], &[value])
    }

    /// Returns the name of a list of integers.
    pub(crate) fn integers(&mut self, values: &[i64]) -> String {
        let raw_data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.constant(INT64, vec![values.len().cast_signed() as i64], raw_data)
    }

    /// Returns the name of an integer scalar.
    pub(crate) fn integer(&mut self, value: i64) -> String {
        self.constant(INT64, Vec::new(), value.to_le_bytes().to_vec())
    }

    fn constant(&mut self, data_type: i32, dims: Vec<i64>, raw_data: Vec<u8>) -> String {
        let key = (data_type, dims, raw_data);
        if let Some(name) = self.constants.get(&key) {
            return name.clone();
        }
        let name = self.unique(&format!("constant/{}", self.constants.len()));
        let (data_type, dims, raw_data) = key.clone();
        self.initializers.push(TensorProto { dims, data_type, name: name.clone(), raw_data });
        self.constants.insert(key, name.clone());
        name
    }
}

/// Sizes as the format stores them.
pub(crate) fn integers(sizes: &[usize]) -> Vec<i64> {
    sizes.iter().map(|size| size.cast_signed() as i64).collect()
}

/// `AttributeProto.AttributeType`.
mod attribute_type {
    pub(super) const FLOAT: i32 = 1;
    pub(super) const INT: i32 = 2;
    pub(super) const STRING: i32 = 3;
    pub(super) const INTS: i32 = 7;
}

pub(crate) fn float(name: &str, value: f64) -> AttributeProto {
    let name = name.to_owned();
    AttributeProto {
        name,
        f: Some(single(value)),
        r#type: attribute_type::FLOAT,
        ..AttributeProto::default()
    }
}

pub(crate) fn int(name: &str, value: i64) -> AttributeProto {
    let name = name.to_owned();
    AttributeProto { name, i: Some(value), r#type: attribute_type::INT, ..AttributeProto::default() }
}

pub(crate) fn ints(name: &str, values: Vec<i64>) -> AttributeProto {
    let name = name.to_owned();
    AttributeProto { name, ints: values, r#type: attribute_type::INTS, ..AttributeProto::default() }
}

pub(crate) fn string(name: &str, value: &str) -> AttributeProto {
    let (name, s) = (name.to_owned(), Some(value.as_bytes().to_vec()));
    AttributeProto { name, s, r#type: attribute_type::STRING, ..AttributeProto::default() }
}
