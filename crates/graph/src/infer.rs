//! Shape inference: the output shape of an operation, or what is wrong with it.

use crate::error::Fault;
use crate::normal::{per_axis, positive};
use crate::{Activation, ConvTranspose, ErrorKind, Op, Shape, Window};
use ErrorKind::{Attribute, Input, Rank, Size};

/// Largest number of elements in one sample's value.
const ELEMENTS: usize = 1 << 40;

/// The shape `op` computes from `inputs`.
pub(crate) fn output(op: &Op, inputs: &[&Shape]) -> Result<Shape, Fault> {
    arity(op, inputs.len())?;
    let shape = match op {
        Op::Input { .. } => {
            return Err(Fault::new(Input, "an input is added by its shape; `Scope::input` does"));
        }
        Op::Conv(conv) => {
            let x = inputs[0];
            in_space(x)?;
            groups(x.channels, conv.out, conv.groups)?;
            Shape::new(positive("output channels", conv.out)?, windows(&conv.window(), x)?)
        }
        Op::ConvTranspose(conv) => {
            let x = inputs[0];
            in_space(x)?;
            groups(x.channels, conv.out, conv.groups)?;
            Shape::new(positive("output channels", conv.out)?, enlarged(conv, x)?)
        }
        Op::Linear(linear) => {
            let x = inputs[0];
            if x.rank() != 0 {
                return Err(Fault::new(
                    Rank,
                    "a feature vector [N, C] is needed; select a step or flatten first",
                ));
            }
            Shape::new(positive("output features", linear.out)?, [])
        }
        Op::BatchNorm(norm) => {
            eps(norm.eps)?;
            if !(0.0..=1.0).contains(&norm.momentum) {
                return Err(Fault::new(
                    Attribute,
                    format!("momentum {} is not within 0 and 1", norm.momentum),
                ));
            }
            inputs[0].clone()
        }
        Op::LayerNorm { eps: e } => {
            eps(*e)?;
            inputs[0].clone()
        }
        Op::GroupNorm(norm) => {
            eps(norm.eps)?;
            divides(norm.groups, inputs[0].channels, "channels")?;
            inputs[0].clone()
        }
        Op::PositionNorm { eps: e } => {
            eps(*e)?;
            in_space(inputs[0])?;
            inputs[0].clone()
        }
        Op::Activation(activation) => {
            finite(*activation)?;
            inputs[0].clone()
        }
        Op::Softmax => inputs[0].clone(),
        Op::Add => equal(inputs)?,
        Op::Multiply => gated(inputs[0], inputs[1])?,
        Op::Concat => concatenated(inputs)?,
        Op::Slice { start, length } => {
            let x = inputs[0];
            positive("length", *length)?;
            if start.checked_add(*length).is_none_or(|end| end > x.channels) {
                let message =
                    format!("{length} channels from channel {start} reach past the {} there are", x.channels);
                return Err(Fault::new(Attribute, message));
            }
            Shape::new(*length, x.space.clone())
        }
        Op::MaxPool(pool) | Op::AveragePool { pool, .. } => {
            in_space(inputs[0])?;
            let window = pool.window();
            let space = windows(&window, inputs[0])?;
            padding_below_kernel(&window, inputs[0])?;
            Shape::new(inputs[0].channels, space)
        }
        Op::GlobalMean => {
            in_space(inputs[0])?;
            Shape::new(inputs[0].channels, vec![1; inputs[0].rank()])
        }
        Op::Upsample { factor, .. } => {
            in_space(inputs[0])?;
            let factor = per_axis("factor", *factor, inputs[0].rank())?;
            let sizes = inputs[0].space.iter().zip(factor.axes(2));
            Shape::new(inputs[0].channels, sizes.map(|(n, f)| n.saturating_mul(f)).collect::<Vec<_>>())
        }
        Op::CropOrPad => {
            same_rank(inputs)?;
            in_space(inputs[0])?;
            Shape::new(inputs[0].channels, inputs[1].space.clone())
        }
        Op::Select(_) => {
            series(inputs[0])?;
            Shape::new(inputs[0].channels, [])
        }
        Op::Reverse => {
            series(inputs[0])?;
            inputs[0].clone()
        }
        Op::Dropout { p, .. } => {
            if !(0.0..1.0).contains(p) {
                return Err(Fault::new(
                    Attribute,
                    format!("probability {p} is not within 0 and 1, 1 excluded"),
                ));
            }
            inputs[0].clone()
        }
        Op::Flatten => {
            in_space(inputs[0])?;
            Shape::new(inputs[0].elements(), [])
        }
    };
    bounded(shape)
}

