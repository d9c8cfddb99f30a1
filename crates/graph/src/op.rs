//! The operations. A block is never an operation; blocks are functions over a [`Scope`](crate::Scope).

use crate::{Activation, Extent, Padding, Window};

/// An operation. Interpreters match without a `_` arm, so that the compiler lists every place that a new
/// operation changes.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// A model input, `[N, C, T]` or `[N, C, H, W]`.
    Input {
        /// Channels.
        channels: usize,
        /// Spatial axes: 1 or 2.
        rank: usize,
    },
    /// Convolution (cross-correlation, as torch).
    Conv(Conv),
    /// Transposed convolution whose output is the input's size times the stride.
    ConvTranspose(ConvTranspose),
    /// Fully connected layer on a feature vector.
    Linear(Linear),
    /// Batch normalization.
    BatchNorm(BatchNorm),
    /// Normalization over channels, at each position, with scale and shift per channel.
    LayerNorm {
        /// Added to the variance.
        eps: f64,
    },
    /// Normalization over groups of channels and all positions of a sample.
    GroupNorm(GroupNorm),
    /// SleepKit's "layer" norm: statistics over positions per sample and channel, scale and shift
    /// per position. Bound to the size it was built for.
    PositionNorm {
        /// Added to the variance.
        eps: f64,
    },
    /// A pointwise function.
    Activation(Activation),
    /// Softmax over channels.
    Softmax,
    /// Sum of equal shapes, in order.
    Add,
    /// Product; the second input may have size 1 on spatial axes (a gate).
    Multiply,
    /// Concatenation of channels, in order.
    Concat,
    /// A range of channels.
    Slice {
        /// First channel.
        start: usize,
        /// Number of channels.
        length: usize,
    },
    /// Largest element of each window; padding is treated as −∞.
    MaxPool(Pool),
    /// Mean of each window.
    AveragePool {
        /// The window.
        pool: Pool,
        /// Whether padding counts as zeros in the mean.
        count_padding: bool,
    },
    /// Mean over all positions; keeps axes of size 1.
    GlobalMean,
    /// Enlargement by a whole factor.
    Upsample {
        /// Factor per axis.
        factor: Extent,
        /// Interpolation mode.
        mode: UpsampleMode,
    },
    /// The first input, padded with zeros or cropped to the spatial size of the second; half of the
    /// surplus, rounded down, before.
    CropOrPad,
    /// One step of a series, as a feature vector.
    Select(TimeStep),
    /// A series in reverse order.
    Reverse,
    /// Random zeros in training, identity in inference.
    Dropout {
        /// Probability of a zero.
        p: f64,
        /// The unit that is dropped as a whole.
        unit: DropUnit,
    },
    /// All of a sample as one feature vector, channels outermost.
    Flatten,
}

/// Attributes of a convolution. Weight `[out, in / groups, kernel…]`, bias `[out]`.
///
/// ```
/// use graph::{Conv, Padding};
/// let depthwise = Conv { groups: 32, padding: Padding::Causal, ..Conv::new(32, 7) };
/// assert_eq!(depthwise.stride, 1.into());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conv {
    /// Output channels.
    pub out: usize,
    /// Kernel size.
    pub kernel: Extent,
    /// Stride.
    pub stride: Extent,
    /// Dilation.
    pub dilation: Extent,
    /// Groups; must divide input and output channels.
    pub groups: usize,
    /// Padding.
    pub padding: Padding,
    /// Whether a bias is added.
    pub bias: bool,
    /// Whether the weight is a direction `v` and a length `g` per output channel (Salimans and
    /// Kingma 2016, arXiv 1602.07868): `g * v / |v|`.
    pub weight_norm: bool,
}

impl Conv {
    /// A dense convolution without bias: stride 1, dilation 1, symmetric padding.
    pub fn new(out: usize, kernel: impl Into<Extent>) -> Self {
        Self {
            out,
            kernel: kernel.into(),
            stride: Extent::All(1),
            dilation: Extent::All(1),
            groups: 1,
            padding: Padding::Symmetric,
            bias: false,
            weight_norm: false,
        }
    }

    /// The sliding window.
    pub fn window(&self) -> Window {
        Window { kernel: self.kernel, stride: self.stride, dilation: self.dilation, padding: self.padding }
    }
}

/// Attributes of a transposed convolution. Weight `[in, out / groups, kernel…]`, bias `[out]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConvTranspose {
    /// Output channels.
    pub out: usize,
    /// Kernel size; at least the stride.
    pub kernel: Extent,
    /// Stride, the factor of enlargement.
    pub stride: Extent,
    /// Groups; must divide input and output channels.
    pub groups: usize,
    /// Which of the `kernel - stride` surplus outputs are cut off.
    pub crop: Crop,
    /// Whether a bias is added.
    pub bias: bool,
}

