//! Sums of linear branches of one source merged into one convolution.

use super::kernel::Kernel;
use super::node::{check_finite, check_set, only_reader, set_weight, weight_f64};
use super::norm::{self, Affine};
use super::verdict::Verdict;
use super::window;
use crate::rewrite::Rewrite;
use crate::{Conv, Op, Role, Value};

/// One term of a sum.
#[derive(Clone, Copy)]
enum Branch {
    Conv(Value, Conv),
    Norm(Value),
    /// The source itself.
    Plain,
}

/// A merged convolution and what it replaces.
pub(super) struct MergedConv {
    source: Value,
    replaced: Vec<Value>,
    conv: Conv,
    kernel: Vec<f64>,
    bias: Vec<f64>,
}

/// Merges a sum of branches into one convolution.
pub(super) fn verdict(rewrite: &Rewrite, value: Value) -> Verdict<MergedConv> {
    let node = rewrite.node(value);
    if !matches!(node.op, Op::Add) {
        return Verdict::NotApplicable;
    }
    let (sources, branches): (Vec<Value>, Vec<Branch>) =
        node.inputs.iter().map(|term| branch(rewrite, *term)).unzip();
    let has_conv = branches.iter().any(|branch| matches!(branch, Branch::Conv(..)));
    if has_conv && sources.iter().all(|source| *source == sources[0]) {
        return merged(rewrite, value, sources[0], &branches).into();
    }
    // A sum without a convolution, or of different sources, is just a sum, unless a pooling hides the
    // common source.
    match pooling(rewrite, &node.inputs) {
        Some(pool) => {
            let pool = rewrite.node(pool);
            let (name, op) = (&pool.name, pool.op.name());
            Verdict::Refused(format!("`{name}` in a branch is {op}, which is not linear in place"))
        }
        None => Verdict::NotApplicable,
    }
}

pub(super) fn apply(rewrite: &mut Rewrite, sum: Value, merged: MergedConv) {
    let MergedConv { source, replaced, conv, kernel, bias } = merged;
    rewrite.set(sum, Op::Conv(conv), vec![source]).expect("merging keeps the shape");
    for value in replaced {
        rewrite.remove(value).expect("the sum was the only reader of its branches");
    }
    set_weight(rewrite, sum, Role::Weight, &kernel);
    if conv.bias {
        set_weight(rewrite, sum, Role::Bias, &bias);
    }
}

/// A term as a branch of its source.
fn branch(rewrite: &Rewrite, term: Value) -> (Value, Branch) {
    let node = rewrite.node(term);
    if let Op::Conv(conv) = node.op {
        (node.inputs[0], Branch::Conv(term, conv))
    } else if let Op::BatchNorm(_) = node.op {
        (node.inputs[0], Branch::Norm(term))
    } else {
        (term, Branch::Plain)
    }
}

/// The first pooling by way of which several terms come from one source.
fn pooling(rewrite: &Rewrite, terms: &[Value]) -> Option<Value> {
    let mut pool = None;
    let mut origins = Vec::new();
    for term in terms {
        let mut value = *term;
        let mut node = rewrite.node(value);
        while let Op::Conv(_) | Op::BatchNorm(_) | Op::MaxPool(_) | Op::AveragePool { .. } = node.op {
            if let Op::MaxPool(_) | Op::AveragePool { .. } = node.op {
                pool = pool.or(Some(value));
            }
            value = node.inputs[0];
            node = rewrite.node(value);
        }
        origins.push(value);
    }
    let is_branched = origins.len() > 1 && origins.iter().all(|origin| *origin == origins[0]);
    if is_branched { pool } else { None }
}

/// The convolution that a sum of branches can become.
fn merged(rewrite: &Rewrite, sum: Value, source: Value, branches: &[Branch]) -> Result<MergedConv, String> {
    let mut replaced = Vec::new();
    let mut convs = Vec::new();
    for branch in branches {
        match *branch {
            Branch::Conv(value, conv) => {
                only_reader(rewrite, value)?;
                replaced.push(value);
                convs.push((value, conv));
            }
            Branch::Norm(value) => {
                only_reader(rewrite, value)?;
                replaced.push(value);
            }
            Branch::Plain => {}
        }
    }
    let shape = &rewrite.node(source).shape;
    let conv = window::union(rewrite, shape, &convs, branches.len() > convs.len())?;
    check_set(rewrite, sum, &Op::Conv(conv), source)?;
    let mut kernel = Kernel::zeros(shape, conv);
    let mut has_bias = false;
    for branch in branches {
        match *branch {
            Branch::Conv(value, conv) => {
                kernel.add_conv(&conv, &weight_f64(rewrite, value, Role::Weight)?);
                if conv.bias {
                    has_bias = true;
                    kernel.add_bias(&weight_f64(rewrite, value, Role::Bias)?);
                }
            }
            Branch::Norm(value) => {
                has_bias = true;
                kernel.add_identity(&norm::affine(rewrite, value)?);
            }
            Branch::Plain => {
                let (scale, shift) = (vec![1.0; shape.channels], vec![0.0; shape.channels]);
                kernel.add_identity(&Affine { scale, shift });
            }
        }
    }
    let Kernel { weight: kernel, bias, .. } = kernel;
    check_finite(&rewrite.node(sum).name, &kernel)?;
    check_finite(&rewrite.node(sum).name, &bias)?;
    Ok(MergedConv { source, replaced, conv: Conv { bias: has_bias, ..conv }, kernel, bias })
}
