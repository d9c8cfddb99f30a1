//! Parallel branches for training that merge into one convolution: RepVGG (Ding et al. 2021,
//! arXiv 2101.03697) and MobileOne (Vasu et al. 2023, arXiv 2206.04040, Figure 3). Names are
//! timm's.

use graph::{Activation, BuildError, Conv, Extent, Padding, Scope, Value, Window};

use crate::fields::MAX_BRANCHES;
use crate::{Downsample, Normalization, SqueezeExcite, activation, conv_norm, norm, refused, squeeze_excite};

/// Whether a block is built of branches or merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Form {
    /// Branches, for training.
    #[default]
    Branches,
    /// One convolution with bias, `reparam_conv`: what merging the branches gives.
    Merged,
}

/// Attributes of [`multi_branch`].
///
/// ```
/// use graph::{Conv, Padding};
/// use layers::{MultiBranch, depthwise};
/// let mobileone_s0 = MultiBranch::new(depthwise(48, 3), 4);
/// let causal = MultiBranch::new(Conv { padding: Padding::Causal, ..depthwise(48, 5) }, 2);
/// assert!(causal.scale && mobileone_s0.identity);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MultiBranch {
    /// The convolution that the branches stand for.
    pub conv: Conv,
    /// Branches with that convolution.
    pub branches: usize,
    /// A branch with a 1×1 convolution, where the kernel is larger.
    pub scale: bool,
    /// A branch with a norm only, where stride is 1 and channels are equal.
    pub identity: bool,
    /// Norm in each branch; only batch norms can be merged.
    pub norm: Normalization,
    /// Squeeze-excite on the sum.
    pub squeeze_excite: Option<SqueezeExcite>,
    /// Activation of the sum.
    pub activation: Option<Activation>,
    /// How the block gets smaller.
    pub downsample: Downsample,
    /// Branches or merged.
    pub form: Form,
}

impl MultiBranch {
    /// A MobileOne block: scale and identity branch, batch norm, ReLU, no squeeze-excite.
    pub fn new(conv: Conv, branches: usize) -> Self {
        Self {
            conv,
            branches,
            scale: true,
            identity: true,
            norm: Normalization::default(),
            squeeze_excite: None,
            activation: Some(Activation::Relu),
            downsample: Downsample::Stride,
            form: Form::Branches,
        }
    }
}

/// The sum of parallel branches, squeeze-excite, activation: `[N, C, …]` to `[N, conv.out, …]`.
///
/// Branches are convolutions with norms (`conv_kxk.0.conv, conv_kxk.0.bn, …`), a 1×1 convolution
/// with norm (`conv_scale.conv, conv_scale.bn`) and a norm (`identity`), all with the stride and
/// groups of the block. Their sum is `reparam_conv`, for a merged convolution takes the sum's
/// name. A pool in a branch is `pool` beside its norm; the activation is `act`.
///
/// # Errors
/// No branch or more than [`MAX_BRANCHES`], a padding under which a 1×1 or identity branch would meet other
/// elements than a tap of the large kernel does, and those of its parts.
pub fn multi_branch(g: Scope<'_>, x: Value, block: MultiBranch) -> Result<Value, BuildError> {
    let sum = match block.form {
        Form::Branches => sum_of_branches(g, x, &block)?,
        Form::Merged if block.downsample == Downsample::MaxPool => {
            return Err(refused(g, "reparam_conv", "branches that max-pool have no merged form"));
        }
        Form::Merged => g.conv("reparam_conv", x, Conv { bias: true, ..block.conv })?,
    };
    let y = match block.squeeze_excite {
        Some(options) => squeeze_excite(g, sum, g.channels(x), options)?,
        None => sum,
    };
    activation(g, "act", y, block.activation)
}

fn sum_of_branches(g: Scope<'_>, x: Value, block: &MultiBranch) -> Result<Value, BuildError> {
    if !(1..=MAX_BRANCHES).contains(&block.branches) {
        let message = format!("expected 1 to {MAX_BRANCHES} branches, found {}", block.branches);
        return Err(refused(g, "conv_kxk", message));
    }
    let conv = block.conv;
    let rank = g.shape(x).rank();
    let is_one = |extent: Extent| extent.for_rank(rank).is_some_and(Extent::is_one);
    let mut branches = Vec::new();
    for i in 0..block.branches {
        branches.push(branch(g / "conv_kxk" / i, x, conv, block)?);
    }
    let has_scale = block.scale && !is_one(conv.kernel);
    let has_identity = block.identity && is_one(conv.stride) && g.channels(x) == conv.out;
    if has_scale || has_identity {
        aligned(g, block, rank)?;
    }
    if has_scale {
        let one = Conv { kernel: 1.into(), dilation: 1.into(), padding: Padding::Valid, ..conv };
        branches.push(branch(g / "conv_scale", x, one, block)?);
    }
    if has_identity {
        branches.push(norm(g, "identity", x, block.norm)?);
    }
    g.add("reparam_conv", &branches)
}

fn branch(g: Scope<'_>, x: Value, conv: Conv, block: &MultiBranch) -> Result<Value, BuildError> {
    let x = conv_norm(g, ["conv", "bn"], x, block.downsample.conv(conv), block.norm)?;
    block.downsample.pool(g, "pool", x, conv.stride)
}

/// Refuses a convolution none of whose taps sees, for every input size, just what a 1×1
/// convolution of the same stride sees. Its attributes have been checked.
fn aligned(g: Scope<'_>, block: &MultiBranch, rank: usize) -> Result<(), BuildError> {
    let Window { kernel, stride, dilation, padding } = block.downsample.conv(block.conv).window();
    let fit = |extent: Extent| extent.for_rank(rank).unwrap_or(extent);
    let padding = match padding {
        Padding::Explicit { before, after } => {
            // Of a series as an image of height 1, [0, p] is p.
            let last = |extent: Extent| if rank == 1 { Extent::All(extent.at(1)) } else { fit(extent) };
            Padding::Explicit { before: last(before), after: last(after) }
        }
        padding => padding,
    };
    let window = Window { kernel: fit(kernel), stride: fit(stride), dilation: fit(dilation), padding };
    let on_a_tap = |axis| {
        window.fixed_pads(axis).is_some_and(|(before, after)| {
            before + after == window.reach(axis) && before % window.dilation.at(axis) == 0
        })
    };
    if (0..rank).all(on_a_tap) {
        return Ok(());
    }
    let message = format!(
        "no tap of a kernel {kernel} with stride {stride}, dilation {dilation} and {padding} padding sees what a \
         1x1 branch sees; an odd kernel with symmetric padding or any kernel with causal padding is needed"
    );
    Err(refused(g, "reparam_conv", message))
}
