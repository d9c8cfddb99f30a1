//! Exact merging: batch norms folded into convolutions, parallel branches into one.
//!
//! A rewrite of graph and weights together, in f64 and exact up to rounding, at every input size.
//! A folded convolution keeps its name; a merged sum takes the sum's, so that a sum called
//! `reparam_conv` gives timm's merged MobileOne checkpoint by construction. A node whose merging would
//! change the function stays as it is, and the reason is reported.

mod branches;
mod kernel;
mod node;
mod norm;
mod verdict;
mod weight_norm;
mod window;

use std::collections::BTreeMap;
use std::fmt;

use crate::rewrite::Rewrite;
use crate::{Graph, Op, Value, Weights, one_line, printable};
use verdict::Verdict;

/// The inference form of a graph.
#[derive(Clone, Debug, PartialEq)]
pub struct Merged {
    /// The graph, without dropouts, weight norms, and the norms and branches that could be merged.
    pub graph: Graph,
    /// Its weights.
    pub weights: Weights,
    /// The nodes that stay, in order of computation, and why.
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
        f.write_str(&one_line(&format!("{}: {}", printable(&self.node), self.reason)))
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
    let mut rewrite = Rewrite::new(graph, weights);
    drop_dropouts(&mut rewrite);
    let lengths = apply(&mut rewrite, weight_norm::verdict, weight_norm::apply);
    // A merged branch may let a norm fold, and a folded norm may let branches merge.
    let (norms, sums) = loop {
        let norms = apply(&mut rewrite, norm::verdict, norm::apply);
        let sums = apply(&mut rewrite, branches::verdict, branches::apply);
        if !norms.has_merged && !sums.has_merged {
            break (norms, sums);
        }
    };
    let mut reasons: BTreeMap<Value, String> = BTreeMap::new();
    for pass in [lengths, norms, sums] {
        reasons.extend(pass.reasons);
    }
    let mut refusals = Vec::new();
    for value in rewrite.values() {
        if let Some(reason) = reasons.remove(&value) {
            refusals.push(Refusal { node: rewrite.node(value).name.clone(), reason });
        }
    }
    let (graph, weights) = rewrite.finish().expect("merging keeps a graph legal");
    Merged { graph, weights, refusals }
}

/// The same graph with every weight norm multiplied out, and otherwise unchanged. A weight norm that has no kernel stays
/// and is a refusal.
pub fn without_weight_norms(graph: &Graph, weights: &Weights) -> Merged {
    let mut rewrite = Rewrite::new(graph, weights);
    let pass = apply(&mut rewrite, weight_norm::verdict, weight_norm::apply);
    let refusals = pass.reasons.into_iter().map(|(value, reason)| {
        let node = rewrite.node(value).name.clone();
        Refusal { node, reason }
    });
    let refusals = refusals.collect();
    let (graph, weights) = rewrite.finish().expect("a weight norm does not change the shape");
    Merged { graph, weights, refusals }
}

/// In inference a dropout is the identity.
fn drop_dropouts(rewrite: &mut Rewrite) {
    for value in rewrite.values() {
        if let Op::Dropout { .. } = rewrite.node(value).op {
            rewrite.bypass(value).expect("a dropout keeps the shape");
        }
    }
}

/// One rule applied to every node.
struct Pass {
    /// Whether any node was merged.
    has_merged: bool,
    /// Why nodes stay.
    reasons: Vec<(Value, String)>,
}

/// Applies one rule to every node, in order of computation.
fn apply<Plan>(
    rewrite: &mut Rewrite,
    verdict: impl Fn(&Rewrite, Value) -> Verdict<Plan>,
    apply: impl Fn(&mut Rewrite, Value, Plan),
) -> Pass {
    let mut pass = Pass { has_merged: false, reasons: Vec::new() };
    for value in rewrite.values() {
        if !rewrite.contains(value) {
            continue;
        }
        match verdict(rewrite, value) {
            Verdict::NotApplicable => {}
            Verdict::Refused(reason) => pass.reasons.push((value, reason)),
            Verdict::Plan(plan) => {
                apply(rewrite, value, plan);
                pass.has_merged = true;
            }
        }
    }
    pass
}
