//! Pointwise functions.

use crate::layout::Lanes;
use crate::math::{exp_m1, gelu, gelu_tanh, hard_sigmoid, mish, sigmoid, softplus, tanh};
use crate::simd::{Kernel, Simd};

/// A pointwise function.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Function {
    /// `x`
    #[default]
    Identity,
    /// `x` limited to a range, such as 0 to infinity (ReLU).
    Clamp {
        /// The lower bound.
        low: f32,
        /// The upper bound.
        high: f32,
    },
    /// `x` above zero, `slope * x` below.
    LeakyRelu {
        /// The factor of negative numbers.
        slope: f32,
    },
    /// `scale * x` above zero, `scale * alpha * (exp(x) - 1)` below.
    Elu {
        /// Minus the limit at negative infinity, before scaling.
        alpha: f32,
        /// The factor of all numbers.
        scale: f32,
    },
    /// `x * Phi(x)` with the distribution function of the normal distribution.
    Gelu,
    /// GELU by the tanh approximation.
    GeluTanh,
    /// `x * sigmoid(x)`
    Silu,
    /// `x * relu6(x + 3) / 6`
    HardSwish,
    /// `1 / (1 + exp(-x))`
    Sigmoid,
    /// `relu6(x + 3) / 6`
    HardSigmoid,
    /// Hyperbolic tangent.
    Tanh,
    /// `ln(1 + exp(x))`
    Softplus,
    /// `x * tanh(softplus(x))`
    Mish,
}

impl Function {
    /// The range that a number is limited to; everything for functions that are not a clamp.
    #[inline(always)]
    pub(crate) fn bounds(self) -> (f32, f32) {
        match self {
            Self::Clamp { low, high } => (low, high),
            _ => (f32::NEG_INFINITY, f32::INFINITY),
        }
    }

    /// Whether it is more than a clamp.
    #[inline(always)]
    pub fn is_slow(self) -> bool {
        !matches!(self, Self::Identity | Self::Clamp { .. })
    }
}

/// Applies a function to every `step`-th element.
#[inline(always)]
pub fn activate<S: Simd>(simd: S, function: Function, values: &mut [Lanes], step: usize) {
    simd.call(Activate { function, values, step });
}

struct Activate<'v> {
    function: Function,
    values: &'v mut [Lanes],
    step: usize,
}

impl Kernel for Activate<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { function, values, step } = self;
        match function {
            Function::Identity => {}
            Function::Clamp { low, high } => each(simd, Clamp { low, high }, values, step),
            Function::LeakyRelu { slope } => each(simd, LeakyRelu { slope }, values, step),
            Function::Elu { alpha, scale } => each(simd, Elu { alpha, scale }, values, step),
            Function::Gelu => each(simd, Gelu, values, step),
            Function::GeluTanh => each(simd, GeluTanh, values, step),
            Function::Silu => each(simd, Silu, values, step),
            Function::HardSwish => each(simd, HardSwish, values, step),
            Function::Sigmoid => each(simd, Sigmoid, values, step),
            Function::HardSigmoid => each(simd, HardSigmoid, values, step),
            Function::Tanh => each(simd, Tanh, values, step),
            Function::Softplus => each(simd, Softplus, values, step),
            Function::Mish => each(simd, Mish, values, step),
        }
    }
}

/// A function of the lanes of a block. Not a closure, which would not be compiled with the instruction set.
trait Pointwise: Copy {
    fn apply<S: Simd>(self, simd: S, x: S::Vector) -> S::Vector;
}

#[inline(always)]
fn each<S: Simd>(simd: S, function: impl Pointwise, values: &mut [Lanes], step: usize) {
    let mut at = 0;
    while at < values.len() {
        let y = function.apply(simd, simd.load(&values[at]));
        simd.store(y, &mut values[at]);
        at += step;
    }
}

#[derive(Clone, Copy)]
struct Clamp {
    low: f32,
    high: f32,
}

impl Pointwise for Clamp {
    #[inline(always)]
    fn apply<S: Simd>(self, simd: S, x: S::Vector) -> S::Vector {
        simd.max(simd.splat(self.low), simd.min(simd.splat(self.high), x))
    }
}

#[derive(Clone, Copy)]
struct LeakyRelu {
    slope: f32,
}

impl Pointwise for LeakyRelu {
    #[inline(always)]
    fn apply<S: Simd>(self, simd: S, x: S::Vector) -> S::Vector {
        simd.select_greater(x, simd.splat(0.0), x, simd.mul(simd.splat(self.slope), x))
    }
}

#[derive(Clone, Copy)]
struct Elu {
    alpha: f32,
    scale: f32,
}

impl Pointwise for Elu {
    #[inline(always)]
    fn apply<S: Simd>(self, simd: S, x: S::Vector) -> S::Vector {
        let zero = simd.splat(0.0);
        let below = simd.mul(simd.splat(self.alpha * self.scale), exp_m1(simd, simd.min(zero, x)));
        simd.select_greater(x, zero, simd.mul(simd.splat(self.scale), x), below)
    }
}

#[derive(Clone, Copy)]
struct Sigmoid;

impl Pointwise for Sigmoid {
    #[inline(always)]
    fn apply<S: Simd>(self, simd: S, x: S::Vector) -> S::Vector {
        sigmoid(simd, x)
    }
}

#[derive(Clone, Copy)]
struct HardSigmoid;

impl Pointwise for HardSigmoid {
    #[inline(always)]
    fn apply<S: Simd>(self, simd: S, x: S::Vector) -> S::Vector {
        hard_sigmoid(simd, x)
    }
}

#[derive(Clone, Copy)]
struct Tanh;

impl Pointwise for Tanh {
    #[inline(always)]
    fn apply<S: Simd>(self, simd: S, x: S::Vector) -> S::Vector {
        tanh(simd, x)
    }
}

#[derive(Clone, Copy)]
struct Softplus;

impl Pointwise for Softplus {
    #[inline(always)]
    fn apply<S: Simd>(self, simd: S, x: S::Vector) -> S::Vector {
        softplus(simd, x)
    }
}

#[derive(Clone, Copy)]
struct Mish;

impl Pointwise for Mish {
    #[inline(always)]
    fn apply<S: Simd>(self, simd: S, x: S::Vector) -> S::Vector {
        mish(simd, x)
    }
}

#[derive(Clone, Copy)]
struct Gelu;

impl Pointwise for Gelu {
    #[inline(always)]
    fn apply<S: Simd>(self, simd: S, x: S::Vector) -> S::Vector {
        gelu(simd, x)
    }
}

#[derive(Clone, Copy)]
struct GeluTanh;

impl Pointwise for GeluTanh {
    #[inline(always)]
    fn apply<S: Simd>(self, simd: S, x: S::Vector) -> S::Vector {
        gelu_tanh(simd, x)
    }
}

#[derive(Clone, Copy)]
struct Silu;

impl Pointwise for Silu {
    #[inline(always)]
    fn apply<S: Simd>(self, simd: S, x: S::Vector) -> S::Vector {
        simd.mul(x, sigmoid(simd, x))
    }
}

#[derive(Clone, Copy)]
struct HardSwish;

impl Pointwise for HardSwish {
    #[inline(always)]
    fn apply<S: Simd>(self, simd: S, x: S::Vector) -> S::Vector {
        simd.mul(x, hard_sigmoid(simd, x))
    }
}