/// Checks the shape of a model input.
pub(crate) fn input(shape: &Shape) -> Result<Shape, Fault> {
    if !(1..=2).contains(&shape.rank()) {
        return Err(Fault::new(
            Rank,
            format!("a series [N, C, T] or an image [N, C, H, W] is needed, not {shape}"),
        ));
    }
    positive("channels", shape.channels)?;
    shape.space.iter().try_for_each(|&size| positive("size", size).map(drop))?;
    bounded(shape.clone())
}

fn arity(op: &Op, found: usize) -> Result<(), Fault> {
    let needed = match op {
        Op::Input { .. } => 0..=0,
        Op::Add | Op::Concat => 1..=usize::MAX,
        Op::Multiply | Op::CropOrPad => 2..=2,
        Op::Conv(_) | Op::ConvTranspose(_) | Op::Linear(_) | Op::BatchNorm(_) | Op::LayerNorm { .. } => 1..=1,
        Op::GroupNorm(_) | Op::PositionNorm { .. } | Op::Activation(_) | Op::Softmax | Op::Slice { .. } => {
            1..=1
        }
        Op::MaxPool(_) | Op::AveragePool { .. } | Op::GlobalMean | Op::Upsample { .. } | Op::Select(_) => {
            1..=1
        }
        Op::Reverse | Op::Dropout { .. } | Op::Flatten => 1..=1,
    };
    if needed.contains(&found) {
        return Ok(());
    }
    let least = if needed.start() == needed.end() { "" } else { "at least " };
    let plural = if *needed.start() == 1 { "input is" } else { "inputs are" };
    Err(Fault::new(Input, format!("{least}{} {plural} needed, {found} given", needed.start())))
}

fn divides(groups: usize, channels: usize, what: &str) -> Result<(), Fault> {
    if groups == 0 || !channels.is_multiple_of(groups) {
        let message = format!("{channels} {what} cannot be divided into {groups} groups of equal size");
        return Err(Fault::new(ErrorKind::Attribute, message));
    }
    Ok(())
}

fn groups(input: usize, out: usize, groups: usize) -> Result<(), Fault> {
    divides(groups, input, "input channels")?;
    divides(groups, out, "output channels")
}

fn eps(eps: f64) -> Result<(), Fault> {
    if eps.is_finite() && eps >= 0.0 {
        return Ok(());
    }
    Err(Fault::new(Attribute, format!("eps {eps:?} is not a finite number of at least 0")))
}

fn finite(activation: Activation) -> Result<(), Fault> {
    match activation {
        Activation::LeakyRelu { slope: parameter } | Activation::Elu { alpha: parameter }
            if !parameter.is_finite() =>
        {
            Err(Fault::new(Attribute, format!("{activation} needs a finite number")))
        }
        _ => Ok(()),
    }
}

fn in_space(x: &Shape) -> Result<(), Fault> {
    if x.rank() == 0 {
        return Err(Fault::new(Rank, "a series or an image is needed, not a feature vector"));
    }
    Ok(())
}

fn series(x: &Shape) -> Result<(), Fault> {
    if x.rank() != 1 {
        return Err(Fault::new(Rank, "a series [N, C, T] is needed"));
    }
    Ok(())
}

