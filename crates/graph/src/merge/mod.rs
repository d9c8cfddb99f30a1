//! Exact merging: batch norms folded into convolutions, parallel branches into one.
//!
//! A rewrite of graph and weights together, in f64 and exact up to rounding, at every input size.
//! A folded convolution keeps its name; a merged sum takes the sum's, so that a sum called
//! `reparam_conv` gives timm's merged MobileOne checkpoint by construction. What would change the
//! function is left as it is, with the reason.

mod branches;
mod draft;
mod norm;
mod weight_norm;

use std::fmt;

use crate::{Graph, Op, Value, Weights};
use draft::Draft;

/// The inference form of a graph.
#[derive(Clone, Debug, PartialEq)]
pub struct Merged {
    /// The graph, without dropouts, weight norms, and the norms and branches that could be merged.
    pub graph: Graph,
    /// Its weights.
    pub weights: Weights,
    /// What was left, in order of computation, and why.
    pub refusals: Vec<Refusal>,
}

/// A norm or a sum of branches that stays, because merging it would change the function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The node.
    pub node: String,
    /// Why it stays.
    pub reason: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.node, self.reason)
    }
}

/// The inference form of `graph` with `weights`: dropouts dropped, weight norms multiplied out,
/// batch norms folded into the convolution or linear layer before or after them, and sums of
/// linear branches of one source (convolutions, norms, the source itself) merged into one
/// convolution (Ding et al. 2021, arXiv 2101.03697; Vasu et al. 2022, arXiv 2206.04040).
///
/// ```
/// use graph::{BatchNorm, Conv, Graph, Weights, merge};
/// let graph = Graph::build(|g| {
///     let x = g.input("signal", [8, 50])?;
///     let conv = g.conv("conv", x, Conv::new(8, 3))?;
///     let conv = g.batch_norm("bn", conv, BatchNorm::default())?;
///     let identity = g.batch_norm("identity", x, BatchNorm::default())?;
///     let sum = g.add("reparam_conv", &[conv, identity])?;
///     g.output("y", sum)
/// })?;
/// let merged = merge(&graph, &Weights::initial(&graph, 0));
/// let names: Vec<_> = merged.weights.iter().map(|(name, _)| name).collect();
/// assert_eq!(names, ["reparam_conv.bias", "reparam_conv.weight"]);
/// # Ok::<(), graph::BuildError>(())
/// ```
pub fn merge(graph: &Graph, weights: &Weights) -> Merged {
    let mut draft = Draft::new(graph, weights);
    draft.each(drop_dropout);
    draft.each(weight_norm::remove);
    while draft.each(norm::fold) | draft.each(branches::merge) {}
    let refusals = draft.values().filter_map(|value| refusal(&draft, value)).collect();
    let (graph, weights) = draft.finish();
    Merged { graph, weights, refusals }
}

/// In inference a dropout is the identity.
fn drop_dropout(draft: &mut Draft, value: Value) -> bool {
    let is_dropout = matches!(draft.op(value), Op::Dropout { .. });
    if is_dropout {
        draft.bypass(value);
    }
    is_dropout
}

fn refusal(draft: &Draft, value: Value) -> Option<Refusal> {
    let refusals = [norm::refusal, weight_norm::refusal, branches::refusal];
    let reason = refusals.iter().find_map(|refusal| refusal(draft, value));
    reason.map(|reason| Refusal { node: draft.name(value).to_owned(), reason })
}
