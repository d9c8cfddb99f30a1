//! Plain Rust, which the compiler vectorizes as far as it can: the truth that the other instruction sets are compared
//! with.

use super::{Kernel, Simd};
use crate::Lanes;
use crate::layout::BLOCK;

/// Every machine has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Portable;

type Vector = [f32; BLOCK];

#[inline(always)]
fn each(a: Vector, b: Vector, function: impl Fn(f32, f32) -> f32) -> Vector {
    core::array::from_fn(|lane| function(a[lane], b[lane]))
}

impl Simd for Portable {
    type Vector = Vector;
    const ACCUMULATORS: usize = 2;

    #[inline(always)]
    fn splat(self, number: f32) -> Vector {
        [number; BLOCK]
    }

    #[inline(always)]
    fn load(self, lanes: &Lanes) -> Vector {
        lanes.0
    }

    #[inline(always)]
    fn store(self, vector: Vector, lanes: &mut Lanes) {
        lanes.0 = vector;
    }

    #[inline(always)]
    fn add(self, a: Vector, b: Vector) -> Vector {
        each(a, b, |a, b| a + b)
    }

    #[inline(always)]
    fn sub(self, a: Vector, b: Vector) -> Vector {
        each(a, b, |a, b| a - b)
    }

    #[inline(always)]
    fn mul(self, a: Vector, b: Vector) -> Vector {
        each(a, b, |a, b| a * b)
    }

    #[inline(always)]
    fn div(self, a: Vector, b: Vector) -> Vector {
        each(a, b, |a, b| a / b)
    }

    #[inline(always)]
    fn mul_add(self, a: Vector, b: Vector, c: Vector) -> Vector {
        core::array::from_fn(|lane| a[lane] * b[lane] + c[lane])
    }

    #[inline(always)]
    fn min(self, a: Vector, b: Vector) -> Vector {
        each(a, b, |a, b| if a < b { a } else { b })
    }

    #[inline(always)]
    fn max(self, a: Vector, b: Vector) -> Vector {
        each(a, b, |a, b| if a > b { a } else { b })
    }

    #[inline(always)]
    fn sqrt(self, a: Vector) -> Vector {
        a.map(square_root)
    }

    #[inline(always)]
    fn round(self, a: Vector) -> Vector {
        // Above 2^23 the spacing of f32 is 1, so that the sum is rounded to an integer.
        const SHIFT: f32 = 12_582_912.0;
        a.map(|number| (number + SHIFT) - SHIFT)
    }

    #[inline(always)]
    fn scale(self, a: Vector, integer: Vector) -> Vector {
        #[allow(clippy::cast_possible_truncation, reason = "an integer from -126 to 127")]
        let power = |number: f32| f32::from_bits((((number as i32) + 127) << 23).cast_unsigned());
        core::array::from_fn(|lane| a[lane] * power(integer[lane]))
    }

    #[inline(always)]
    fn select_greater(self, a: Vector, b: Vector, then: Vector, otherwise: Vector) -> Vector {
        core::array::from_fn(|lane| if a[lane] > b[lane] { then[lane] } else { otherwise[lane] })
    }

    #[inline(always)]
    fn sum(self, a: Vector) -> f32 {
        a.iter().sum()
    }

    #[inline(always)]
    fn sums(self, vectors: [Vector; 4]) -> [f32; 4] {
        vectors.map(|vector| self.sum(vector))
    }

    #[inline(always)]
    fn call<K: Kernel>(self, kernel: K) -> K::Output {
        kernel.run(self)
    }
}

/// The square root, which `core` does not have.
#[cfg(feature = "std")]
#[inline(always)]
fn square_root(number: f32) -> f32 {
    number.sqrt()
}

/// The square root, which `core` does not have: Newton's method in f64 from an estimate that halves the exponent.
#[cfg(not(feature = "std"))]
fn square_root(number: f32) -> f32 {
    if number == 0.0 || number == f32::INFINITY {
        return number;
    }
    if !(number > 0.0) {
        return f32::NAN;
    }
    let number = f64::from(number);
    let mut root = f64::from_bits((number.to_bits() >> 1) + (1023 << 51));
    for _ in 0..5 {
        root = 0.5 * (root + number / root);
    }
    #[allow(clippy::cast_possible_truncation, reason = "rounding to f32")]
    let root = root as f32;
    root
}
