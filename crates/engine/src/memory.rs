//! The memory of packed weights.

use kernels::{BLOCK, Lanes};

use crate::Engine;
use crate::instruction::{Affine, Conv, Kind};

/// Bytes of a block of 16 numbers.
const BYTES: usize = size_of::<Lanes>();

impl Engine {
    /// Bytes of all packed weights, including those that the sessions so far have transformed.
    pub fn weight_bytes(&self) -> usize {
        self.program.instructions.iter().map(|instruction| kind(&instruction.kind)).sum::<usize>() * BYTES
    }
}

/// Blocks of an instruction's weights.
fn kind(kind: &Kind) -> usize {
    match kind {
        Kind::Conv(weights) => conv(weights),
        Kind::Excite(layers) => layers.iter().map(conv).sum(),
        Kind::Depthwise(depthwise) => depthwise.weights.len() + depthwise.bias.len(),
        Kind::Transposed(phases) => phases.iter().map(|phase| conv(&phase.conv)).sum(),
        Kind::Affine(weights)
        | Kind::LayerNorm { affine: weights, .. }
        | Kind::GroupNorm { affine: weights, .. } => affine(weights),
        Kind::PositionNorm { scale, shift, .. } => (scale.len() + shift.len()).div_ceil(BLOCK),
        Kind::Function(_)
        | Kind::Softmax
        | Kind::Add
        | Kind::Multiply
        | Kind::Concat
        | Kind::Slice { .. }
        | Kind::MaxPool(_)
        | Kind::AveragePool { .. }
        | Kind::GlobalMean
        | Kind::Upsample { .. }
        | Kind::CropOrPad
        | Kind::Select(_)
        | Kind::Reverse
        | Kind::Flatten => 0,
    }
}

fn conv(conv: &Conv) -> usize {
    let taps = conv.weights.len() + conv.transformed.taps();
    taps * BLOCK + conv.few_weights.len() + conv.bias.len()
}

fn affine(affine: &Affine) -> usize {
    affine.scale.len() + affine.shift.len()
}
