//! Attributes in the form that a graph stores, within their ranges.

use crate::error::Fault;
use crate::{ErrorKind::Attribute, Extent, LARGEST_EXTENT, Op, Padding};

/// Brings an operation's extents into the form that a graph of `rank` axes stores.
pub(crate) fn normalize(op: &mut Op, rank: usize) -> Result<(), Fault> {
    let fit = |what: &str, extent: &mut Extent| {
        *extent = per_axis(what, *extent, rank)?;
        Ok(())
    };
    let fit_padding = |padding: &mut Padding| match padding {
        Padding::Explicit { before, after } => {
            *before = padding_for_rank(*before, rank)?;
            *after = padding_for_rank(*after, rank)?;
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
        Op::Slice { .. } | Op::GlobalMean | Op::CropOrPad | Op::Select(_) | Op::Reverse => Ok(()),
        Op::Dropout { .. } | Op::Flatten => Ok(()),
    }
}

/// `n`, if it is from 1 to the limit.
pub(crate) fn positive(what: &str, n: usize) -> Result<usize, Fault> {
    match n {
        0 => Err(Fault::new(Attribute, format!("{what} is 0, at least 1 is needed"))),
        n => at_most(what, n),
    }
}

fn at_most(what: &str, n: usize) -> Result<usize, Fault> {
    if n > LARGEST_EXTENT {
        return Err(Fault::new(Attribute, format!("{what} is {n}, at most {LARGEST_EXTENT} is supported")));
    }
    Ok(n)
}

fn for_rank(what: &str, extent: Extent, rank: usize) -> Result<Extent, Fault> {
    extent.for_rank(rank).ok_or_else(|| {
        let message =
            format!("{what} {extent} is for images; a series has one axis and needs one number, or [1, n]");
        Fault::new(Attribute, message)
    })
}

/// As [`for_rank`], but an axis of size 1 has no padding: of a series run as an image of height 1,
/// `[0, p]` is read as `p`.
fn padding_for_rank(padding: Extent, rank: usize) -> Result<Extent, Fault> {
    let padding = match padding {
        Extent::Each(0, p) if rank == 1 => Extent::All(p),
        Extent::Each(h, w) if rank == 1 && h != w => {
            let message = format!(
                "padding {padding} is for images; a series has one axis and needs one number, or [0, n]"
            );
            return Err(Fault::new(Attribute, message));
        }
        Extent::All(_) | Extent::Each(..) => for_rank("padding", padding, rank)?,
    };
    padding.axes(2).try_for_each(|n| at_most("padding", n).map(drop))?;
    Ok(padding)
}

/// The form of `extent` that a graph of `rank` axes stores, if its numbers are from 1 to the limit.
pub(crate) fn per_axis(what: &str, extent: Extent, rank: usize) -> Result<Extent, Fault> {
    let extent = for_rank(what, extent, rank)?;
    extent.axes(2).try_for_each(|n| positive(what, n).map(drop))?;
    Ok(extent)
}
