//! Blocks as functions on a [`Scope`]: they read like the papers, in 1D and 2D alike, for a
//! scope's values know whether they are series `[N, C, T]` or images `[N, C, H, W]`.
//!
//! | block | function |
//! |---|---|
//! | convolution, norm, activation | [`conv_norm_act`], [`conv_norm`] |
//! | depthwise and pointwise in place of a dense convolution | [`separable`], [`factorized`] |
//! | squeeze-and-excite | [`squeeze_excite`] |
//! | MBConv, FusedMBConv | [`mbconv`], [`fused_mbconv`] |
//! | branches that merge into one convolution | [`multi_branch`] |
//! | levels of a U-Net: down, up, across | [`pooled`], [`upsampled`], [`joined`] |
//! | heads | [`classifier`], [`segmentation`], [`output_activation`] |
//!
//! Names of nodes with parameters are those of reference checkpoints: arguments where references
//! differ, else timm's. Nodes without parameters need names too: an activation is called `act`
//! with the number of its norm (`bn1`, `act1`), a residual sum `add`, the dropout before it
//! `drop_path`, a pooling `pool`. A convolution has a bias where no norm follows it, or where its
//! [`Conv`](graph::Conv) asks for one.
//!
//! A MobileNetV2-like model for images, and the same for a series:
//!
//! ```
//! use graph::{Activation, BuildError, Conv, Graph, Shape};
//! use layers::{MBConv, Norm, SqueezeExcite, classifier, conv_norm_act, mbconv};
//!
//! fn model(input: impl Into<Shape>) -> Result<Graph, BuildError> {
//!     Graph::build(|g| {
//!         let x = g.input("input", input)?;
//!         let stem = Conv { stride: 2.into(), ..Conv::new(16, 3) };
//!         let x = conv_norm_act(g, ["conv_stem", "bn1", "act1"], x, stem, Norm::Batch, Activation::Silu)?;
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
//! assert_eq!(image.node(image.main_output().value).shape, [10].into());
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
pub use architecture::Architecture;
pub use branches::{Form, MultiBranch, multi_branch};
pub use channels::{Rounding, divided, make_divisible, scaled};
pub use conv::{conv_norm, conv_norm_act, depthwise};
pub use downsample::Downsample;
pub use drop::{drop_path, dropout, linear_rise};
pub use head::{OutputActivation, classifier, output_activation, segmentation};
pub use levels::{Pooling, Skip, Upsample, joined, pooled, upsampled};
pub use mbconv::{MBConv, fused_mbconv, mbconv};
pub use norm::{Norm, Normalization, norm};
pub use separable::{Between, Factorization, factorized, separable};
pub use squeeze_excite::{SqueezeExcite, Width, squeeze_excite};

use graph::{BuildError, ErrorKind, Scope};

/// An attribute of the block that node `name` of this scope would belong to.
fn refused(g: Scope<'_>, name: &str, message: impl Into<String>) -> BuildError {
    BuildError::new((g / name).path(), ErrorKind::Attribute, message)
}
