//! Readers and weights of a node that may merge.

use crate::number::{first_not_finite, single};
use crate::rewrite::{Reader, Rewrite};
use crate::{Array, Op, Role, Value};

/// The only reader of `value`; otherwise the others. An output counts as a reader.
pub(super) fn only_reader(rewrite: &Rewrite, value: Value) -> Result<Value, String> {
    let name = |value: Value| &rewrite.node(value).name;
    let mut first_and_last = None;
    for reader in rewrite.readers(value) {
        match *reader {
            Reader::Node(reader) => {
                let (first, last) = first_and_last.unwrap_or((reader, reader));
                first_and_last = Some((reader.min(first), reader.max(last)));
            }
            Reader::Output(i) => {
                let output = &rewrite.outputs()[i].name;
                return Err(format!("`{}` is also the output `{output}`", name(value)));
            }
        }
    }
    match first_and_last {
        Some((reader, _)) if rewrite.readers(value).len() == 1 => Ok(reader),
        Some((first, last)) => {
            Err(format!("`{}` is read by both `{}` and `{}`", name(value), name(first), name(last)))
        }
        None => Err(format!("nothing reads `{}`", name(value))),
    }
}

/// Checks that the node of `value` can be replaced by this operation on `source`.
pub(super) fn check_set(rewrite: &Rewrite, value: Value, op: &Op, source: Value) -> Result<(), String> {
    let changed = rewrite.changed(value, op.clone(), vec![source]);
    changed.map(drop).map_err(|error| error.message().to_owned())
}

/// Checks that merged weights of the node called `name` are finite as f32.
pub(super) fn check_finite(name: &str, weights: &[f64]) -> Result<(), String> {
    match weights.iter().find(|weight| !single(**weight).is_finite()) {
        None => Ok(()),
        Some(weight) => Err(format!(
            "the merged weights of `{name}` would contain {weight:e}, which is out of range for f32"
        )),
    }
}

/// Returns the weight of `role` of the node of `value`, checked to be present and finite.
pub(super) fn weight(rewrite: &Rewrite, value: Value, role: Role) -> Result<&[f32], String> {
    let parameter = rewrite.parameter(value, role).expect("the node has a parameter of this role");
    let (name, expected) = (&parameter.name, parameter.elements());
    let array = rewrite.weights().get(name);
    let data = array.ok_or_else(|| format!("`{name}` is missing among the weights"))?.data();
    if data.len() != expected {
        return Err(format!("`{name}`: expected {expected} elements, found {}", data.len()));
    }
    if let Some(i) = first_not_finite(data) {
        return Err(format!("`{name}`: expected finite weights, found {}", data[i]));
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
