//! Kernels of convolutional networks on plain slices: `no_std`, without dependencies, for each instruction set.
//!
//! Values are stored in *blocks* of 16 channels: `[C / 16, H, W, 16]`, the last block filled up with zeros. A
//! convolution then multiplies one element of its input with the 16 weights of a block of output channels, which is
//! the same code for every kernel size, stride and dilation, and for series (`H` = 1) as for images. Each output
//! element is a sum in a fixed order, wherever it is in the series or the batch.
//!
//! A kernel is a safe function that is generic over [`Simd`], an instruction set; [`Level::run`] compiles it for one
//! of them. All `unsafe` of the workspace is in the modules of the instruction sets, and one line of [`Team`].

#![cfg_attr(not(any(feature = "std", test)), no_std)]

mod activation;
mod conv;
mod depthwise;
mod elementwise;
mod epilogue;
mod excite;
mod few;
mod gate;
mod layout;
mod math;
mod norm;
mod planar;
mod pool;
mod resize;
mod simd;
#[cfg(feature = "std")]
mod team;
mod tile;
mod winograd;

pub use activation::{Function, activate};
pub use conv::{Conv, Part, conv};
pub use depthwise::{Depthwise, depthwise};
pub use elementwise::{Size, add, affine, multiply, softmax};
pub use epilogue::{Epilogue, Residual};
pub use excite::{Layer, excite, layer};
pub use few::conv_few;
pub use gate::gate_weights;
pub use layout::{BLOCK, Lanes, View, blocks};
pub use norm::{group_statistics, layer_norm, position_norm};
pub use planar::{PLANAR_STRIDES, conv_planar};
pub use pool::{Windows, average_pool, global_mean, max_pool};
pub use resize::{Neighbors, copy, copy_channels, flatten, from_blocks, interpolate, reverse, to_blocks};
pub use simd::{Kernel, Level, Simd};
#[cfg(feature = "std")]
pub use team::{Gathered, Team};
pub use winograd::{Form, Winograd, winograd_gather, winograd_spread};
