//! Padding and cropping of spatial axes.

use graph::{Shape, Window};
use tch::{TchError, Tensor};

use super::SPACE;
use super::format::in_order;
use crate::number::int;

/// Elements before and after each spatial axis.
pub(super) type Pads = Vec<(usize, usize)>;

/// The padding of an input of this shape by a window.
pub(super) fn pads(window: &Window, shape: &Shape) -> Pads {
    shape.space.iter().enumerate().map(|(axis, &n)| window.pads(axis, n)).collect()
}

/// The padding as libtorch's own operations take it: one number per axis, for both of its sides.
/// `None` if the sides differ.
pub(super) fn both_sides(pads: &[(usize, usize)]) -> Option<Vec<i64>> {
    let both = |&(before, after): &(usize, usize)| if before == after { Some(int(before)) } else { None };
    pads.iter().map(both).collect()
}

/// `x` with elements of `value` around it.
pub(super) fn padded(x: &Tensor, pads: &[(usize, usize)], value: f64) -> Result<Tensor, TchError> {
    if pads.iter().all(|&(before, after)| before + after == 0) {
        return Ok(x.shallow_clone());
    }
    // libtorch begins at the last axis.
    let list: Vec<i64> = pads.iter().rev().flat_map(|&(before, after)| [int(before), int(after)]).collect();
    in_order(x, |x| x.f_pad(&list[..], "constant", value))
}

/// The part of `length` elements from `start` on each spatial axis; a view.
pub(super) fn cropped(x: &Tensor, parts: &[(usize, usize)]) -> Result<Tensor, TchError> {
    let mut part = x.shallow_clone();
    for (axis, &(start, length)) in (SPACE..).zip(parts) {
        part = part.f_narrow(axis, int(start), int(length))?;
    }
    Ok(part)
}
