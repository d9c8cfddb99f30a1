//! The error of each function, in units in the last place and absolutely, over the whole range.

use kernels::{Function, Kernel, Lanes, Level, Simd, activate};

struct Activate<'v>(Function, &'v mut [Lanes]);

impl Kernel for Activate<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        activate(simd, self.0, self.1, 1);
    }
}

/// The function in f64.
fn exact(function: Function, x: f64) -> f64 {
    let relu6 = |x: f64| x.clamp(0.0, 6.0);
    let softplus = |x: f64| x.max(0.0) + (-x.abs()).exp().ln_1p();
    match function {
        Function::Identity => x,
        Function::Clamp { low, high } => x.clamp(low.into(), high.into()),
        Function::LeakyRelu { slope } => x.max(0.0) + f64::from(slope) * x.min(0.0),
        Function::Elu { alpha, scale } => {
            f64::from(scale) * (x.max(0.0) + f64::from(alpha) * x.min(0.0).exp_m1())
        }
        Function::Gelu => x * normal(x),
        Function::GeluTanh => {
            let u = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x.powi(3));
            x / (1.0 + (-2.0 * u).exp())
        }
        Function::Silu => x / (1.0 + (-x).exp()),
        Function::HardSwish => x * relu6(x + 3.0) / 6.0,
        Function::Sigmoid => 1.0 / (1.0 + (-x).exp()),
        Function::HardSigmoid => relu6(x + 3.0) / 6.0,
        Function::Tanh => x.tanh(),
        Function::Softplus => softplus(x),
        Function::Mish => x * softplus(x).tanh(),
    }
}

/// The distribution function of the normal distribution: by the series of the error function near zero, and by its
/// continued fraction in the tail (Abramowitz and Stegun 1964, 7.1.6 and 7.1.14).
fn normal(x: f64) -> f64 {
    let z = x.abs() / std::f64::consts::SQRT_2;
    let scale = (-z * z).exp() / std::f64::consts::PI.sqrt();
    let tail = if z < 2.5 {
        let (mut term, mut sum) = (z, z);
        for n in 1..100 {
            term *= 2.0 * z * z / f64::from(2 * n + 1);
            sum += term;
        }
        1.0 - 2.0 * scale * sum
    } else {
        let fraction = (1..=80).rev().fold(z, |fraction, k| z + f64::from(k) / 2.0 / fraction);
        scale / fraction
    };
    if x < 0.0 { tail / 2.0 } else { 1.0 - tail / 2.0 }
}

/// The largest error in units in the last place of the result, and the largest absolute error.
fn errors(level: Level, function: Function) -> (f64, f64) {
    // Miri is a thousand times slower.
    let step = if cfg!(miri) { 9973 } else { 1 };
    let numbers: Vec<f32> = (-400_000..=400_000).step_by(step).map(|i| i as f32 * 1e-4).collect();
    let mut lanes: Vec<Lanes> = numbers
        .chunks(16)
        .map(|chunk| Lanes(std::array::from_fn(|i| chunk.get(i).copied().unwrap_or(0.0))))
        .collect();
    level.run(Activate(function, &mut lanes));
    let (mut ulps, mut absolute) = (0.0_f64, 0.0_f64);
    for (x, y) in numbers.iter().zip(lanes.iter().flat_map(|lanes| lanes.0)) {
        let exact = exact(function, f64::from(*x));
        let error = (f64::from(y) - exact).abs();
        let unit = exact.abs().max(1e-37).log2().floor().exp2() * f64::from(f32::EPSILON);
        if *x >= -8.0 {
            ulps = ulps.max(error / unit);
        }
        absolute = absolute.max(error / exact.abs().max(1.0));
    }
    (ulps, absolute)
}

/// The largest errors: in units in the last place for functions that keep the relative precision of
/// small results down to -8, and relative to the largest of the result and 1.
const FUNCTIONS: [(Function, f64, f64); 11] = [
    (Function::LeakyRelu { slope: 0.1 }, 1.0, 1e-7),
    (Function::Elu { alpha: 1.0, scale: 1.0 }, 2.0, 1e-7),
    (Function::Gelu, 100.0, 2e-7),
    (Function::GeluTanh, 200.0, 2e-7),
    (Function::Silu, 4.0, 2e-7),
    (Function::HardSwish, 4.0, 2e-7),
    (Function::Sigmoid, 4.0, 2e-7),
    (Function::HardSigmoid, 4.0, 2e-7),
    (Function::Tanh, 4.0, 2e-7),
    (Function::Softplus, 4.0, 2e-7),
    (Function::Mish, 5.0, 2e-7),
];

#[test]
fn errors_are_within_the_stated_bounds_with_every_instruction_set() {
    for level in Level::all() {
        for (function, ulps, absolute) in FUNCTIONS {
            let (found_ulps, found_absolute) = errors(level, function);
            assert!(found_ulps <= ulps, "{level} {function:?}: {found_ulps} units in the last place");
            assert!(found_absolute <= absolute, "{level} {function:?}: {found_absolute}");
        }
    }
}

#[test]
fn large_inputs_have_the_same_absolute_bounds() {
    let numbers: Vec<f32> = (2..=29).flat_map(|power| [10f32.powi(power), -(10f32.powi(power))]).collect();
    for level in Level::all() {
        for (function, _, absolute) in FUNCTIONS {
            for x in &numbers {
                let mut lanes = [Lanes([*x; 16])];
                level.run(Activate(function, &mut lanes));
                let exact = exact(function, f64::from(*x));
                let error = (f64::from(lanes[0].0[0]) - exact).abs() / exact.abs().max(1.0);
                assert!(error <= absolute, "{level} {function:?} of {x}: {error}");
            }
        }
    }
}
