//! The window that covers the windows of several branches.

use crate::rewrite::Rewrite;
use crate::{Conv, Extent, Padding, Shape, Value};

/// Maximum number of taps of a merged kernel per tap of its branches.
const MOST_TAPS: usize = 4;

/// The window along one axis.
struct Axis {
    kernel: usize,
    dilation: usize,
    before: usize,
    after: usize,
}

/// The convolution, with a bias, whose window covers those of all branches of a source of this shape:
/// convolutions with their values, and perhaps an identity. A smaller kernel goes to tap
/// `(before_large - before_small) / dilation`, which must be a whole number.
pub(super) fn union(
    rewrite: &Rewrite,
    source: &Shape,
    convs: &[(Value, Conv)],
    identity: bool,
) -> Result<Conv, String> {
    let (first, model) = convs[0];
    let name = |value: Value| &rewrite.node(value).name;
    for (value, conv) in convs {
        if conv.stride != model.stride || conv.groups != model.groups {
            return Err(format!("`{}` and `{}` differ in stride or groups", name(first), name(*value)));
        }
        if conv.weight_norm {
            return Err(format!("`{}` keeps its weight norm", name(*value)));
        }
    }
    if identity && (!model.stride.is_one() || model.out != source.channels) {
        return Err(format!(
            "`{}` changes size or channels, which an identity in another branch does not",
            name(first)
        ));
    }
    let axes: Vec<Axis> =
        (0..source.rank()).map(|axis| along(rewrite, axis, convs, identity)).collect::<Result<_, _>>()?;
    check_taps(&axes, convs, identity)?;
    let extent = |number: fn(&Axis) -> usize| match axes[..] {
        [ref height, ref width] if number(height) != number(width) => {
            Extent::Each(number(height), number(width))
        }
        _ => Extent::All(number(&axes[0])),
    };
    let covers = |conv: &Conv| {
        axes.iter().enumerate().all(|(i, axis)| {
            conv.kernel.at(i) == axis.kernel && conv.window().fixed_pads(i) == Some((axis.before, axis.after))
        })
    };
    let padding = match convs.iter().find(|(_, conv)| covers(conv)) {
        Some((_, conv)) => conv.padding,
        None => Padding::Explicit { before: extent(|axis| axis.before), after: extent(|axis| axis.after) },
    };
    let (kernel, dilation) = (extent(|axis| axis.kernel), extent(|axis| axis.dilation));
    Ok(Conv { kernel, dilation, padding, bias: true, ..model })
}

/// Refuses a merged kernel that would be mostly zeros because its branches are far apart.
fn check_taps(axes: &[Axis], convs: &[(Value, Conv)], identity: bool) -> Result<(), String> {
    let product = |sizes: &mut dyn Iterator<Item = usize>| sizes.fold(1, usize::saturating_mul);
    let taps = convs.iter().map(|(_, conv)| product(&mut conv.kernel.axes(axes.len())));
    let of_branches = taps.fold(usize::from(identity), usize::saturating_add);
    let merged = product(&mut axes.iter().map(|axis| axis.kernel));
    if merged > of_branches.saturating_mul(MOST_TAPS) {
        return Err(format!(
            "the merged kernel would have {merged} taps, those of its branches have only {of_branches}"
        ));
    }
    Ok(())
}

/// The window of one branch along one axis.
struct Span {
    reach: usize,
    before: usize,
    after: usize,
}

impl Span {
    /// Padding less reach. It is equal for all branches, unless their outputs have one size only by
    /// chance.
    fn slack(&self) -> Option<isize> {
        (self.before + self.after).checked_signed_diff(self.reach)
    }
}

fn along(rewrite: &Rewrite, axis: usize, convs: &[(Value, Conv)], identity: bool) -> Result<Axis, String> {
    let wide = convs.iter().filter(|(_, conv)| conv.kernel.at(axis) > 1);
    let mut dilations = wide.map(|(_, conv)| conv.dilation.at(axis));
    let dilation = dilations.next().unwrap_or(1);
    if dilations.any(|other| other != dilation) {
        return Err(format!("its branches differ in dilation on axis {axis}"));
    }
    let mut spans = Vec::new();
    if identity {
        spans.push(Span { reach: 0, before: 0, after: 0 });
    }
    for (value, conv) in convs {
        let (before, after) = conv.window().fixed_pads(axis).ok_or_else(|| {
            let name = &rewrite.node(*value).name;
            format!("`{name}` pads `same` with a stride above 1, so that its taps depend on the input's size")
        })?;
        spans.push(Span { reach: conv.window().reach(axis), before, after });
    }
    if spans.iter().any(|span| span.slack() != spans[0].slack()) {
        return Err(format!("its branches agree in size on axis {axis} only by chance"));
    }
    let before = spans.iter().map(|span| span.before).max().unwrap_or(0);
    if spans.iter().any(|span| !(before - span.before).is_multiple_of(dilation)) {
        return Err(format!("the taps of its branches do not meet on axis {axis}"));
    }
    let reach = spans.iter().map(|span| before - span.before + span.reach).max().unwrap_or(0);
    let first = &spans[0];
    let after = (first.before + first.after + reach).checked_sub(first.reach + before);
    let after = after.ok_or_else(|| format!("its branches leave no padding on axis {axis}"))?;
    Ok(Axis { kernel: reach / dilation + 1, dilation, before, after })
}
