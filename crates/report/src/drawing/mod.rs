//! Drawings of graphs as SVG: blocks from top to bottom, with arrows and shapes between them.

mod blocks;
mod kind;
mod layout;
mod svg;

use graph::{BuildError, Graph};

use blocks::Blocks;
use layout::Layout;

/// Largest number of blocks in a drawing of default depth.
const BLOCKS: usize = 24;

/// A drawing of `graph` as the text of an SVG file. Operations whose names agree in their first `depth` parts
/// form a block; by default, `depth` is the largest that keeps the drawing readable.
///
/// ```
/// let graph = resnet::graph(&resnet::Config::resnet18(), [3, 224, 224])?;
/// let svg = report::drawing(&graph, "resnet18", Some(1))?;
/// assert!(svg.starts_with("<svg ") && svg.contains(">layer1<"));
/// # Ok::<(), graph::BuildError>(())
/// ```
///
/// # Errors
/// As [`Graph::cost`].
pub fn drawing(graph: &Graph, title: &str, depth: Option<usize>) -> Result<String, BuildError> {
    let cost = graph.cost()?;
    let depth = depth.unwrap_or_else(|| readable(graph));
    let blocks = Blocks::of(graph, &cost, depth);
    let layout = Layout::of(&blocks);
    Ok(svg::write(title, &cost, &blocks, &layout))
}

/// The largest depth with a readable number of blocks.
fn readable(graph: &Graph) -> usize {
    /// Maximum number of name parts that are distinguished.
    const DEEPEST: usize = 32;
    let parts = graph.nodes().map(|(_, node)| node.name.split('.').count());
    let deepest = parts.max().unwrap_or(1).min(DEEPEST);
    let readable = (1..=deepest).rev().find(|&depth| blocks::runs(graph, depth).len() <= BLOCKS);
    readable.unwrap_or(1)
}
