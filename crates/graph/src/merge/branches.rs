//! Sums of linear branches of one source merged into one convolution.

use super::Draft;
use super::norm::{self, Affine};
use crate::{Conv, Extent, Op, Padding, Value};

/// Why a sum stays: with a reason when it looks like branches, without when it is just a sum.
type Refused = Option<String>;

/// One addend of a sum.
enum Branch {
    Conv(Value, Conv),
    Norm(Value),
    /// The source itself.
    Plain,
}

/// A merged convolution and what it replaces.
struct Plan {
    source: Value,
    replaced: Vec<Value>,
    conv: Conv,
    kernel: Vec<f64>,
    bias: Vec<f64>,
}

pub(super) fn merge(draft: &mut Draft, sum: Value) -> bool {
    if !matches!(draft.op(sum), Op::Add) {
        return false;
    }
    let Ok(plan) = plan(draft, sum) else { return false };
    let bias = plan.conv.bias;
    draft.set_op(sum, Op::Conv(plan.conv));
    draft.set_inputs(sum, vec![plan.source]);
    plan.replaced.iter().for_each(|value| draft.remove(*value));
    let shape = kernel_shape(draft, sum, &plan.conv);
    draft.set_weight(sum, "weight", shape, &plan.kernel);
    if bias {
        draft.set_weight(sum, "bias", vec![plan.conv.out], &plan.bias);
    }
    true
}

/// Why a sum of branches stays.
pub(super) fn refusal(draft: &Draft, value: Value) -> Option<String> {
    let is_sum = matches!(draft.op(value), Op::Add);
    is_sum.then(|| plan(draft, value).err().flatten()).flatten()
}

/// Shape of the kernel of the convolution `value`: `[out, in / groups, kernel…]`.
pub(super) fn kernel_shape(draft: &Draft, value: Value, conv: &Conv) -> Vec<usize> {
    let input = draft.shape(draft.inputs(value)[0]);
    let kernel = conv.kernel.axes(input.rank());
    [conv.out, input.channels / conv.groups].into_iter().chain(kernel).collect()
}

/// The convolution that the sum can become.
fn plan(draft: &Draft, sum: Value) -> Result<Plan, Refused> {
    let (source, branches) = branches(draft, sum)?;
    let mut replaced = Vec::new();
    for branch in &branches {
        if let Branch::Conv(value, _) | Branch::Norm(value) = *branch {
            draft.only_reader(value)?;
            replaced.push(value);
        }
    }
    let convs: Vec<(Value, Conv)> = branches.iter().filter_map(Branch::conv).collect();
    let conv = Conv { bias: true, ..geometry(draft, source, &convs, branches.len() > convs.len())? };
    let mut merged = Accumulator::new(draft, source, conv);
    let mut has_bias = false;
    for branch in &branches {
        match branch {
            Branch::Conv(value, branch) => {
                has_bias |= branch.bias;
                merged.add_conv(draft, *value, branch)?;
            }
            Branch::Norm(value) => {
                has_bias = true;
                merged.add_identity(&norm::affine(draft, *value)?);
            }
            Branch::Plain => {
                let channels = draft.shape(source).channels;
                merged.add_identity(&Affine { scale: vec![1.0; channels], shift: vec![0.0; channels] });
            }
        }
    }
    let Accumulator { kernel, bias, .. } = merged;
    Ok(Plan { source, replaced, conv: Conv { bias: has_bias, ..conv }, kernel, bias })
}

impl Branch {
    fn conv(&self) -> Option<(Value, Conv)> {
        match *self {
            Self::Conv(value, conv) => Some((value, conv)),
            Self::Norm(_) | Self::Plain => None,
        }
    }
}

/// The one source of a sum's branches. A sum without a convolution, or of different sources, is
/// no sum of branches, unless pooling hides the common source.
fn branches(draft: &Draft, sum: Value) -> Result<(Value, Vec<Branch>), Refused> {
    let read = |term: Value| {
        if let Op::Conv(conv) = draft.op(term) {
            (draft.inputs(term)[0], Branch::Conv(term, *conv))
        } else if let Op::BatchNorm(_) = draft.op(term) {
            (draft.inputs(term)[0], Branch::Norm(term))
        } else {
            (term, Branch::Plain)
        }
    };
    let (sources, branches): (Vec<Value>, Vec<Branch>) =
        draft.inputs(sum).iter().map(|term| read(*term)).unzip();
    let has_conv = branches.iter().any(|branch| branch.conv().is_some());
    if has_conv && sources.iter().all(|source| *source == sources[0]) {
        return Ok((sources[0], branches));
    }
    Err(pooled(draft, sum))
}

