//! Conversions between number types.

pub(crate) use graph::single;

/// Converts a count to the index of a random number.
pub(crate) fn wide(n: usize) -> u64 {
    n as u64
}

/// Rounds `value` down and clamps it to 0 to `limit - 1`.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the value is clamped to the range first"
)]
pub(crate) fn floor(value: f64, limit: usize) -> usize {
    (value.max(0.0) as usize).min(limit.saturating_sub(1))
}

/// Returns the number of elements of an array, or `None` if the product of any subset of its sizes overflows. Even
/// if one size is 0, code that slices the array multiplies the others.
pub(crate) fn elements(shape: &[usize]) -> Option<usize> {
    shape.iter().filter(|size| **size > 0).try_fold(1usize, |product, size| product.checked_mul(*size))?;
    Some(shape.iter().product())
}
