//! Conversions between kinds of numbers.

/// The nearest f32.
#[allow(clippy::cast_possible_truncation, reason = "rounding to f32 is the purpose")]
pub fn single(value: f64) -> f32 {
    value as f32
}

/// The greatest common divisor of two numbers that are not negative.
pub(crate) fn greatest_common_divisor<T: Copy + Default + PartialEq + std::ops::Rem<Output = T>>(
    a: T,
    b: T,
) -> T {
    if b == T::default() { a } else { greatest_common_divisor(b, a % b) }
}