/// The reason when the terms come from one source by way of a pooling.
fn pooled(draft: &Draft, sum: Value) -> Refused {
    let mut pool = None;
    let mut origin = |mut value: Value| {
        while let Op::Conv(_) | Op::BatchNorm(_) | Op::MaxPool(_) | Op::AveragePool { .. } = draft.op(value) {
            if let Op::MaxPool(_) | Op::AveragePool { .. } = draft.op(value) {
                pool = pool.or(Some(value));
            }
            value = draft.inputs(value)[0];
        }
        value
    };
    let origins: Vec<Value> = draft.inputs(sum).iter().map(|term| origin(*term)).collect();
    let branched = origins.len() > 1 && origins.iter().all(|value| *value == origins[0]);
    let pool = pool.filter(|_| branched)?;
    Some(format!(
        "`{}` in a branch is {}, which is not linear in place",
        draft.name(pool),
        draft.op(pool).name()
    ))
}

/// Stride, dilation, groups, kernel and padding of the merged convolution. A smaller kernel goes
/// to tap `(before_large - before_small) / dilation`, which must be a whole number.
fn geometry(draft: &Draft, source: Value, convs: &[(Value, Conv)], identity: bool) -> Result<Conv, Refused> {
    let (first, model) = convs[0];
    let name = |value: Value| draft.name(value);
    for (value, conv) in convs {
        if conv.stride != model.stride || conv.groups != model.groups {
            return Err(Some(format!("`{}` and `{}` differ in stride or groups", name(first), name(*value))));
        }
        if conv.weight_norm {
            return Err(Some(format!("`{}` keeps its weight norm", name(*value))));
        }
    }
    if identity && (!model.stride.is_one() || model.out != draft.shape(source).channels) {
        return Err(Some(format!("`{}` changes size or channels beside an identity", name(first))));
    }
    let rank = draft.shape(source).rank();
    let axes = (0..rank).map(|axis| union(draft, axis, convs, identity)).collect::<Result<Vec<_>, _>>()?;
    let extent = |number: fn(&Union) -> usize| match axes[..] {
        [ref height, ref width] if number(height) != number(width) => {
            Extent::Each(number(height), number(width))
        }
        _ => Extent::All(number(&axes[0])),
    };
    let kernel = extent(|axis| axis.kernel);
    let dilation = extent(|axis| axis.dilation);
    let covering = convs.iter().find(|(_, conv)| {
        let same = |(axis, union): (usize, &Union)| {
            conv.kernel.at(axis) == union.kernel
                && conv.window().fixed_pads(axis) == Some((union.before, union.after))
        };
        axes.iter().enumerate().all(same)
    });
    let padding = covering.map_or_else(
        || Padding::Explicit { before: extent(|axis| axis.before), after: extent(|axis| axis.after) },
        |(_, conv)| conv.padding,
    );
    Ok(Conv { kernel, dilation, padding, ..model })
}

/// The window along one axis that covers the windows of all branches.
struct Union {
    kernel: usize,
    dilation: usize,
    before: usize,
    after: usize,
}

