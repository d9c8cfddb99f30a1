//! Squeeze and excitation (Hu et al. 2018, arXiv 1709.01507): a factor for each channel from the means of all channels.

use crate::activation::{Function, activate};
use crate::elementwise::Size;
use crate::layout::{BLOCK, Lanes, View, blocks};
use crate::pool::global_mean;
use crate::simd::Simd;
use crate::tile::TapWeights;

/// Sums that are added up at once, because each addition waits for the one before.
const CHAINS: usize = 4;

/// A layer between vectors of channels: `function(weights * x + bias)`.
#[derive(Clone, Copy, Debug)]
pub struct Layer<'k> {
    /// The number of input channels.
    pub channels: usize,
    /// For each output block and input block, the weights of the 16 input channels; those after the last are zero.
    pub weights: &'k [TapWeights],
    /// One element for each output block.
    pub bias: &'k [Lanes],
    /// Applied to the sums.
    pub function: Function,
}

impl Layer<'_> {
    /// Sets the lanes of an input after the last channel to zero, so that they do not count, whatever they are.
    pub fn clear_unused(&self, x: &mut [Lanes]) {
        let last = blocks(self.channels) - 1;
        x[last].0[self.channels - last * BLOCK..].fill(0.0);
    }
}

/// The `last` of two layers of the `first` of the means over all positions of `x`. The scratch has an element for each
/// block of the input and of the first layer's output.
///
/// # Panics
/// If a view leaves its slice, or if there are too few weights or elements of scratch.
#[inline(always)]
pub fn excite<S: Simd>(
    simd: S,
    size: Size,
    x: (&[Lanes], View),
    (first, last): (&Layer<'_>, &Layer<'_>),
    scratch: &mut [Lanes],
    (y, y_view): (&mut [Lanes], View),
) {
    let (means, squeezed) = scratch.split_at_mut(size.blocks);
    let squeezed = &mut squeezed[..first.bias.len()];
    global_mean(simd, size, x, (&mut *means, View::plain(1, 1)));
    first.clear_unused(means);
    layer(simd, first, means, (&mut *squeezed, View::plain(1, 1)));
    last.clear_unused(squeezed);
    layer(simd, last, squeezed, (y, y_view));
}

/// A layer of a vector `x`, whose lanes after the last channel are zero.
///
/// # Panics
/// If a view leaves its slice, or if there are too few weights.
#[inline(always)]
pub fn layer<S: Simd>(simd: S, layer: &Layer<'_>, x: &[Lanes], (y, y_view): (&mut [Lanes], View)) {
    let count = blocks(layer.channels);
    let last_lanes = layer.channels - (count - 1) * BLOCK;
    let steps = last_lanes.div_ceil(CHAINS);
    for (block, bias) in layer.bias.iter().enumerate() {
        let mut sums = [simd.splat(0.0); CHAINS];
        sums[0] = simd.load(bias);
        let weights = &layer.weights[block * count..][..count];
        for (index, (x, weights)) in x[..count].iter().zip(weights).enumerate() {
            let steps = if index + 1 == count { steps } else { BLOCK / CHAINS };
            for step in 0..steps {
                for (chain, sum) in sums.iter_mut().enumerate() {
                    let lane = step * CHAINS + chain;
                    *sum = simd.mul_add(simd.splat(x.0[lane]), simd.load(&weights[lane]), *sum);
                }
            }
        }
        let [a, b, c, d] = sums;
        let sum = simd.add(simd.add(a, b), simd.add(c, d));
        simd.store(sum, &mut y[y_view.index(block, 0, 0)]);
    }
    let start = y_view.index(0, 0, 0);
    let end = y_view.index(layer.bias.len() - 1, 0, 0) + 1;
    activate(simd, layer.function, &mut y[start..end], y_view.plane);
}
