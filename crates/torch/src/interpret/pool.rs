//! Poolings.

use graph::{Pool, Shape};
use tch::{TchError, Tensor};

use super::format::{as_image, is_plain_series, of_image};
use super::pad::{both_sides, padded, pads};
use crate::number::{axes, ints};

/// Largest element of each window. Padding is treated as −∞.
pub(super) fn max(x: &Tensor, shape: &Shape, pool: &Pool) -> Result<Tensor, TchError> {
    let pads = pads(&pool.window(), shape);
    let (x, padding) = match own_padding(&pads, pool) {
        Some(padding) => (x.shallow_clone(), padding),
        None => (padded(x, &pads, f64::NEG_INFINITY)?, vec![0; pads.len()]),
    };
    let rank = shape.rank();
    let [kernel, stride] = [pool.kernel, pool.stride].map(|extent| axes(extent, rank));
    if is_plain_series(&x) {
        return x.f_max_pool1d(kernel, stride, padding, [1], false);
    }
    let [kernel, stride] = [kernel, stride].map(|axes| of_image(axes, 1));
    as_image(&x, |x| x.f_max_pool2d(kernel, stride, of_image(padding, 0), [1, 1], false))
}

/// Mean of each window, over the padding as well or over real elements only.
pub(super) fn average(
    x: &Tensor,
    shape: &Shape,
    pool: &Pool,
    count_padding: bool,
) -> Result<Tensor, TchError> {
    let pads = pads(&pool.window(), shape);
    if let Some(padding) = own_padding(&pads, pool) {
        return mean(x, pool, padding, count_padding);
    }
    let means = |x: &Tensor| mean(&padded(x, &pads, 0.0)?, pool, vec![0; pads.len()], true);
    if count_padding {
        return means(x);
    }
    // The mean of ones is the share of real elements in each window.
    let one_sample = ints([1, 1].into_iter().chain(shape.space.iter().copied()));
    let share = means(&Tensor::f_ones(one_sample, (x.kind(), x.device()))?)?;
    means(x)?.f_div(&share)
}

fn mean(x: &Tensor, pool: &Pool, padding: Vec<i64>, count_padding: bool) -> Result<Tensor, TchError> {
    let rank = padding.len();
    let [kernel, stride] = [pool.kernel, pool.stride].map(|extent| axes(extent, rank));
    if is_plain_series(x) {
        return x.f_avg_pool1d(kernel, stride, padding, false, count_padding);
    }
    let [kernel, stride] = [kernel, stride].map(|axes| of_image(axes, 1));
    as_image(x, |x| x.f_avg_pool2d(kernel, stride, of_image(padding, 0), false, count_padding, None))
}

/// The padding if libtorch's poolings accept it: equal sides, at most half of the kernel.
fn own_padding(pads: &[(usize, usize)], pool: &Pool) -> Option<Vec<i64>> {
    let within = pads.iter().enumerate().all(|(axis, &(before, _))| before <= pool.kernel.at(axis) / 2);
    if within { both_sides(pads) } else { None }
}
