//! Squeeze and excitation.

use kernels::{BLOCK, Lanes, Layer, Size, View, blocks};

use crate::calls::{CallExcite, CallGlobalMean, CallLayer, Input, Output};
use crate::divide::divide;
use crate::instruction::Conv;
use crate::threads::{Machine, READ};

/// The second of two layers of the first of the means over all positions of `x`, of this size.
pub(crate) fn excite(
    machine: Machine<'_>,
    convs: &[Conv; 2],
    size: Size,
    x: Input<'_>,
    y: Output<'_>,
    scratch: &mut [Lanes],
) {
    let [first, last] = [layer(&convs[0]), layer(&convs[1])];
    if machine.threads() == 1 {
        return machine.run(CallExcite { size, x, layers: (&first, &last), scratch, y });
    }
    let (means, squeezed) = scratch.split_at_mut(size.blocks);
    let squeezed = &mut squeezed[..first.bias.len()];
    global_mean(machine, size, x, (&mut *means, View::plain(1, 1)));
    dense(machine, &first, means, (&mut *squeezed, View::plain(1, 1)));
    dense(machine, &last, squeezed, y);
}

fn layer(conv: &Conv) -> Layer<'_> {
    let channels = conv.sources.first().map_or(0, |source| source.1);
    Layer { channels, weights: &conv.weights, bias: &conv.bias, function: conv.function }
}

/// The means over all positions of `x`, of this size.
pub(crate) fn global_mean(machine: Machine<'_>, size: Size, (x, view): Input<'_>, y: Output<'_>) {
    let means = Size { height: 1, width: 1, ..size };
    divide(machine.for_work(READ * size.elements()), means, y, &|piece, y| {
        let (size, x) = (Size { blocks: piece.blocks.len(), ..size }, (x, piece.view(view)));
        machine.run(CallGlobalMean { size, x, y });
    });
}

/// A layer of a vector.
fn dense(machine: Machine<'_>, layer: &Layer<'_>, x: &mut [Lanes], y: Output<'_>) {
    layer.clear_unused(x);
    let x = &*x;
    let size = Size { blocks: layer.bias.len(), height: 1, width: 1 };
    divide(machine.for_work(READ * layer.weights.len() * BLOCK), size, y, &|piece, y| {
        let weights = &layer.weights[piece.blocks.start * blocks(layer.channels)..];
        let of = &Layer { weights, bias: &layer.bias[piece.blocks.clone()], ..*layer };
        machine.run(CallLayer { of, x, y });
    });
}
