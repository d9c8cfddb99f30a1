//! Trained models as [ONNX](https://onnx.ai) files, which most runtimes and compilers read.
//!
//! [`export`] writes a [`Model`] in opset 17 and IR version 8, with standard operators only: no functions, no custom
//! domain. Nodes and parameters keep the names of the graph.
//!
//! ```
//! use graph::{BatchNorm, Conv, Graph, Weights};
//! use model::Model;
//! use onnx::{Options, Sizes};
//!
//! let graph = Graph::build(|g| {
//!     let x = g.input("signal", [3, 50])?;
//!     let x = g.conv("conv", x, Conv::new(2, 5))?;
//!     let x = g.batch_norm("norm", x, BatchNorm::default())?;
//!     g.output("logits", x)
//! })?;
//! let weights = Weights::initial(&graph, 0);
//! let model = Model::new(graph, weights);
//!
//! let exported = onnx::export(&model, &Options { sizes: Sizes::Dynamic, ..Options::default() })?;
//! assert_eq!(exported.inputs()[0].to_string(), "signal [batch, 3, length]");
//! assert_eq!(exported.outputs()[0].to_string(), "logits [batch, 2, length]");
//! let bytes = exported.to_bytes();
//! # assert!(!bytes.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod export;
mod exported;
mod interface;
mod limits;
mod lower;
mod metadata;
mod options;
mod proto;
mod sizes;
mod text;
mod units;
mod writer;

use model::Model;

pub use error::ExportError;
pub use exported::{Dim, Exported, TensorInfo};
pub use limits::Limit;
pub use options::{Options, Sizes};

/// Exports a model as ONNX.
///
/// # Errors
/// If the parts of the model do not match, if its weights are not finite, if the graph does not accept the chosen
/// sizes or outputs, if the format cannot express a node under the chosen options, or if the file would be larger
/// than 2 GB.
pub fn export(model: &Model, options: &Options) -> Result<Exported, ExportError> {
    export::export(model, options)
}
