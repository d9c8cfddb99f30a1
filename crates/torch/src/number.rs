//! Sizes and kinds of numbers, between this crate and libtorch.

use graph::Extent;
use tch::{Kind, Tensor};

/// A size, index or count as libtorch counts.
pub(crate) fn int(n: usize) -> i64 {
    i64::try_from(n).expect("a graph's sizes are far below the range of i64")
}

/// Sizes as libtorch counts.
pub(crate) fn ints(sizes: impl IntoIterator<Item = usize>) -> Vec<i64> {
    sizes.into_iter().map(int).collect()
}

/// An extent on the first `rank` axes, as libtorch counts.
pub(crate) fn axes(extent: Extent, rank: usize) -> Vec<i64> {
    ints(extent.axes(rank))
}

/// Sizes as we count.
pub(crate) fn sizes(tensor: &Tensor) -> Vec<usize> {
    tensor.size().into_iter().map(|n| usize::try_from(n).expect("no axis is negative")).collect()
}

pub(crate) fn is_float(kind: Kind) -> bool {
    matches!(kind, Kind::Float | Kind::Double | Kind::Half | Kind::BFloat16)
}