fn windows(window: &Window, x: &Shape) -> Result<Vec<usize>, Fault> {
    let size = |axis: usize, n: usize| {
        window.steps(axis, n).ok_or_else(|| {
            let (before, after) = window.pads(axis, n);
            let (window, axis) = (window.reach(axis) + 1, axis_name(x, axis));
            let message = format!(
                "a window of {window} does not fit on the {axis} axis: {n} elements, padding {before} before and {after} after"
            );
            Fault::new(Size, message)
        })
    };
    x.space.iter().enumerate().map(|(axis, &n)| size(axis, n)).collect()
}

fn axis_name(x: &Shape, axis: usize) -> &'static str {
    match (x.rank(), axis) {
        (1, _) => "time",
        (_, 0) => "height",
        _ => "width",
    }
}

fn padding_below_kernel(window: &Window, x: &Shape) -> Result<(), Fault> {
    for (axis, &n) in x.space.iter().enumerate() {
        let (before, after) = window.pads(axis, n);
        let kernel = window.kernel.at(axis);
        if before.max(after) >= kernel {
            let axis = axis_name(x, axis);
            let message = format!(
                "padding of the {axis} axis, {before} before and {after} after, must be less than the kernel, \
                 {kernel}, or a window could hold padding only"
            );
            return Err(Fault::new(Attribute, message));
        }
    }
    Ok(())
}

fn enlarged(conv: &ConvTranspose, x: &Shape) -> Result<Vec<usize>, Fault> {
    let size = |axis: usize, n: usize| {
        let (kernel, stride) = (conv.kernel.at(axis), conv.stride.at(axis));
        if kernel < stride {
            let message = format!("kernel {kernel} is smaller than stride {stride} and would leave gaps");
            return Err(Fault::new(Attribute, message));
        }
        Ok(n.saturating_mul(stride))
    };
    x.space.iter().enumerate().map(|(axis, &n)| size(axis, n)).collect()
}

fn equal(inputs: &[&Shape]) -> Result<Shape, Fault> {
    match inputs.iter().position(|shape| shape != &inputs[0]) {
        None => Ok(inputs[0].clone()),
        Some(i) => {
            let message = format!("{} and {} cannot be added; equal shapes are needed", inputs[0], inputs[i]);
            Err(Fault::new(ErrorKind::Shape, message))
        }
    }
}

fn same_rank(inputs: &[&Shape]) -> Result<(), Fault> {
    match inputs.iter().position(|shape| shape.rank() != inputs[0].rank()) {
        None => Ok(()),
        Some(i) => {
            let message = format!("{} and {} differ in the number of axes", inputs[0], inputs[i]);
            Err(Fault::new(Rank, message))
        }
    }
}

fn gated(x: &Shape, gate: &Shape) -> Result<Shape, Fault> {
    same_rank(&[x, gate])?;
    let fits = x.space.iter().zip(&gate.space).all(|(n, g)| n == g || *g == 1);
    if x.channels != gate.channels || !fits {
        let message = "the second needs the channels of the first, and on each axis its size or 1";
        return Err(Fault::new(ErrorKind::Shape, message));
    }
    Ok(x.clone())
}

fn concatenated(inputs: &[&Shape]) -> Result<Shape, Fault> {
    if let Some(i) = inputs.iter().position(|shape| shape.space != inputs[0].space) {
        let message = format!("{} and {} cannot be joined; only channels may differ", inputs[0], inputs[i]);
        return Err(Fault::new(ErrorKind::Shape, message));
    }
    let channels = inputs.iter().fold(0usize, |sum, shape| sum.saturating_add(shape.channels));
    Ok(Shape::new(channels, inputs[0].space.clone()))
}

fn bounded(shape: Shape) -> Result<Shape, Fault> {
    if shape.elements() > ELEMENTS {
        return Err(Fault::new(Size, format!("a value of shape {shape} is too large to be computed")));
    }
    Ok(shape)
}