impl ConvTranspose {
    /// A dense transposed convolution without bias.
    pub fn new(out: usize, kernel: impl Into<Extent>, stride: impl Into<Extent>) -> Self {
        Self { out, kernel: kernel.into(), stride: stride.into(), groups: 1, crop: Crop::Same, bias: false }
    }

    /// Number of outputs cropped at the start and at the end of `axis`. Zero if the kernel is smaller than the
    /// stride, which no valid graph has.
    pub fn cuts(&self, axis: usize) -> (usize, usize) {
        let surplus = self.kernel.at(axis).saturating_sub(self.stride.at(axis));
        match self.crop {
            Crop::Same => (surplus / 2, surplus - surplus / 2),
            Crop::Causal => (0, surplus),
        }
    }
}

/// The side on which a transposed convolution's surplus outputs are cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Crop {
    /// On both sides, the smaller half first.
    Same,
    /// All at the end, so that no output sees a later input.
    Causal,
}

/// Attributes of a fully connected layer. Weight `[out, in]`, bias `[out]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Linear {
    /// Output features.
    pub out: usize,
    /// Whether a bias is added.
    pub bias: bool,
}

/// Attributes of batch normalization (Ioffe and Szegedy 2015, arXiv 1502.03167).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BatchNorm {
    /// Added to the variance.
    pub eps: f64,
    /// Weight of the new batch in the running statistics (torch's convention; 1 - Keras's).
    pub momentum: f64,
    /// Whether scale and shift are learned.
    pub affine: bool,
}

impl Default for BatchNorm {
    /// Torch's defaults: eps 1e-5, momentum 0.1, affine.
    fn default() -> Self {
        Self { eps: 1e-5, momentum: 0.1, affine: true }
    }
}

/// Attributes of group normalization (Wu and He 2018, arXiv 1803.08494).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GroupNorm {
    /// Groups; as many as channels is instance normalization.
    pub groups: usize,
    /// Added to the variance.
    pub eps: f64,
    /// Whether scale and shift per channel are learned.
    pub affine: bool,
}

/// Attributes of a pooling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Window size.
    pub kernel: Extent,
    /// Stride.
    pub stride: Extent,
    /// Padding; must be smaller than the kernel.
    pub padding: Padding,
}

impl Pool {
    /// The sliding window.
    pub fn window(&self) -> Window {
        Window { kernel: self.kernel, stride: self.stride, dilation: Extent::All(1), padding: self.padding }
    }
}

/// Interpolation mode of upsampling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UpsampleMode {
    /// Copies.
    Nearest,
    /// Linear (series) or bilinear (images) interpolation.
    Linear {
        /// Whether the first and last elements of input and output coincide.
        align_corners: bool,
    },
}

/// A step of a series of `T` steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeStep {
    /// Step 0.
    First,
    /// Step `T / 2`, rounded down.
    Middle,
    /// Step `T - 1`.
    Last,
}

impl TimeStep {
    /// The index within `length` time steps; 0 if `length` is 0.
    pub fn index(self, length: usize) -> usize {
        match self {
            Self::First => 0,
            Self::Middle => length / 2,
            Self::Last => length.saturating_sub(1),
        }
    }
}

/// The unit that a dropout drops as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DropUnit {
    /// Single elements.
    Element,
    /// Whole channels of a sample.
    Channel,
    /// Whole samples, for residual branches (Huang et al. 2016, arXiv 1603.09382).
    Path,
}

impl Op {
    /// The operation's name in text and messages.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Input { .. } => "input",
            Self::Conv(_) => "conv",
            Self::ConvTranspose(_) => "conv_transpose",
            Self::Linear(_) => "linear",
            Self::BatchNorm(_) => "batch_norm",
            Self::LayerNorm { .. } => "layer_norm",
            Self::GroupNorm(_) => "group_norm",
            Self::PositionNorm { .. } => "position_norm",
            Self::Activation(_) => "activation",
            Self::Softmax => "softmax",
            Self::Add => "add",
            Self::Multiply => "multiply",
            Self::Concat => "concat",
            Self::Slice { .. } => "slice",
            Self::MaxPool(_) => "max_pool",
            Self::AveragePool { .. } => "average_pool",
            Self::GlobalMean => "global_mean",
            Self::Upsample { .. } => "upsample",
            Self::CropOrPad => "crop_or_pad",
            Self::Select(_) => "select",
            Self::Reverse => "reverse",
            Self::Dropout { .. } => "dropout",
            Self::Flatten => "flatten",
        }
    }
}
