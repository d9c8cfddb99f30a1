//! Exact merging: batch norms folded into convolutions, parallel branches into one.
//!
//! A rewrite of graph and weights together, in f64 and exact up to rounding, at every input size.
//! A folded convolution keeps its name; a merged sum takes the sum's, so that a sum called
//! `reparam_conv` gives timm's merged MobileOne checkpoint by construction. A node whose merging would
//! change the function stays as it is, and the reason is reported.

mod branches;
mod kernel;
mod norm;
mod weight_norm;
mod window;

use std::collections::BTreeMap;
use std::fmt;

use crate::rewrite::{Reader, Rewrite};
use crate::{Array, Graph, Op, Role, Value, Weights, number::single};

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
        write!(f, "{}: {}", self.node, self.reason)
    }
}

/// Whether and how a node merges.
enum Verdict<Plan> {
    /// The node is not of the kind that the rule is about.
    NotApplicable,
    /// The node looks as if it could merge, but that would change the function: the reason.
    Refused(String),
    /// The node merges like this.
    Plan(Plan),
}

impl<Plan> From<Result<Plan, String>> for Verdict<Plan> {
    fn from(plan: Result<Plan, String>) -> Self {
        match plan {
            Ok(plan) => Self::Plan(plan),
            Err(reason) => Self::Refused(reason),
        }
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

/// The only reader of `value`; otherwise the others. An output counts as a reader.
fn only_reader(rewrite: &Rewrite, value: Value) -> Result<Value, String> {
    let name = |value: Value| &rewrite.node(value).name;
    let mut nodes = Vec::new();
    for reader in rewrite.readers(value) {
        match *reader {
            Reader::Node(reader) => nodes.push(reader),
            Reader::Output(i) => {
                let output = &rewrite.outputs()[i].name;
                return Err(format!("`{}` is also the output `{output}`", name(value)));
            }
        }
    }
    nodes.sort_unstable();
    match nodes[..] {
        [reader] => Ok(reader),
        [] => Err(format!("nothing reads `{}`", name(value))),
        [first, .., last] => {
            Err(format!("`{}` is read by both `{}` and `{}`", name(value), name(first), name(last)))
        }
    }
}

/// The weight of `role` that the node of `value` has, known to be complete.
fn weight(rewrite: &Rewrite, value: Value, role: Role) -> Result<&[f32], String> {
    let parameter = rewrite.parameter(value, role).expect("the node has a parameter of this role");
    let (name, expected) = (&parameter.name, parameter.elements());
    let array = rewrite.weights().get(name);
    let data = array.ok_or_else(|| format!("`{name}` is missing among the weights"))?.data();
    if data.len() != expected {
        return Err(format!("`{name}`: expected {expected} elements, found {}", data.len()));
    }
    Ok(data)
}

/// As [`weight`], in f64.
fn weight_f64(rewrite: &Rewrite, value: Value, role: Role) -> Result<Vec<f64>, String> {
    Ok(weight(rewrite, value, role)?.iter().copied().map(f64::from).collect())
}

/// Sets the weight of `role` that the node of `value` has.
fn set_weight(rewrite: &mut Rewrite, value: Value, role: Role, data: &[f64]) {
    let parameter = rewrite.parameter(value, role).expect("the node has a parameter of this role");
    let array = Array::from_fn(parameter.shape, |i| single(data[i]));
    rewrite.weights_mut().insert(parameter.name, array);
}
