//! Shapes of operations with several inputs.

use super::check_space;
use crate::error::Fault;
use crate::{ErrorKind, Shape};

pub(super) fn add(inputs: &[&Shape]) -> Result<Shape, Fault> {
    let first = inputs[0];
    for other in inputs {
        if *other != first {
            let message = format!("expected equal shapes, found {first} and {other}");
            return Err(Fault::new(ErrorKind::Shape, message));
        }
    }
    Ok(first.clone())
}

pub(super) fn multiply(x: &Shape, factor: &Shape) -> Result<Shape, Fault> {
    check_same_rank(x, factor)?;
    let is_broadcast = x.space.iter().zip(&factor.space).all(|(size, other)| size == other || *other == 1);
    if x.channels != factor.channels || !is_broadcast {
        let message = format!(
            "expected a factor with the channels of {x} and, on each axis, its size or 1, found {factor}"
        );
        return Err(Fault::new(ErrorKind::Shape, message));
    }
    Ok(x.clone())
}

pub(super) fn concat(inputs: &[&Shape]) -> Result<Shape, Fault> {
    let first = inputs[0];
    let mut channels = 0_usize;
    for other in inputs {
        if other.space != first.space {
            let message = format!("expected shapes that differ in channels only, found {first} and {other}");
            return Err(Fault::new(ErrorKind::Shape, message));
        }
        channels = channels.saturating_add(other.channels);
    }
    Ok(Shape::new(channels, first.space.clone()))
}

pub(super) fn crop_or_pad(x: &Shape, like: &Shape) -> Result<Shape, Fault> {
    check_same_rank(x, like)?;
    check_space(x)?;
    Ok(Shape::new(x.channels, like.space.clone()))
}

fn check_same_rank(x: &Shape, other: &Shape) -> Result<(), Fault> {
    if x.rank() != other.rank() {
        let message = format!("expected equal numbers of axes, found {x} and {other}");
        return Err(Fault::new(ErrorKind::Rank, message));
    }
    Ok(())
}
