//! Kernels with their operands, to be compiled for each instruction set.

use std::ops::Range;

use kernels::{
    Conv, Depthwise, Epilogue, Function, Kernel, Lanes, Layer, Neighbors, Part, Simd, Size, View, Windows,
    Winograd, activate, add, affine, average_pool, conv, conv_few, conv_planar, depthwise, excite,
    gate_weights, global_mean, group_statistics, interpolate, layer, layer_norm, max_pool, multiply,
    position_norm, winograd_gather, winograd_spread,
};

use crate::instruction::TapWeights;

/// A value that is read.
pub(crate) type Input<'a> = (&'a [Lanes], View);
/// A value that is written.
pub(crate) type Output<'a> = (&'a mut [Lanes], View);

/// Declares a kernel as a struct of its operands.
macro_rules! call {
    ($name:ident { $($field:ident: $type:ty),* $(,)? }, $simd:ident => $body:expr) => {
        pub(crate) struct $name<'a> { $(pub(crate) $field: $type),* }

        impl Kernel for $name<'_> {
            type Output = ();

            #[inline(always)]
            fn run<S: Simd>(self, $simd: S) {
                let Self { $($field),* } = self;
                $body
            }
        }
    };
}

call!(CallConv { geometry: &'a Conv, x: Input<'a>, weights: &'a [TapWeights], epilogue: Epilogue<'a>, y: Output<'a>, part: Part },
    simd => conv(simd, geometry, x, weights, &epilogue, y, &part));
call!(CallConvFew { outputs: usize, geometry: &'a Conv, x: Input<'a>, weights: &'a [Lanes], epilogue: Epilogue<'a>, y: Output<'a>, part: Part },
    simd => conv_few(simd, (outputs, geometry), x, weights, &epilogue, y, &part));
call!(CallConvPlanar { geometry: &'a Conv, x: (&'a [f32], View), weights: &'a [TapWeights], epilogue: Epilogue<'a>, y: Output<'a>, part: Part },
    simd => conv_planar(simd, geometry, x, weights, &epilogue, y, &part));
call!(CallGateWeights { blocks_and_taps: (usize, usize), weights: &'a [TapWeights], gate: Input<'a>, to: &'a mut [TapWeights] },
    simd => gate_weights(simd, blocks_and_taps, weights, gate, to));
call!(CallDepthwise { geometry: &'a Depthwise, x: Input<'a>, weights: &'a [Lanes], epilogue: Epilogue<'a>, y: Output<'a>, part: Part },
    simd => depthwise(simd, geometry, x, weights, &epilogue, y, &part));
call!(CallSpread { winograd: &'a Winograd, tiles: (usize, Range<usize>), x: Input<'a>, result: &'a mut [Lanes] },
    simd => winograd_spread(simd, winograd, tiles, x, result));
call!(CallGather { winograd: &'a Winograd, tiles: (usize, Range<usize>), products: &'a [Lanes], epilogue: Epilogue<'a>, y: Output<'a> },
    simd => winograd_gather(simd, winograd, tiles, products, &epilogue, y));
call!(CallActivate { function: Function, values: &'a mut [Lanes], step: usize },
    simd => activate(simd, function, values, step));
call!(CallAdd { size: Size, a: Input<'a>, b: Input<'a>, y: Output<'a> }, simd => add(simd, size, a, b, y));
call!(CallMultiply { size: Size, a: Input<'a>, b: Input<'a>, y: Output<'a> }, simd => multiply(simd, size, a, b, y));
call!(CallAffine { size: Size, x: Input<'a>, affine_of: (&'a [Lanes], &'a [Lanes]), y: Output<'a> },
    simd => affine(simd, size, x, affine_of, y));
call!(CallLayerNorm { channels: usize, size: Size, eps: f32, x: Input<'a>, affine_of: (&'a [Lanes], &'a [Lanes]), y: Output<'a> },
    simd => layer_norm(simd, channels, size, eps, x, affine_of, y));
call!(CallGroupStatistics { groups: (usize, usize), size: Size, eps: f32, x: Input<'a>, affine_of: (&'a [Lanes], &'a [Lanes]), result: (&'a mut [Lanes], &'a mut [Lanes]) },
    simd => group_statistics(simd, groups, size, eps, x, affine_of, result));
call!(CallPositionNorm { size: Size, eps: f32, x: Input<'a>, affine_of: (&'a [f32], &'a [f32]), y: Output<'a> },
    simd => position_norm(simd, size, eps, x, affine_of, y));
call!(CallMaxPool { size: Size, windows: (Windows, Windows), x: Input<'a>, y: Output<'a> },
    simd => max_pool(simd, size, windows, x, y));
call!(CallAveragePool { size: Size, windows: (Windows, Windows), count_padding: bool, x: Input<'a>, y: Output<'a> },
    simd => average_pool(simd, size, windows, count_padding, x, y));
call!(CallExcite { size: Size, x: Input<'a>, layers: (&'a Layer<'a>, &'a Layer<'a>), scratch: &'a mut [Lanes], y: Output<'a> },
    simd => excite(simd, size, x, layers, scratch, y));
call!(CallLayer { of: &'a Layer<'a>, x: &'a [Lanes], y: Output<'a> }, simd => layer(simd, of, x, y));
call!(CallGlobalMean { size: Size, x: Input<'a>, y: Output<'a> }, simd => global_mean(simd, size, x, y));
call!(CallInterpolate { blocks: usize, neighbors: (&'a [Neighbors], &'a [Neighbors]), x: Input<'a>, y: Output<'a> },
    simd => interpolate(simd, blocks, neighbors, x, y));