fn union(draft: &Draft, axis: usize, convs: &[(Value, Conv)], identity: bool) -> Result<Union, Refused> {
    let wide = convs.iter().filter(|(_, conv)| conv.kernel.at(axis) > 1);
    let mut dilations = wide.map(|(_, conv)| conv.dilation.at(axis));
    let dilation = dilations.next().unwrap_or(1);
    if dilations.any(|other| other != dilation) {
        return Err(Some(format!("its branches differ in dilation on axis {axis}")));
    }
    // Reach, padding before and after of each branch; an identity has none.
    let mut windows: Vec<(usize, usize, usize)> = identity.then_some((0, 0, 0)).into_iter().collect();
    for (value, conv) in convs {
        let (before, after) = conv.window().fixed_pads(axis).ok_or_else(|| {
            let name = draft.name(*value);
            format!("`{name}` pads `same` with a stride above 1, so that its taps depend on the input's size")
        })?;
        windows.push((conv.window().reach(axis), before, after));
    }
    let slack = |(reach, before, after): (usize, usize, usize)| (before + after).checked_signed_diff(reach);
    if windows.iter().any(|window| slack(*window) != slack(windows[0])) {
        return Err(Some(format!("its branches agree in size on axis {axis} only by chance")));
    }
    let most = windows.iter().map(|(_, before, _)| *before).max().unwrap_or(0);
    if windows.iter().any(|(_, before, _)| !(most - before).is_multiple_of(dilation)) {
        return Err(Some(format!("the taps of its branches do not meet on axis {axis}")));
    }
    let reach = windows.iter().map(|(reach, before, _)| most - before + reach).max().unwrap_or(0);
    let (first_reach, first_before, first_after) = windows[0];
    let after = (first_before + first_after + reach).checked_sub(first_reach + most);
    let after = after.ok_or_else(|| format!("its branches leave no padding on axis {axis}"))?;
    Ok(Union { kernel: reach / dilation + 1, dilation, before: most, after })
}

/// The merged kernel and bias as they add up.
struct Accumulator {
    conv: Conv,
    /// Kernel size along each axis; a series has one.
    kernel_size: Vec<usize>,
    /// Padding before each axis.
    before: Vec<usize>,
    in_per_group: usize,
    kernel: Vec<f64>,
    bias: Vec<f64>,
}

impl Accumulator {
    fn new(draft: &Draft, source: Value, conv: Conv) -> Self {
        let input = draft.shape(source);
        let kernel_size: Vec<usize> = conv.kernel.axes(input.rank()).collect();
        let before = (0..input.rank()).map(|axis| conv.window().pads(axis, 1).0).collect();
        let in_per_group = input.channels / conv.groups;
        let elements = conv.out * in_per_group * kernel_size.iter().product::<usize>();
        let (kernel, bias) = (vec![0.0; elements], vec![0.0; conv.out]);
        Self { conv, kernel_size, before, in_per_group, kernel, bias }
    }

    fn add_conv(&mut self, draft: &Draft, value: Value, branch: &Conv) -> Result<(), Refused> {
        let rank = self.kernel_size.len();
        let size: Vec<usize> = branch.kernel.axes(rank).collect();
        let taps: usize = size.iter().product();
        let kernel = draft.weight(value, "weight", self.conv.out * self.in_per_group * taps)?;
        let first: Vec<usize> =
            (0..rank).map(|axis| self.tap(axis, branch.window().pads(axis, 1).0)).collect();
        for (i, weight) in kernel.iter().enumerate() {
            let (row, tap) = (i / taps, i % taps);
            let tap = match size[..] {
                [_, width] => (first[0] + tap / width) * self.kernel_size[1] + first[1] + tap % width,
                _ => first[0] + tap,
            };
            let all: usize = self.kernel_size.iter().product();
            self.kernel[row * all + tap] += weight;
        }
        if branch.bias {
            let bias = draft.weight(value, "bias", self.conv.out)?;
            self.bias.iter_mut().zip(&bias).for_each(|(sum, bias)| *sum += bias);
        }
        Ok(())
    }

    /// `scale * x + shift` as a 1x1 kernel: output `o` reads input `o`, number `o mod in_per_group`
    /// of its group.
    fn add_identity(&mut self, affine: &Affine) {
        let all: usize = self.kernel_size.iter().product();
        let tap =
            (0..self.kernel_size.len()).fold(0, |tap, axis| tap * self.kernel_size[axis] + self.tap(axis, 0));
        for (out, (scale, shift)) in affine.scale.iter().zip(&affine.shift).enumerate() {
            self.kernel[(out * self.in_per_group + out % self.in_per_group) * all + tap] += scale;
            self.bias[out] += shift;
        }
    }

    /// The merged kernel's tap at which a kernel with padding `before` begins.
    fn tap(&self, axis: usize, before: usize) -> usize {
        (self.before[axis] - before) / self.conv.dilation.at(axis)
    }
}
