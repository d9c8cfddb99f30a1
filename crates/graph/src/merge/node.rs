//! Readers and weights of a node that may merge.

use crate::number::single;
use crate::rewrite::{Reader, Rewrite};
use crate::{Array, Role, Value};

/// The only reader of `value`; otherwise the others. An output counts as a reader.
pub(super) fn only_reader(rewrite: &Rewrite, value: Value) -> Result<Value, String> {
    let name = |value: Value| &rewrite.node(value).name;
    let mut nodes = Vec::new();
    for reader in rewrite.readers(value) {
        match *reader {
            Reader::Node(reader) => nodes.push(reader),
            Reader::Output(i) => {
                let output = &rewrite.outputs()[i].name;
                return Err(format!("`{}` is also the output `{output}`", name(value)));
            }
        }
    }
    nodes.sort_unstable();
    match nodes[..] {
        [reader] => Ok(reader),
        [] => Err(format!("nothing reads `{}`", name(value))),
        [first, .., last] => {
            Err(format!("`{}` is read by both `{}` and `{}`", name(value), name(first), name(last)))
        }
    }
}

/// The weight of `role` that the node of `value` has, known to be complete.
pub(super) fn weight(rewrite: &Rewrite, value: Value, role: Role) -> Result<&[f32], String> {
    let parameter = rewrite.parameter(value, role).expect("the node has a parameter of this role");
    let (name, expected) = (&parameter.name, parameter.elements());
    let array = rewrite.weights().get(name);
    let data = array.ok_or_else(|| format!("`{name}` is missing among the weights"))?.data();
    if data.len() != expected {
        return Err(format!("`{name}`: expected {expected} elements, found {}", data.len()));
    }
    Ok(data)
}

/// As [`weight`], in f64.
pub(super) fn weight_f64(rewrite: &Rewrite, value: Value, role: Role) -> Result<Vec<f64>, String> {
    Ok(weight(rewrite, value, role)?.iter().copied().map(f64::from).collect())
}

/// Sets the weight of `role` that the node of `value` has.
pub(super) fn set_weight(rewrite: &mut Rewrite, value: Value, role: Role, data: &[f64]) {
    let parameter = rewrite.parameter(value, role).expect("the node has a parameter of this role");
    let array = Array::from_fn(parameter.shape, |i| single(data[i]));
    rewrite.weights_mut().insert(parameter.name, array);
}
