//! Shape inference: the output shape of an operation, or the reason why it has none.
//!
//! One function for each operation that changes or checks shapes; `x` is the shape of the first input.

mod join;
mod window;

use crate::error::Fault;
use crate::normal::{per_axis, positive};
use crate::{Activation, BatchNorm, ErrorKind, Extent, GroupNorm, Linear, Op, Shape};
use ErrorKind::{Attribute, Input, Rank, Size};

/// Largest number of elements in one sample's value.
const MOST_ELEMENTS: usize = 1 << 40;

/// The shape that `op` computes from `inputs`.
pub(crate) fn output(op: &Op, inputs: &[&Shape]) -> Result<Shape, Fault> {
    arity(op, inputs.len())?;
    let Some(&x) = inputs.first() else {
        return Err(Fault::new(Input, "expected `Scope::input`, which adds a model input by its shape"));
    };
    let shape = match op {
        Op::Input { .. } => unreachable!("a model input has no inputs"),
        Op::Conv(conv) => window::conv(conv, x),
        Op::ConvTranspose(conv) => window::conv_transpose(conv, x),
        Op::Linear(layer) => linear(*layer, x),
        Op::BatchNorm(norm) => batch_norm(norm, x),
        Op::LayerNorm { eps } => layer_norm(*eps, x),
        Op::GroupNorm(norm) => group_norm(norm, x),
        Op::PositionNorm { eps } => position_norm(*eps, x),
        Op::Activation(function) => activation(*function, x),
        Op::Softmax => Ok(x.clone()),
        Op::Add => join::add(inputs),
        Op::Multiply => join::multiply(x, inputs[1]),
        Op::Concat => join::concat(inputs),
        Op::Slice { start, length } => slice(*start, *length, x),
        Op::MaxPool(pool) | Op::AveragePool { pool, .. } => window::pool(pool, x),
        Op::GlobalMean => global_mean(x),
        Op::Upsample { factor, .. } => upsample(*factor, x),
        Op::CropOrPad => join::crop_or_pad(x, inputs[1]),
        Op::Select(_) => select(x),
        Op::Reverse => reverse(x),
        Op::Dropout { p, .. } => dropout(*p, x),
        Op::Flatten => flatten(x),
    };
    bounded(shape?)
}

/// Checks the shape of a model input.
pub(crate) fn input(shape: &Shape) -> Result<Shape, Fault> {
    if !(1..=2).contains(&shape.rank()) {
        let message = format!("expected a series [N, C, T] or an image [N, C, H, W], found {shape}");
        return Err(Fault::new(Rank, message));
    }
    positive("channels", shape.channels)?;
    for size in &shape.space {
        positive("size", *size)?;
    }
    bounded(shape.clone())
}

/// Checks the number of inputs.
fn arity(op: &Op, found: usize) -> Result<(), Fault> {
    let (least, most) = match op {
        Op::Input { .. } => (0, 0),
        Op::Add | Op::Concat => (1, usize::MAX),
        Op::Multiply | Op::CropOrPad => (2, 2),
        Op::Conv(_) | Op::ConvTranspose(_) | Op::Linear(_) | Op::BatchNorm(_) | Op::LayerNorm { .. } => {
            (1, 1)
        }
        Op::GroupNorm(_) | Op::PositionNorm { .. } | Op::Activation(_) | Op::Softmax => (1, 1),
        Op::Slice { .. } | Op::MaxPool(_) | Op::AveragePool { .. } | Op::GlobalMean => (1, 1),
        Op::Upsample { .. } | Op::Select(_) | Op::Reverse | Op::Dropout { .. } | Op::Flatten => (1, 1),
    };
    if (least..=most).contains(&found) {
        return Ok(());
    }
    let at_least = if least == most { "" } else { "at least " };
    let inputs = if least == 1 { "input" } else { "inputs" };
    Err(Fault::new(Input, format!("expected {at_least}{least} {inputs}, found {found}")))
}

fn linear(linear: Linear, x: &Shape) -> Result<Shape, Fault> {
    if x.rank() != 0 {
        let message = format!("expected a feature vector [N, C], found {x}; select a step or flatten first");
        return Err(Fault::new(Rank, message));
    }
    Ok(Shape::new(positive("output features", linear.out)?, []))
}

