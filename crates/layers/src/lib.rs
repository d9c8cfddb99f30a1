//! Building blocks of convolutional networks, as functions on a `graph::Scope`.
//!
//! A block reads like its paper and works for series `[N, C, T]` and images `[N, C, H, W]` alike, because
//! the values of a scope know their shapes.
//!
//! | block | function |
//! |---|---|
//! | convolution, norm, activation | [`conv_norm_act`], [`conv_norm`] |
//! | a dense convolution, factorized into depthwise and pointwise | [`separable`], [`factorized`] |
//! | squeeze-and-excite | [`squeeze_excite`] |
//! | MBConv, FusedMBConv | [`mbconv`], [`fused_mbconv`] |
//! | branches that merge into one convolution | [`multi_branch`] |
//! | connections between the levels of a U-Net: down, up, across | [`pool`], [`upsample`], [`join_skip`], [`decoder_levels`] |
//! | heads | [`classifier`], [`segmentation`], [`output_activation`] |
//! | the outputs of a classification network | [`classify`], [`feature_outputs`] |
//!
//! A config that implements [`Architecture`] defines a family of networks. The module [`fields`] contains
//! the checks that configs share.
//!
//! Nodes with parameters are named as in the reference checkpoints: names are arguments where references
//! differ, and timm's names otherwise. Among the nodes without parameters, an activation is called `act`
//! with the number of its norm (`bn1`, `act1`), a residual sum `add`, the dropout before it `drop_path`, and
//! a pool `pool`. A convolution has a bias if no norm follows it or if its `graph::Conv` sets `bias`.
//!
//! A small MobileNetV2-like model, built for images and for series:
//!
//! ```
//! use graph::{Activation, BuildError, Conv, Graph, Shape};
//! use layers::{MBConv, Norm, SqueezeExcite, classifier, conv_norm_act, mbconv};
//!
//! fn model(input: impl Into<Shape>) -> Result<Graph, BuildError> {
//!     Graph::build(|g| {
//!         let x = g.input("input", input)?;
//!         let stem = Conv { stride: 2.into(), ..Conv::new(16, 3) };
//!         let names = ["conv_stem", "bn1", "act1"];
//!         let x = conv_norm_act(g, names, x, stem, Norm::Batch, Activation::Silu)?;
//!         let block = MBConv {
//!             squeeze_excite: Some(SqueezeExcite::EFFICIENTNET),
//!             ..MBConv::new(16, 4.0)
//!         };
//!         let x = mbconv(g / "blocks.0", x, block)?;
//!         let logits = classifier(g, "classifier", x, Some(10), 0.2)?;
//!         g.output("logits", logits)
//!     })
//! }
//!
//! let image = model([3, 64, 64])?;
//! let series = model([3, 200])?;
//! let names = |graph: &Graph| graph.parameters().map(|p| p.name).collect::<Vec<_>>();
//! assert_eq!(names(&image), names(&series));
//! assert_eq!(names(&image)[5], "blocks.0.conv_pw.weight");
//! assert_eq!(*image.output_shape(), [10].into());
//! # Ok::<(), BuildError>(())
//! ```

mod activation;
mod architecture;
mod branches;
mod channels;
mod conv;
mod downsample;
mod drop;
pub mod fields;
mod head;
mod levels;
mod mbconv;
mod norm;
#[cfg(feature = "schema")]
mod schema;
mod separable;
mod squeeze_excite;

pub use activation::activation;
pub use architecture::{Architecture, Presets};
pub use branches::{Form, MultiBranch, multi_branch};
pub use channels::{Rounding, make_divisible, round_channels, scale_channels};
pub use conv::{conv_norm, conv_norm_act, depthwise};
pub use downsample::Downsample;
pub use drop::{drop_path, dropout, linear_rise};
pub use head::{Classify, OutputActivation, classifier, classify, feature_outputs};
pub use head::{output_activation, segmentation};
pub use levels::{DecoderLevel, LevelPool, LevelUpsample, Pooling, Skip, Upsample};
pub use levels::{decoder_levels, join_skip, pool, upsample};
pub use mbconv::{MBConv, fused_mbconv, mbconv};
pub use norm::{Norm, Normalization, norm};
pub use separable::{Between, Factorization, Factorized, factorized, separable};
pub use squeeze_excite::{SqueezeExcite, SqueezeWidth, squeeze_excite};

use graph::{BuildError, ErrorKind, Scope};

/// Returns an error about an attribute of the node that would be called `name`.
fn refused(g: Scope<'_>, name: &str, message: impl Into<String>) -> BuildError {
    BuildError::new((g / name).path(), ErrorKind::Attribute, message)
}
