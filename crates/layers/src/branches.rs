//! Parallel branches for training that merge into one convolution: RepVGG (Ding et al. 2021,
//! arXiv 2101.03697) and MobileOne (Vasu et al. 2023, arXiv 2206.04040, Figure 3). Parameter names
//! are timm's.

use graph::{Activation, BuildError, Conv, Padding, Scope, Value};

use crate::downsample::is_one;
use crate::fields::MAX_BRANCHES;
use crate::{Downsample, Normalization, SqueezeExcite, activation, conv_norm, norm, refused, squeeze_excite};

/// The form of a multi-branch block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Form {
    /// Parallel branches, for training.
    #[default]
    Branches,
    /// One convolution with a bias, `reparam_conv`, which is the result of merging the branches.
    Merged,
}

/// Options of [`multi_branch`].
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
    /// The convolution of each branch, and of the merged block.
    pub conv: Conv,
    /// Number of parallel branches with this convolution.
    pub branches: usize,
    /// Whether to add a branch with a 1×1 convolution, if the kernel is larger than 1×1.
    pub scale: bool,
    /// Whether to add a branch with only a norm, if the stride is 1 and the channels do not change.
    pub identity: bool,
    /// Norm of each branch. Only batch norms can be merged.
    pub norm: Normalization,
    /// Squeeze-excite applied to the sum of the branches.
    pub squeeze_excite: Option<SqueezeExcite>,
    /// Activation applied to the sum.
    pub activation: Option<Activation>,
    /// The downsampling of a strided block.
    pub downsample: Downsample,
    /// Whether to build parallel branches or one merged convolution.
    pub form: Form,
}

impl MultiBranch {
    /// A MobileOne block: scale and identity branches, batch norm, ReLU, and no squeeze-excite.
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

/// Adds a block of parallel branches: their sum, squeeze-excite and an activation, `[N, C, …]` to
/// `[N, conv.out, …]`.
///
/// The branches are k×k convolutions with norms (`conv_kxk.0.conv, conv_kxk.0.bn, …`), a 1×1 convolution
/// with a norm (`conv_scale.conv, conv_scale.bn`) and a norm alone (`identity`). All have the stride and
/// groups of the block. Their sum is called `reparam_conv`, because the merged convolution takes the name
/// of the sum. A pool in a branch is called `pool`, next to its norm; the activation is called `act`.
///
/// # Errors
/// If there are no branches or more than [`MAX_BRANCHES`], if a 1×1 or identity branch would not line up
/// with any tap of the k×k kernel, or if one of the block's parts is invalid.
pub fn multi_branch(g: Scope<'_>, x: Value, block: MultiBranch) -> Result<Value, BuildError> {
    let sum = match block.form {
        Form::Branches => sum_of_branches(g, x, &block)?,
        Form::Merged if block.downsample == Downsample::MaxPool => {
            return Err(refused(
                g,
                "reparam_conv",
                "expected no max pool in a merged block; branches with a max pool cannot be merged",
            ));
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
    let mut branches = Vec::new();
    for i in 0..block.branches {
        branches.push(branch(g / "conv_kxk" / i, x, conv, block)?);
    }
    let has_scale = block.scale && !is_one(g, x, conv.kernel);
    let has_identity = block.identity && is_one(g, x, conv.stride) && g.channels(x) == conv.out;
    if has_scale || has_identity {
        check_alignment(g, block, g.shape(x).rank())?;
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

/// Checks that, for every input size, some tap of the kernel reads exactly the elements that a 1×1
/// convolution of the same stride reads. The convolution's attributes have been checked before.
fn check_alignment(g: Scope<'_>, block: &MultiBranch, rank: usize) -> Result<(), BuildError> {
    let conv = block.downsample.conv(block.conv);
    let Some(window) = conv.for_rank(rank).map(|conv| conv.window()) else { return Ok(()) };
    let is_aligned = |axis| match window.fixed_pads(axis) {
        Some((before, after)) => {
            before + after == window.reach(axis) && before % window.dilation.at(axis) == 0
        }
        None => false,
    };
    if (0..rank).all(is_aligned) {
        return Ok(());
    }
    let Conv { kernel, stride, dilation, padding, .. } = conv;
    let message = format!(
        "expected a kernel with a tap aligned with the 1x1 branch (an odd kernel with symmetric padding, or any kernel \
         with causal padding), found kernel {kernel} with stride {stride}, dilation {dilation} and {padding} padding"
    );
    Err(refused(g, "reparam_conv", message))
}
