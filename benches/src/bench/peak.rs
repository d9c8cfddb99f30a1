//! The core's peak, measured with independent fused multiply-adds on registers.

use std::hint::black_box;
use std::time::Instant;

use kernels::{BLOCK, Kernel, Level, Simd};

/// Multiply-adds of each chain in one measurement, which takes less than a millisecond.
const STEPS: usize = 20_000;
/// Measurements. The fastest counts, because other programs only slow a loop down.
const MEASUREMENTS: usize = 200;

/// The largest measured number of floating-point operations per second, on one thread with the best instruction
/// set. A multiply-add is two operations.
pub fn measure() -> f64 {
    let mut best = f64::MAX;
    let mut operations = 0;
    for _ in 0..MEASUREMENTS {
        let start = Instant::now();
        operations = Level::best().run(Chains);
        best = best.min(start.elapsed().as_secs_f64());
    }
    operations as f64 / best
}

/// Chains of dependent multiply-adds, as many as hide the latency of one and fit into registers.
struct Chains;

impl Kernel for Chains {
    type Output = usize;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> usize {
        if S::ACCUMULATORS > 12 { chains::<S, 10>(simd) } else { chains::<S, 5>(simd) }
    }
}

/// Returns the number of operations.
#[inline(always)]
fn chains<S: Simd, const N: usize>(simd: S) -> usize {
    let (factor, term) = (simd.splat(black_box(0.999)), simd.splat(black_box(0.001)));
    let mut sums = [simd.splat(1.0); N];
    for _ in 0..STEPS {
        for sum in &mut sums {
            *sum = simd.mul_add(*sum, factor, term);
        }
    }
    for sum in sums {
        black_box(simd.sum(sum));
    }
    2 * STEPS * N * BLOCK
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_peak_is_positive() {
        assert!(super::measure() > 1e8);
    }
}
