//! The instructions that a graph is lowered to.

use graph::{Extent, Pool, TimeStep, UpsampleMode, Value, Window};
use kernels::{BLOCK, Function, Lanes};

use crate::winograd::Transformed;

/// One instruction: it computes a value from others.
#[derive(Clone, Debug)]
pub(crate) struct Instruction {
    pub(crate) kind: Kind,
    /// The first of the nodes that are computed.
    pub(crate) node: Value,
    pub(crate) inputs: Vec<Value>,
    pub(crate) output: Value,
}

/// The computation of an instruction.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// A convolution with everything that follows it. With a residual, the second input is added to the sums.
    /// With a gate, the last input multiplies the channels of the first.
    Conv(Conv),
    /// A depthwise convolution, likewise.
    Depthwise(Depthwise),
    /// A transposed convolution: a convolution for each position of the output within a stride.
    Transposed(Vec<Phase>),
    /// A function of each element.
    Function(Function),
    /// A scale and shift for each channel.
    Affine(Affine),
    LayerNorm {
        affine: Affine,
        eps: f32,
    },
    GroupNorm {
        affine: Affine,
        groups: usize,
        eps: f32,
    },
    /// A scale and shift for each position.
    PositionNorm {
        scale: Vec<f32>,
        shift: Vec<f32>,
        eps: f32,
    },
    Softmax,
    Add,
    Multiply,
    Concat,
    Slice {
        start: usize,
    },
    MaxPool(Pool),
    AveragePool {
        pool: Pool,
        count_padding: bool,
    },
    GlobalMean,
    /// Two layers of the means over all positions.
    Excite(Box<[Conv; 2]>),
    Upsample {
        factor: Extent,
        mode: UpsampleMode,
    },
    CropOrPad,
    Select(TimeStep),
    Reverse,
    Flatten,
}

impl Kind {
    /// The kernel's name.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Conv(conv) if conv.is_linear => "linear",
            Self::Conv(_) => "convolution",
            Self::Depthwise(_) => "depthwise convolution",
            Self::Transposed(_) => "transposed convolution",
            Self::Function(_) => "activation",
            Self::Affine(_) => "affine",
            Self::LayerNorm { .. } => "layer norm",
            Self::GroupNorm { .. } => "group norm",
            Self::PositionNorm { .. } => "position norm",
            Self::Softmax => "softmax",
            Self::Add => "add",
            Self::Multiply => "multiply",
            Self::Concat => "concat",
            Self::Slice { .. } => "slice",
            Self::MaxPool(_) => "max pool",
            Self::AveragePool { .. } => "average pool",
            Self::GlobalMean => "global mean",
            Self::Excite(_) => "squeeze and excitation",
            Self::Upsample { .. } => "upsample",
            Self::CropOrPad => "crop or pad",
            Self::Select(_) => "select",
            Self::Reverse => "reverse",
            Self::Flatten => "flatten",
        }
    }
}

/// The weights of one tap from a block of input channels to a block of output channels.
pub(crate) type TapWeights = [Lanes; BLOCK];

/// A packed convolution.
#[derive(Clone, Debug)]
pub(crate) struct Conv {
    pub(crate) window: Window,
    /// Whether the input is a feature vector.
    pub(crate) is_linear: bool,
    /// The first input block that each output block reads, and the number of channels from it on. All output blocks
    /// read the same in a convolution of one group.
    pub(crate) sources: Vec<(usize, usize)>,
    pub(crate) weights: Vec<TapWeights>,
    /// Instead of these, the weights of a convolution with few outputs, as `kernels::conv_few` reads them.
    pub(crate) few_weights: Vec<Lanes>,
    /// The weights in the forms of Winograd convolutions.
    pub(crate) transformed: Transformed,
    pub(crate) bias: Vec<Lanes>,
    pub(crate) function: Function,
    pub(crate) has_residual: bool,
    /// Whether the last input has a factor for each channel of the first.
    pub(crate) has_gate: bool,
}

/// A packed depthwise convolution.
#[derive(Clone, Debug)]
pub(crate) struct Depthwise {
    pub(crate) window: Window,
    pub(crate) weights: Vec<Lanes>,
    pub(crate) bias: Vec<Lanes>,
    pub(crate) function: Function,
    pub(crate) has_residual: bool,
}

/// The outputs of a transposed convolution at one position within each stride.
#[derive(Clone, Debug)]
pub(crate) struct Phase {
    /// The position within the stride, down and across.
    pub(crate) offset: [usize; 2],
    /// The number of taps that reach it.
    pub(crate) taps: [usize; 2],
    /// The input element of the first output's first tap, relative to the first element.
    pub(crate) start: [isize; 2],
    pub(crate) stride: [usize; 2],
    pub(crate) conv: Conv,
}

/// A scale and shift for each channel.
#[derive(Clone, Debug)]
pub(crate) struct Affine {
    pub(crate) scale: Vec<Lanes>,
    pub(crate) shift: Vec<Lanes>,
}
