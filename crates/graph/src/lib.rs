//! A small typed graph of convolutional networks.
//!
//! A model is a function from a config to a [`Graph`]; everything else is an interpreter of it:
//! training, merging, cost, export, code generation. This crate holds the graph and what needs
//! no library: shapes, text, [`Cost`], [`ReceptiveField`], [`Weights`], [`merge`] and
//! the plain [`mod@reference`] interpreter that every other interpreter is checked against.

mod activation;
mod adapt;
mod cost;
mod error;
mod extent;
mod field;
pub mod file;
pub mod format;
mod forward;
mod graph;
mod infer;
mod limits;
mod merge;
mod noise;
mod normal;
mod number;
mod op;
mod padding;
mod parameters;
mod parse;
pub mod plan;
mod quoted;
#[cfg(feature = "testing")]
pub mod random;
mod receptive_field;
pub mod reference;
pub mod rewrite;
#[cfg(feature = "schema")]
mod schema;
mod scope;
mod shape;
mod table;
#[cfg(feature = "testing")]
pub mod testing;
mod text;
mod verify;
mod weights;
mod weights_file;

pub use activation::Activation;
pub use adapt::{AdaptError, Adapted, adapt};
pub use cost::{Cost, NodeCost};
pub use error::{BuildError, ErrorKind};
pub use extent::Extent;
pub use field::FieldError;
pub use forward::{Forward, ForwardError, batch_and_shapes};
pub use graph::{Graph, Node, Output, Value};
pub use limits::LARGEST_EXTENT;
pub use merge::{Merged, Refusal, merge};
pub use noise::Noise;
pub use number::single;
pub use op::{
    BatchNorm, Conv, ConvTranspose, Crop, DropUnit, GroupNorm, Linear, Op, Pool, TimeStep, UpsampleMode,
};
pub use padding::{Padding, Window};
pub use parameters::{Parameter, Role};
pub use parse::ParseError;
pub use quoted::quoted;
pub use receptive_field::{Causality, Field, ReceptiveField};
pub use scope::Scope;
pub use shape::Shape;
pub use table::Table;
pub use weights::{Array, LoadReport, Misshapen, NodeWeights, Weights};
pub use weights_file::FileError;
