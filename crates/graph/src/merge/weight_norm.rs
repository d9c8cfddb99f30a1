//! Weight norm multiplied out.

use super::Draft;
use crate::{Conv, Op, Value};

const LENGTH: &str = "parametrizations.weight.original0";
const DIRECTION: &str = "parametrizations.weight.original1";

pub(super) fn remove(draft: &mut Draft, value: Value) -> bool {
    let &Op::Conv(conv) = draft.op(value) else { return false };
    if !conv.weight_norm {
        return false;
    }
    let Ok(kernel) = plan(draft, value, &conv) else { return false };
    let shape = super::branches::kernel_shape(draft, value, &conv);
    draft.set_op(value, Op::Conv(Conv { weight_norm: false, ..conv }));
    draft.set_weight(value, "weight", shape, &kernel);
    draft.remove_weight(value, LENGTH);
    draft.remove_weight(value, DIRECTION);
    true
}

/// Why a weight norm stays.
pub(super) fn refusal(draft: &Draft, value: Value) -> Option<String> {
    let Op::Conv(conv) = draft.op(value) else { return None };
    conv.weight_norm.then(|| plan(draft, value, conv).err()).flatten()
}

/// The plain kernel `g * v / |v|`.
fn plan(draft: &Draft, value: Value, conv: &Conv) -> Result<Vec<f64>, String> {
    let elements = super::branches::kernel_shape(draft, value, conv).iter().product::<usize>();
    let length = draft.weight(value, LENGTH, conv.out)?;
    let direction = draft.weight(value, DIRECTION, elements)?;
    let rows = direction.chunks(elements / conv.out).zip(&length);
    let kernel: Vec<f64> = rows
        .flat_map(|(row, length)| {
            let norm = row.iter().map(|v| v * v).sum::<f64>().sqrt();
            row.iter().map(move |v| length * v / norm)
        })
        .collect();
    match kernel.iter().all(|v| v.is_finite()) {
        true => Ok(kernel),
        false => Err("a direction of its weight norm has length zero".to_owned()),
    }
}
