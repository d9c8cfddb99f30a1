//! The order of a value's elements in memory.

use tch::{Device, Kind, TchError, Tensor};

use super::{CHANNELS, SPACE};

/// Elements below which changing the order costs as much as it saves.
const FEW: usize = 1 << 16;

/// `x` with its channels innermost in memory, and `true`, if that is worth it: for many numbers in
/// single precision on the CPU, where most of libtorch's kernels are then two to six times as fast.
/// It is not if there are more weights than numbers, because their order is changed each time.
///
/// Convolutions call it; other operations keep the order, so that a net pays for few changes.
pub(super) fn ordered(x: &Tensor, weight: &Tensor) -> Result<(Tensor, bool), TchError> {
    if x.kind() != Kind::Float || x.device() != Device::Cpu {
        return Ok((x.shallow_clone(), false));
    }
    if x.numel() < FEW.max(weight.numel()) {
        return Ok((x.f_contiguous()?, false));
    }
    let ordered = if x.size()[1] == 1 {
        // One channel is in both orders at once; the strides of this view say which it is.
        x.f_squeeze_dim(CHANNELS)?.f_unsqueeze(-1)?.f_movedim_int(-1, CHANNELS)?
    } else {
        x.f_movedim_int(CHANNELS, -1)?.f_contiguous()?.f_movedim_int(-1, CHANNELS)?
    };
    Ok((ordered, true))
}

/// The result of `operation` on `x` as an image; a series is one of height 1. libtorch does not notice
/// that the channels of a series are innermost, and would change the order.
pub(super) fn as_image<E: From<TchError>>(
    x: &Tensor,
    operation: impl FnOnce(&Tensor) -> Result<Tensor, E>,
) -> Result<Tensor, E> {
    if x.dim() != 3 {
        return operation(x);
    }
    Ok(operation(&x.f_unsqueeze(SPACE)?)?.f_squeeze_dim(SPACE)?)
}

/// As [`as_image`], for an operation that accepts a series as well: only if it makes a difference.
pub(super) fn in_order<E: From<TchError>>(
    x: &Tensor,
    operation: impl FnOnce(&Tensor) -> Result<Tensor, E>,
) -> Result<Tensor, E> {
    if is_plain_series(x) { operation(x) } else { as_image(x, operation) }
}

/// Whether `x` is a series with its channels outermost, as libtorch's operations on series expect it.
pub(super) fn is_plain_series(x: &Tensor) -> bool {
    x.dim() == 3 && x.is_contiguous()
}

/// Numbers per axis of a series as those of an image, with `height` for the first axis.
pub(super) fn of_image(mut axes: Vec<i64>, height: i64) -> Vec<i64> {
    if axes.len() == 1 {
        axes.insert(0, height);
    }
    axes
}