fn batch_norm(norm: &BatchNorm, x: &Shape) -> Result<Shape, Fault> {
    check_eps(norm.eps)?;
    if !(0.0..=1.0).contains(&norm.momentum) {
        let message = format!("expected a momentum in [0, 1], found {}", norm.momentum);
        return Err(Fault::new(Attribute, message));
    }
    Ok(x.clone())
}

fn layer_norm(eps: f64, x: &Shape) -> Result<Shape, Fault> {
    check_eps(eps)?;
    Ok(x.clone())
}

fn group_norm(norm: &GroupNorm, x: &Shape) -> Result<Shape, Fault> {
    check_eps(norm.eps)?;
    check_divisible(norm.groups, x.channels, "channels")?;
    Ok(x.clone())
}

fn position_norm(eps: f64, x: &Shape) -> Result<Shape, Fault> {
    check_eps(eps)?;
    check_space(x)?;
    Ok(x.clone())
}

fn activation(activation: Activation, x: &Shape) -> Result<Shape, Fault> {
    if let Activation::LeakyRelu { slope: parameter } | Activation::Elu { alpha: parameter } = activation
        && !parameter.is_finite()
    {
        let message = format!("expected a finite parameter, found {activation}");
        return Err(Fault::new(Attribute, message));
    }
    Ok(x.clone())
}

fn slice(start: usize, length: usize, x: &Shape) -> Result<Shape, Fault> {
    positive("length", length)?;
    if start.checked_add(length).is_none_or(|end| end > x.channels) {
        let message = format!("expected a range within {} channels, found {length} from {start}", x.channels);
        return Err(Fault::new(Attribute, message));
    }
    Ok(Shape::new(length, x.space.clone()))
}

fn global_mean(x: &Shape) -> Result<Shape, Fault> {
    check_space(x)?;
    Ok(Shape::new(x.channels, vec![1; x.rank()]))
}

fn upsample(factor: Extent, x: &Shape) -> Result<Shape, Fault> {
    check_space(x)?;
    let factor = per_axis("factor", factor, x.rank())?;
    let sizes = x.space.iter().zip(factor.axes(x.rank())).map(|(size, factor)| size.saturating_mul(factor));
    Ok(Shape::new(x.channels, sizes.collect::<Vec<_>>()))
}

fn select(x: &Shape) -> Result<Shape, Fault> {
    check_series(x)?;
    Ok(Shape::new(x.channels, []))
}

fn reverse(x: &Shape) -> Result<Shape, Fault> {
    check_series(x)?;
    Ok(x.clone())
}

fn dropout(p: f64, x: &Shape) -> Result<Shape, Fault> {
    if !(0.0..1.0).contains(&p) {
        return Err(Fault::new(Attribute, format!("expected a probability in [0, 1), found {p}")));
    }
    Ok(x.clone())
}

fn flatten(x: &Shape) -> Result<Shape, Fault> {
    check_space(x)?;
    Ok(Shape::new(x.elements(), []))
}

fn bounded(shape: Shape) -> Result<Shape, Fault> {
    if shape.elements() > MOST_ELEMENTS {
        let message = format!("expected at most 2^40 elements in one sample, found {shape}");
        return Err(Fault::new(Size, message));
    }
    Ok(shape)
}

fn check_divisible(groups: usize, channels: usize, what: &str) -> Result<(), Fault> {
    if groups == 0 || !channels.is_multiple_of(groups) {
        let message = format!("{channels} {what} are not divisible by {groups} groups");
        return Err(Fault::new(Attribute, message));
    }
    Ok(())
}

fn check_eps(eps: f64) -> Result<(), Fault> {
    if eps.is_finite() && eps >= 0.0 {
        return Ok(());
    }
    Err(Fault::new(Attribute, format!("expected a finite, non-negative eps, found {eps:?}")))
}

fn check_space(x: &Shape) -> Result<(), Fault> {
    if x.rank() == 0 {
        return Err(Fault::new(Rank, "expected a series or an image, found a feature vector"));
    }
    Ok(())
}

fn check_series(x: &Shape) -> Result<(), Fault> {
    if x.rank() != 1 {
        return Err(Fault::new(Rank, format!("expected a series [N, C, T], found {x}")));
    }
    Ok(())
}
