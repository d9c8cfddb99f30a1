//! A graph as Rust source that builds it again, for people who want to own and change a model.
//!
//! The names of the nodes are a tree. Each part of it becomes a function over
//! [`graph::Scope`]; parts of equal structure share one, and the numbers in which they differ
//! become its parameters; blocks that repeat become a loop. The graph that the source builds has
//! the text of the original.

mod body;
mod frame;
mod functions;
mod layout;
mod literal;
mod names;
mod operation;
mod scopes;
mod source;
mod structure;

use graph::Graph;

/// Rust source with a function `graph` that builds this graph; it needs the crate `graph` alone.
///
/// `name` says what it is and `command` how it was made; both stand in its first line.
///
/// ```
/// use graph::{Activation, Conv, Graph};
/// let graph = Graph::build(|g| {
///     let x = g.input("image", [3, 32, 32])?;
///     let x = g.conv("conv1", x, Conv { stride: 2.into(), ..Conv::new(16, 3) })?;
///     let x = g.activation("relu", x, Activation::Relu)?;
///     g.output("features", x)
/// })?;
/// let source = emit::rust(&graph, "a small network", "cargo run");
/// assert!(source.contains(r#"let x = g.activation("relu", x, Activation::Relu)?;"#));
/// # Ok::<(), graph::BuildError>(())
/// ```
pub fn rust(graph: &Graph, name: &str, command: &str) -> String {
    source::source(graph, name, command)
}
