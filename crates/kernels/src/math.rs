//! Elementary functions of vectors, by short polynomials.

use core::f32::consts::{FRAC_1_SQRT_2, LOG2_E};

use crate::simd::Simd;

/// The polynomial with these coefficients, the highest power first.
#[inline(always)]
fn polynomial<S: Simd, const N: usize>(simd: S, x: S::Vector, coefficients: [f32; N]) -> S::Vector {
    let mut y = simd.splat(coefficients[0]);
    for coefficient in &coefficients[1..] {
        y = simd.mul_add(y, x, simd.splat(*coefficient));
    }
    y
}

/// Numbers limited to those whose exponential is a normal number in f32.
#[inline(always)]
fn limit<S: Simd>(simd: S, x: S::Vector) -> S::Vector {
    simd.max(simd.splat(-87.0), simd.min(simd.splat(88.0), x))
}

/// `n` and `r` with `x = n ln 2 + r` and the nearest integer `n` to `x / ln 2`.
#[inline(always)]
fn reduce<S: Simd>(simd: S, x: S::Vector) -> (S::Vector, S::Vector) {
    // The sum of both is ln 2; the first has few enough bits for its product with an integer to be exact.
    const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
    let n = simd.round(simd.mul(x, simd.splat(LOG2_E)));
    let r = simd.mul_add(n, simd.splat(-LN_2[0]), x);
    (n, simd.mul_add(n, simd.splat(-LN_2[1]), r))
}

/// The exponential. The polynomial has the least largest relative error on `[-ln 2 / 2, ln 2 / 2]`, 3.1e-9, among those
/// of degree 6 that begin with `1 + x`.
#[inline(always)]
fn exp<S: Simd>(simd: S, x: S::Vector) -> S::Vector {
    let (n, r) = reduce(simd, limit(simd, x));
    let coefficients = [1.381_461_3e-3, 8.368_71e-3, 4.166_839e-2, 1.666_652_1e-1, 4.999_999_4e-1, 1.0, 1.0];
    simd.scale(polynomial(simd, r, coefficients), n)
}

/// `exp(x) - 1`, precise near zero: by the Taylor series to degree 7, whose error is below 1e-8.
#[inline(always)]
pub(crate) fn exp_m1<S: Simd>(simd: S, x: S::Vector) -> S::Vector {
    let (n, r) = reduce(simd, limit(simd, x));
    let series = [1.0 / 5040.0, 1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5];
    let fraction = simd.mul_add(simd.mul(r, r), polynomial(simd, r, series), r);
    let one = simd.splat(1.0);
    let power = simd.scale(one, n);
    simd.mul_add(power, fraction, simd.sub(power, one))
}

#[inline(always)]
pub(crate) fn sigmoid<S: Simd>(simd: S, x: S::Vector) -> S::Vector {
    let one = simd.splat(1.0);
    simd.reciprocal(simd.add(one, exp(simd, simd.sub(simd.splat(0.0), x))))
}

#[inline(always)]
pub(crate) fn hard_sigmoid<S: Simd>(simd: S, x: S::Vector) -> S::Vector {
    let raised = simd.add(x, simd.splat(3.0));
    let limited = simd.max(simd.splat(0.0), simd.min(simd.splat(6.0), raised));
    simd.mul(limited, simd.splat(1.0 / 6.0))
}

#[inline(always)]
fn absolute<S: Simd>(simd: S, x: S::Vector) -> S::Vector {
    simd.max(simd.sub(simd.splat(0.0), x), x)
}

/// `-m / (m + 2)` with `m = exp(-2 |x|) - 1`, and the sign of `x`.
#[inline(always)]
pub(crate) fn tanh<S: Simd>(simd: S, x: S::Vector) -> S::Vector {
    let m = exp_m1(simd, simd.mul(absolute(simd, x), simd.splat(-2.0)));
    let negative = simd.mul(m, simd.reciprocal(simd.add(m, simd.splat(2.0))));
    simd.select_greater(x, simd.splat(0.0), simd.sub(simd.splat(0.0), negative), negative)
}

/// `max(x, 0) + ln(1 + u)` with `u = exp(-|x|)`, the logarithm by the series of `2 artanh(u / (2 + u))`.
#[inline(always)]
pub(crate) fn softplus<S: Simd>(simd: S, x: S::Vector) -> S::Vector {
    let u = exp(simd, simd.sub(simd.splat(0.0), absolute(simd, x)));
    let s = simd.mul(u, simd.reciprocal(simd.add(u, simd.splat(2.0))));
    let series =
        [2.0 / 17.0, 2.0 / 15.0, 2.0 / 13.0, 2.0 / 11.0, 2.0 / 9.0, 2.0 / 7.0, 2.0 / 5.0, 2.0 / 3.0, 2.0];
    let logarithm = simd.mul(s, polynomial(simd, simd.mul(s, s), series));
    simd.add(simd.max(simd.splat(0.0), x), logarithm)
}

/// `x n / (n + 2)` with `n = exp(x) (exp(x) + 2)`; from 20 on, the quotient is 1.
#[inline(always)]
pub(crate) fn mish<S: Simd>(simd: S, x: S::Vector) -> S::Vector {
    let two = simd.splat(2.0);
    let power = exp(simd, simd.min(simd.splat(20.0), x));
    let n = simd.mul(power, simd.add(power, two));
    simd.mul(x, simd.mul(n, simd.reciprocal(simd.add(n, two))))
}

/// `max(x, 0) - |x| erfc(|x| / sqrt 2) / 2`, which keeps the relative precision of small results.
#[inline(always)]
pub(crate) fn gelu<S: Simd>(simd: S, x: S::Vector) -> S::Vector {
    let absolute = absolute(simd, x);
    let half = simd
        .mul(absolute, simd.mul(simd.splat(0.5), erfc(simd, simd.mul(absolute, simd.splat(FRAC_1_SQRT_2)))));
    simd.sub(simd.max(simd.splat(0.0), x), half)
}

/// The complementary error function of a number of at least 0: `t exp(p(t) - z^2)` with `t = 1 / (1 + z / 2)`. The
/// polynomial is a fit of degree 9 on `[0, 10]` whose relative error is below 5e-8.
#[inline(always)]
fn erfc<S: Simd>(simd: S, z: S::Vector) -> S::Vector {
    let one = simd.splat(1.0);
    let z = simd.min(simd.splat(9.0), z);
    let t = simd.reciprocal(simd.mul_add(z, simd.splat(0.5), one));
    let p = polynomial(
        simd,
        t,
        [
            0.142_169_58,
            -0.665_931_2,
            1.122_095_7,
            -0.650_847_6,
            -0.117_115_654,
            0.020_369_106,
            0.028_298_418,
            0.387_912,
            0.998_491_1,
            -1.265_441_4,
        ],
    );
    simd.mul(t, exp(simd, simd.sub(p, simd.mul(z, z))))
}

/// `x sigmoid(2 u)` with `u = sqrt(2 / pi) (x + 0.044715 x^3)`.
#[inline(always)]
pub(crate) fn gelu_tanh<S: Simd>(simd: S, x: S::Vector) -> S::Vector {
    const FACTOR: f32 = 1.595_769_2;
    let cubic = simd.mul_add(simd.mul(x, x), simd.splat(0.044_715), simd.splat(1.0));
    simd.mul(x, sigmoid(simd, simd.mul(simd.mul(x, simd.splat(FACTOR)), cubic)))
}
