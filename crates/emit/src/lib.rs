//! A graph as Rust source that builds it again, for people who want to own and change a model.
//!
//! Works in two stages. The analysis turns the graph into a small `Program` in which everything is
//! decided: the tree of node names becomes functions over [`graph::Scope`], subtrees of equal
//! structure share one function, the numbers in which they differ become its parameters, and blocks
//! that repeat become a loop. Printing turns the program into tokens, which `prettyplease` lays out.
//! The graph that the source builds has the text of the original.

mod attributes;
mod builder;
mod function;
mod functions;
mod literal;
mod lower;
mod names;
mod print;
mod program;
mod rustfmt;
mod scopes;
mod structure;
mod variables;

use graph::{Graph, printable};

pub use rustfmt::format;

/// Rust source with a function `graph` that builds this graph; it depends on the crate `graph` alone.
///
/// `name` describes the model, and `command` is the command that generated the source. The first line of the source
/// quotes both, each escaped, truncated and limited to its first line.
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
    let [name, command] = [name, command].map(|text| printable(text.lines().next().unwrap_or_default()));
    let head = format!("//! Made by `{command}`, and yours to change: {name}.\n\n");
    head + &print::source(&lower::program(graph))
}
