//! A small typed graph of convolutional networks.
//!
//! A network is a function from a config to a [`Graph`]. Everything else interprets that graph: training,
//! inference, cost, export, code generation. This crate holds the graph and all interpreters that need no
//! library: text ([`Graph::text`] and its parser), [`Cost`], [`ReceptiveField`], memory
//! [plans](plan), [`merge`], and the plain [`mod@reference`], against which every other interpreter is
//! tested.
//!
//! Build a graph, give it weights, fold its norms, run it:
//!
//! ```
//! use graph::reference::Interpreter;
//! use graph::{Activation, Array, BatchNorm, Conv, Forward, Graph, Weights, merge};
//!
//! let graph = Graph::build(|g| {
//!     let x = g.input("signal", [6, 100])?;
//!     let x = g.conv("stem.conv", x, Conv { stride: 2.into(), ..Conv::new(16, 7) })?;
//!     let x = g.batch_norm("stem.bn", x, BatchNorm::default())?;
//!     let x = g.activation("stem.act", x, Activation::Relu)?;
//!     let x = g.flatten("flatten", g.global_mean("pool", x)?)?;
//!     let x = g.linear("head", x, 4)?;
//!     g.output("logits", x)
//! })?;
//! assert_eq!(graph.cost()?.trainable, 16 * 6 * 7 + 2 * 16 + 16 * 4 + 4);
//!
//! // The text is complete: it can be stored, compared and read again.
//! assert_eq!(graph.text().parse::<Graph>()?, graph);
//!
//! // The norm is folded into the convolution before it.
//! let merged = merge(&graph, &Weights::initial(&graph, 0));
//! assert!(merged.graph.find("stem.bn").is_none() && merged.refusals.is_empty());
//!
//! // A graph runs at sizes that it was not built for: here a batch of 2 series of 250 steps.
//! let mut interpreter = Interpreter::new(merged.graph, merged.weights)?;
//! let outputs = interpreter.forward(&[Array::from_fn([2, 6, 250], |i| (i as f32).sin())])?;
//! assert_eq!(outputs[0].shape(), [2, 4]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Contents
//!
//! | task | items |
//! |---|---|
//! | write a network | [`Graph::build`], [`Scope`], and the settings of operations, such as [`Conv`], [`BatchNorm`], [`Pool`], [`Activation`] and [`Padding`] |
//! | read it | [`Graph`], [`Node`], [`Op`], [`Value`], [`Output`], [`Shape`], [`Graph::output_shape`], [`Graph::find`]; [`Table`] for results per node |
//! | count it | [`Graph::cost`] and [`Cost`], [`Graph::receptive_field`] and [`ReceptiveField`], [`plan`] |
//! | its weights | [`Weights`] and [`Array`], [`Weights::read`] and [`Weights::write`], [`Parameter`] and [`Role`], [`LoadReport`] |
//! | compute it as samples arrive | [`Graph::streaming`] and [`Streaming`] |
//! | use a part of it | [`Graph::until`], [`Graph::with_outputs`], [`Weights::for_graph`], [`Scope::include`] |
//! | other classes or channels | [`adapt`](fn@adapt) |
//! | change it | [`merge`](fn@merge), [`rewrite`] |
//! | run it | [`Forward`], [`mod@reference`]; on libtorch, `torch::Net` |
//! | store it | [`Graph::text`] and `text.parse::<Graph>()`; with task and classes, `model::Model` |
//! | errors | [`BuildError`] names the node, [`FieldError`] the field of a config, [`FileError`] the file; [`ParseError`], [`AdaptError`], [`ForwardError`] |
//! | write messages | [`quoted`], [`listed`], [`printable`], [`one_line`], [`shown_path`], [`mod@format`] |

mod activation;
mod adapt;
mod cost;
mod error;
mod extent;
mod field;
pub mod file;
mod foreign_file;
pub mod format;
mod forward;
mod graph;
mod infer;
mod limits;
mod load_report;
mod merge;
mod noise;
mod normal;
mod number;
mod op;
mod padding;
mod parameters;
mod parse;
mod part;
pub mod plan;
#[cfg(feature = "testing")]
pub mod random;
mod receptive_field;
pub mod reference;
pub mod rewrite;
#[cfg(feature = "schema")]
mod schema;
mod scope;
mod shape;
mod shown;
mod streaming;
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
pub use limits::{LARGEST_EXTENT, LARGEST_NODE_COUNT, LARGEST_OUTPUT_COUNT, LARGEST_PARAMETER_COUNT};
pub use load_report::{LoadReport, Misshapen, Unusable, is_bookkeeping};
pub use merge::{Merged, Refusal, merge, without_weight_norms};
pub use noise::Noise;
pub use number::single;
pub use op::{
    BatchNorm, Conv, ConvTranspose, Crop, DropUnit, GroupNorm, Linear, Op, Pool, TimeStep, UpsampleMode,
};
pub use padding::{Padding, Window};
pub use parameters::{Parameter, Role};
pub use parse::ParseError;
pub use receptive_field::{Causality, Field, ReceptiveField};
pub use scope::Scope;
pub use shape::Shape;
pub use shown::{escaped, listed, one_line, printable, quoted, shown_path, visible};
pub use streaming::{Lengths, Rate, Reads, StreamNode, Streaming};
pub use table::Table;
pub use weights::{Array, NodeWeights, Weights};
pub use weights_file::{FileError, floats};
