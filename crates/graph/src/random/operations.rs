//! One random operation for each cell.

use super::{Cell, Random};
use crate::{
    Activation, BatchNorm, Conv, ConvTranspose, Crop, DropUnit, Extent, GroupNorm, Linear, Op, Padding, Pool,
    TimeStep, UpsampleMode,
};

/// One operation for each cell of inputs of `rank` axes and an even number of `channels`.
pub(super) fn operations(rank: usize, channels: usize, random: &mut Random) -> Vec<Op> {
    let mut operations = anywhere(channels, random);
    match rank {
        0 => operations.push(Op::Linear(Linear { out: even(random), bias: random.chance(0.5) })),
        _ => operations.extend(in_space(rank, channels, random)),
    }
    if rank == 1 {
        operations.extend([TimeStep::First, TimeStep::Middle, TimeStep::Last].map(Op::Select));
        operations.push(Op::Reverse);
    }
    operations
}

fn anywhere(channels: usize, random: &mut Random) -> Vec<Op> {
    let mut operations: Vec<Op> = Activation::ALL.map(Op::Activation).into();
    operations.extend([true, false].map(|affine| Op::BatchNorm(BatchNorm { affine, ..batch_norm(random) })));
    let groups = [(1, true), (2, false), (channels, true)];
    operations.extend(groups.map(|(groups, affine)| Op::GroupNorm(GroupNorm { groups, eps: 1e-3, affine })));
    operations.extend(
        [DropUnit::Element, DropUnit::Channel, DropUnit::Path].map(|unit| Op::Dropout { p: 0.3, unit }),
    );
    let length = 2 * (1 + random.below(channels / 2));
    operations.push(Op::Slice { start: random.below(channels - length + 1), length });
    operations.extend([Op::LayerNorm { eps: 1e-5 }, Op::Softmax, Op::Add, Op::Multiply, Op::Concat]);
    operations
}

fn in_space(rank: usize, channels: usize, random: &mut Random) -> Vec<Op> {
    let mut operations = vec![Op::PositionNorm { eps: 1e-3 }, Op::GlobalMean, Op::CropOrPad, Op::Flatten];
    let linear = [true, false].map(|align_corners| UpsampleMode::Linear { align_corners });
    for mode in [UpsampleMode::Nearest].into_iter().chain(linear) {
        operations.push(Op::Upsample { factor: wide(rank, random), mode });
    }
    for strided in [false, true] {
        for padding in paddings(rank, random) {
            let stride = if strided { wide(rank, random) } else { 1.into() };
            // Padding must stay below the kernel, and explicit padding is at most 2.
            let kernel = extent(rank, random, |random| 3 + random.below(2));
            let pool = Pool { kernel, stride, padding };
            operations.push(Op::MaxPool(pool));
            operations.extend([true, false].map(|count_padding| Op::AveragePool { pool, count_padding }));
        }
        for grouped in [false, true] {
            let groups = if grouped { random.pick(&[2, channels]) } else { 1 };
            let out = groups.max(2) * (1 + random.below(2));
            let stride = if strided { wide(rank, random) } else { 1.into() };
            for crop in [Crop::Same, Crop::Causal] {
                let surplus = random.below(3);
                let (kernel, bias) = (stride.map(|stride| stride + surplus), random.chance(0.5));
                operations.push(Op::ConvTranspose(ConvTranspose { out, kernel, stride, groups, crop, bias }));
            }
            for dilated in [false, true] {
                for padding in paddings(rank, random) {
                    let dilation = if dilated { wide(rank, random) } else { 1.into() };
                    let kernel = extent(rank, random, |random| 1 + random.below(4));
                    let (bias, weight_norm) = (random.chance(0.5), random.chance(0.2));
                    operations.push(Op::Conv(Conv {
                        out,
                        kernel,
                        stride,
                        dilation,
                        groups,
                        padding,
                        bias,
                        weight_norm,
                    }));
                }
            }
        }
    }
    operations
}

