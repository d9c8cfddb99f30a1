//! Shape inference: the output shape of an operation, or what is wrong with it.

use crate::error::Fault;
use crate::{ConvTranspose, ErrorKind, Extent, Op, Padding, Shape, Window};
use ErrorKind::{Attribute, Input, Rank, Size};

/// Largest attribute, axis or channel count. Far above any network, far below overflow.
const LIMIT: usize = 1 << 24;
/// Largest number of elements in one sample's value.
const ELEMENTS: usize = 1 << 40;

/// The shape `op` computes from `inputs`.
pub(crate) fn output(op: &Op, inputs: &[&Shape]) -> Result<Shape, Fault> {
    arity(op, inputs.len())?;
    let shape = match op {
        Op::Input { .. } => return Err(Fault::new(Input, "an input has its shape given, not computed")),
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
                    "a feature vector [N, C] is needed; select, pool or flatten first",
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
        Op::Activation(_) | Op::Softmax => inputs[0].clone(),
        Op::Add => equal(inputs)?,
        Op::Multiply => gated(inputs[0], inputs[1])?,
        Op::Concat => concatenated(inputs)?,
        Op::Slice { start, length } => {
            let x = inputs[0];
            positive("length", *length)?;
            if start.checked_add(*length).is_none_or(|end| end > x.channels) {
                let message =
                    format!("channels {start} to {start} + {length} reach past the {} there are", x.channels);
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
        Op::Fit => {
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
                return Err(Fault::new(Attribute, format!("probability {p} is not within 0 and 1, below 1")));
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

/// Brings an operation's extents into the form that a graph of `rank` axes stores.
pub(crate) fn normalize(op: &mut Op, rank: usize) -> Result<(), Fault> {
    let fit = |what: &str, extent: &mut Extent| {
        *extent = per_axis(what, *extent, rank)?;
        Ok(())
    };
    let fit_padding = |padding: &mut Padding| match padding {
        Padding::Explicit { before, after } => {
            *before = for_rank("padding", *before, rank)?;
            *after = for_rank("padding", *after, rank)?;
            Ok(())
        }
        Padding::Same | Padding::Symmetric | Padding::Causal | Padding::Valid => Ok(()),
    };
    match op {
        Op::Conv(conv) => {
            fit("kernel", &mut conv.kernel)?;
            fit("stride", &mut conv.stride)?;
            fit("dilation", &mut conv.dilation)?;
            fit_padding(&mut conv.padding)
        }
        Op::ConvTranspose(conv) => {
            fit("kernel", &mut conv.kernel)?;
            fit("stride", &mut conv.stride)
        }
        Op::MaxPool(pool) | Op::AveragePool { pool, .. } => {
            fit("kernel", &mut pool.kernel)?;
            fit("stride", &mut pool.stride)?;
            fit_padding(&mut pool.padding)
        }
        Op::Upsample { factor, .. } => fit("factor", factor),
        Op::Input { .. } | Op::Linear(_) | Op::BatchNorm(_) | Op::LayerNorm { .. } | Op::GroupNorm(_) => {
            Ok(())
        }
        Op::PositionNorm { .. } | Op::Activation(_) | Op::Softmax | Op::Add | Op::Multiply | Op::Concat => {
            Ok(())
        }
        Op::Slice { .. } | Op::GlobalMean | Op::Fit | Op::Select(_) | Op::Reverse => Ok(()),
        Op::Dropout { .. } | Op::Flatten => Ok(()),
    }
}

fn arity(op: &Op, found: usize) -> Result<(), Fault> {
    let needed = match op {
        Op::Input { .. } => 0..=0,
        Op::Add | Op::Concat => 1..=usize::MAX,
        Op::Multiply | Op::Fit => 2..=2,
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
    Err(Fault::new(Input, format!("{found} inputs given, at least {} needed", needed.start())))
}

fn positive(what: &str, n: usize) -> Result<usize, Fault> {
    match n {
        0 => Err(Fault::new(Attribute, format!("{what} is 0, at least 1 is needed"))),
        n if n > LIMIT => Err(Fault::new(Attribute, format!("{what} is {n}, at most {LIMIT} is supported"))),
        n => Ok(n),
    }
}

fn for_rank(what: &str, extent: Extent, rank: usize) -> Result<Extent, Fault> {
    extent.for_rank(rank).ok_or_else(|| {
        let message =
            format!("two-dimensional {what} {extent} on a series; one number is needed (or [1, {what}])");
        Fault::new(Attribute, message)
    })
}

fn per_axis(what: &str, extent: Extent, rank: usize) -> Result<Extent, Fault> {
    let extent = for_rank(what, extent, rank)?;
    extent.axes(2).try_for_each(|n| positive(what, n).map(drop))?;
    Ok(extent)
}

fn divides(groups: usize, channels: usize, what: &str) -> Result<(), Fault> {
    if groups == 0 || !channels.is_multiple_of(groups) {
        let message =
            format!("{channels} {what} cannot be split into {groups} groups; groups must divide them");
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
    Err(Fault::new(Attribute, format!("eps {eps} is not a finite number of at least 0")))
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
            let reach = window.reach(axis) + 1;
            let padded = format!("{before} + {n} + {after} padded elements on axis {axis}");
            Fault::new(Size, format!("a window of {reach} is larger than the {padded}"))
        })
    };
    x.space.iter().enumerate().map(|(axis, &n)| size(axis, n)).collect()
}

fn padding_below_kernel(window: &Window, x: &Shape) -> Result<(), Fault> {
    for (axis, &n) in x.space.iter().enumerate() {
        let (before, after) = window.pads(axis, n);
        let kernel = window.kernel.at(axis);
        if before.max(after) >= kernel {
            let message = format!(
                "padding {before} + {after} leaves a window of {kernel} without input on axis {axis}"
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
        Some(i) => Err(Fault::new(ErrorKind::Shape, format!("input {i} differs in shape from input 0"))),
    }
}

fn same_rank(inputs: &[&Shape]) -> Result<(), Fault> {
    match inputs.iter().position(|shape| shape.rank() != inputs[0].rank()) {
        None => Ok(()),
        Some(i) => Err(Fault::new(Rank, format!("input {i} differs in rank from input 0"))),
    }
}

fn gated(x: &Shape, gate: &Shape) -> Result<Shape, Fault> {
    same_rank(&[x, gate])?;
    let fits = x.space.iter().zip(&gate.space).all(|(n, g)| n == g || *g == 1);
    if x.channels != gate.channels || !fits {
        let message = "a factor needs the same channels, and on each axis the same size or 1";
        return Err(Fault::new(ErrorKind::Shape, message));
    }
    Ok(x.clone())
}

fn concatenated(inputs: &[&Shape]) -> Result<Shape, Fault> {
    if let Some(i) = inputs.iter().position(|shape| shape.space != inputs[0].space) {
        return Err(Fault::new(ErrorKind::Shape, format!("input {i} differs in size from input 0")));
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
