//! Conversions between kinds of numbers.

/// The nearest f32.
#[allow(clippy::cast_possible_truncation, reason = "rounding to f32 is the purpose")]
pub fn single(value: f64) -> f32 {
    value as f32
}
