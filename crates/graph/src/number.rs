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

/// Returns the index of the first number that is NaN or infinite.
pub(crate) fn first_not_finite(numbers: &[f32]) -> Option<usize> {
    // A pass without a branch per number is several times faster, and is all that most arrays need.
    const EXPONENT: u32 = f32::INFINITY.to_bits();
    let largest = numbers.iter().fold(0, |largest, number| largest.max(number.to_bits() & EXPONENT));
    if largest == EXPONENT { numbers.iter().position(|number| !number.is_finite()) } else { None }
}
