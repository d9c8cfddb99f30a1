//! Gates of channels as part of the weights of the convolution that reads the gated value.

use crate::layout::{BLOCK, Lanes, View};
use crate::simd::Simd;

/// `to = weights * gate`, where `gate` has a factor for each input channel.
///
/// The weights are those of [`conv`](crate::conv()): for each output block, `taps` for each of the gate's `blocks`, each with
/// the weights of the channels of the block.
///
/// # Panics
/// If a view leaves its slice, or if there are fewer elements of `to` than weights.
#[inline(always)]
pub fn gate_weights<S: Simd>(
    simd: S,
    (blocks, taps): (usize, usize),
    weights: &[[Lanes; BLOCK]],
    (gate, view): (&[Lanes], View),
    to: &mut [[Lanes; BLOCK]],
) {
    let mut tap = 0;
    while tap < weights.len() {
        for block in 0..blocks {
            let gate = &gate[view.index(block, 0, 0)];
            for _ in 0..taps {
                let (weights, to) = (&weights[tap], &mut to[tap]);
                tap += 1;
                for lane in 0..BLOCK {
                    let product = simd.mul(simd.load(&weights[lane]), simd.splat(gate.0[lane]));
                    simd.store(product, &mut to[lane]);
                }
            }
        }
    }
}
