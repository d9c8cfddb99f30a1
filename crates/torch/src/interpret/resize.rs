//! Changes of spatial size.

use graph::{Extent, Shape, UpsampleMode};
use tch::{TchError, Tensor};

use super::SPACE;
use super::format::{as_image, is_plain_series, of_image};
use super::pad::{cropped, padded};
use crate::number::int;

/// Each axis enlarged by its factor.
pub(super) fn upsample(
    x: &Tensor,
    shape: &Shape,
    factor: Extent,
    mode: UpsampleMode,
) -> Result<Tensor, TchError> {
    let size: Vec<i64> = shape.space.iter().zip(factor.axes(2)).map(|(n, f)| int(n * f)).collect();
    let series = is_plain_series(x);
    match mode {
        UpsampleMode::Nearest if !factor.axes(2).all(usize::is_power_of_two) => {
            copies(x, shape.rank(), factor)
        }
        UpsampleMode::Nearest if series => x.f_upsample_nearest1d(size, None),
        UpsampleMode::Nearest => as_image(x, |x| x.f_upsample_nearest2d(of_image(size, 1), None, None)),
        UpsampleMode::Linear { align_corners } if series => x.f_upsample_linear1d(size, align_corners, None),
        UpsampleMode::Linear { align_corners } => {
            as_image(x, |x| x.f_upsample_bilinear2d(of_image(size, 1), align_corners, None, None))
        }
    }
}

/// Each element repeated by the factor. libtorch's nearest upsampling multiplies by the reciprocal of
/// the factor in f32, which selects the wrong element for 41 and other factors; for powers of two it is
/// exact, and faster.
fn copies(x: &Tensor, rank: usize, factor: Extent) -> Result<Tensor, TchError> {
    let mut axes = (SPACE..).zip(factor.axes(rank));
    axes.try_fold(x.shallow_clone(), |x, (axis, factor)| {
        x.f_repeat_interleave_self_int(int(factor), axis, None)
    })
}

/// `x` padded with zeros or cropped to the size of `like`, half of the surplus, rounded down,
/// before.
pub(super) fn crop_or_pad(x: &Tensor, shape: &Shape, like: &Shape) -> Result<Tensor, TchError> {
    let axes = || shape.space.iter().zip(&like.space);
    let crop = |(&n, &m): (&usize, &usize)| (n.saturating_sub(m) / 2, n.min(m));
    let pad = |(&n, &m): (&usize, &usize)| {
        let lacking = m.saturating_sub(n);
        (lacking / 2, lacking - lacking / 2)
    };
    let kept = cropped(x, &axes().map(crop).collect::<Vec<_>>())?;
    padded(&kept, &axes().map(pad).collect::<Vec<_>>(), 0.0)
}