pub(super) fn batch_norm(random: &mut Random) -> BatchNorm {
    BatchNorm { eps: random.pick(&[1e-5, 1e-3]), affine: random.chance(0.8), ..BatchNorm::default() }
}

fn paddings(rank: usize, random: &mut Random) -> [Padding; 5] {
    let explicit = Padding::Explicit {
        before: extent(rank, random, |random| random.below(3)),
        after: extent(rank, random, |random| random.below(3)),
    };
    [Padding::Same, Padding::Symmetric, Padding::Causal, Padding::Valid, explicit]
}

/// At least 2 on some axis.
fn wide(rank: usize, random: &mut Random) -> Extent {
    let first = 2 + random.below(2);
    if rank == 2 && random.chance(0.3) { Extent::Each(first, 1 + random.below(3)) } else { first.into() }
}

fn extent(rank: usize, random: &mut Random, mut draw: impl FnMut(&mut Random) -> usize) -> Extent {
    if rank == 2 && random.chance(0.5) {
        Extent::Each(draw(random), draw(random))
    } else {
        draw(random).into()
    }
}

fn even(random: &mut Random) -> usize {
    2 * (1 + random.below(3))
}

pub(super) fn cell(op: &Op, rank: usize) -> Cell {
    let bare =
        Cell { op: op.name(), variant: String::new(), rank, strided: false, dilated: false, grouped: false };
    let of = |variant: &str| Cell { variant: variant.to_owned(), ..bare.clone() };
    let pool = |pool: &Pool| Cell { strided: above_one(pool.stride), ..of(padding(pool.padding)) };
    match op {
        Op::Conv(conv) => Cell {
            strided: above_one(conv.stride),
            dilated: above_one(conv.dilation),
            grouped: conv.groups > 1,
            ..of(padding(conv.padding))
        },
        Op::ConvTranspose(conv) => {
            let crop = if conv.crop == Crop::Same { "same" } else { "causal" };
            Cell { strided: above_one(conv.stride), grouped: conv.groups > 1, ..of(crop) }
        }
        Op::BatchNorm(norm) => of(if norm.affine { "affine" } else { "plain" }),
        Op::GroupNorm(norm) => {
            Cell { grouped: norm.groups > 1, ..of(if norm.affine { "affine" } else { "plain" }) }
        }
        Op::Activation(activation) => of(activation.name()),
        Op::MaxPool(of) => pool(of),
        Op::AveragePool { pool: of, count_padding } => {
            let cell = pool(of);
            let counting = if *count_padding { "counted" } else { "uncounted" };
            Cell { variant: format!("{} {counting}", cell.variant), ..cell }
        }
        Op::Upsample { mode, .. } => of(match mode {
            UpsampleMode::Nearest => "nearest",
            UpsampleMode::Linear { align_corners: true } => "linear corners",
            UpsampleMode::Linear { align_corners: false } => "linear",
        }),
        Op::Select(step) => of(match step {
            TimeStep::First => "first",
            TimeStep::Middle => "middle",
            TimeStep::Last => "last",
        }),
        Op::Dropout { unit, .. } => of(match unit {
            DropUnit::Element => "element",
            DropUnit::Channel => "channel",
            DropUnit::Path => "path",
        }),
        Op::Input { .. } | Op::Linear(_) | Op::LayerNorm { .. } | Op::PositionNorm { .. } | Op::Softmax => {
            bare
        }
        Op::Add | Op::Multiply | Op::Concat | Op::Slice { .. } | Op::GlobalMean | Op::CropOrPad => bare,
        Op::Reverse | Op::Flatten => bare,
    }
}

fn above_one(extent: Extent) -> bool {
    !extent.is_one()
}

fn padding(padding: Padding) -> &'static str {
    match padding {
        Padding::Same => "same",
        Padding::Symmetric => "symmetric",
        Padding::Causal => "causal",
        Padding::Valid => "valid",
        Padding::Explicit { .. } => "explicit",
    }
}
