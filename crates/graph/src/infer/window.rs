//! Shapes of operations with a sliding window.

use super::{check_divisible, check_space};
use crate::error::Fault;
use crate::normal::positive;
use crate::{Conv, ConvTranspose, ErrorKind, Pool, Shape, Window};

pub(super) fn conv(conv: &Conv, x: &Shape) -> Result<Shape, Fault> {
    check_space(x)?;
    check_groups(x.channels, conv.out, conv.groups)?;
    Ok(Shape::new(positive("output channels", conv.out)?, steps(&conv.window(), x)?))
}

pub(super) fn conv_transpose(conv: &ConvTranspose, x: &Shape) -> Result<Shape, Fault> {
    check_space(x)?;
    check_groups(x.channels, conv.out, conv.groups)?;
    let mut space = Vec::new();
    for (axis, size) in x.space.iter().enumerate() {
        let (kernel, stride) = (conv.kernel.at(axis), conv.stride.at(axis));
        if kernel < stride {
            let message = format!(
                "expected a kernel of at least the stride, {stride}, found {kernel}, which leaves gaps"
            );
            return Err(Fault::new(ErrorKind::Attribute, message));
        }
        space.push(size.saturating_mul(stride));
    }
    Ok(Shape::new(positive("output channels", conv.out)?, space))
}

pub(super) fn pool(pool: &Pool, x: &Shape) -> Result<Shape, Fault> {
    check_space(x)?;
    let window = pool.window();
    let space = steps(&window, x)?;
    check_padding_below_kernel(&window, x)?;
    Ok(Shape::new(x.channels, space))
}

fn check_groups(input: usize, out: usize, groups: usize) -> Result<(), Fault> {
    check_divisible(groups, input, "input channels")?;
    check_divisible(groups, out, "output channels")
}

/// Positions of the window along each axis.
fn steps(window: &Window, x: &Shape) -> Result<Vec<usize>, Fault> {
    let mut space = Vec::new();
    for (axis, size) in x.space.iter().enumerate() {
        let steps = window.steps(axis, *size).ok_or_else(|| {
            let (before, after) = window.pads(axis, *size);
            let (window, axis) = (window.reach(axis) + 1, axis_name(x, axis));
            let message = format!(
                "a window of {window} does not fit on the {axis} axis: {size} elements, padding {before} before and {after} after"
            );
            Fault::new(ErrorKind::Size, message)
        })?;
        space.push(steps);
    }
    Ok(space)
}

/// A pooling's window must never hold padding only.
fn check_padding_below_kernel(window: &Window, x: &Shape) -> Result<(), Fault> {
    for (axis, size) in x.space.iter().enumerate() {
        let (before, after) = window.pads(axis, *size);
        let kernel = window.kernel.at(axis);
        if before.max(after) >= kernel {
            let axis = axis_name(x, axis);
            let message = format!(
                "expected padding below the kernel, {kernel}, on the {axis} axis, found {before} before and {after} after; \
                 a window could hold padding only"
            );
            return Err(Fault::new(ErrorKind::Attribute, message));
        }
    }
    Ok(())
}

fn axis_name(x: &Shape, axis: usize) -> &'static str {
    match (x.rank(), axis) {
        (1, _) => "time",
        (_, 0) => "height",
        _ => "width",
    }
}
