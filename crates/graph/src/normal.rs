//! Attributes in the form that a graph stores, within their ranges.

use crate::error::Fault;
use crate::{Conv, ErrorKind::Attribute, Extent, LARGEST_EXTENT, Op, Padding};

/// Brings an operation's extents into the form that a graph of `rank` axes stores.
pub(crate) fn normalize(op: &mut Op, rank: usize) -> Result<(), Fault> {
    let fit = |what: &str, extent: &mut Extent| {
        *extent = per_axis(what, *extent, rank)?;
        Ok(())
    };
    match op {
        Op::Conv(conv) => normalize_conv(conv, rank),
        Op::ConvTranspose(conv) => {
            fit("kernel", &mut conv.kernel)?;
            fit("stride", &mut conv.stride)
        }
        Op::MaxPool(pool) | Op::AveragePool { pool, .. } => {
            fit("kernel", &mut pool.kernel)?;
            fit("stride", &mut pool.stride)?;
            normalize_padding(&mut pool.padding, rank)
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

impl Conv {
    /// The same attributes in the form that a graph of `rank` spatial axes stores; `None` if one of
    /// them is out of range.
    pub fn for_rank(mut self, rank: usize) -> Option<Self> {
        normalize_conv(&mut self, rank).ok()?;
        Some(self)
    }
}

fn normalize_conv(conv: &mut Conv, rank: usize) -> Result<(), Fault> {
    conv.kernel = per_axis("kernel", conv.kernel, rank)?;
    conv.stride = per_axis("stride", conv.stride, rank)?;
    conv.dilation = per_axis("dilation", conv.dilation, rank)?;
    normalize_padding(&mut conv.padding, rank)
}

fn normalize_padding(padding: &mut Padding, rank: usize) -> Result<(), Fault> {
    match padding {
        Padding::Explicit { before, after } => {
            *before = padding_for_rank(*before, rank)?;
            *after = padding_for_rank(*after, rank)?;
            Ok(())
        }
        Padding::Same | Padding::Symmetric | Padding::Causal | Padding::Valid => Ok(()),
    }
}

/// `n`, if it is from 1 to the limit.
pub(crate) fn positive(what: &str, n: usize) -> Result<usize, Fault> {
    match n {
        0 => Err(Fault::new(Attribute, format!("{what}: expected at least 1, found 0"))),
        n => at_most(what, n),
    }
}

fn at_most(what: &str, n: usize) -> Result<usize, Fault> {
    if n > LARGEST_EXTENT {
        return Err(Fault::new(Attribute, format!("{what}: expected at most {LARGEST_EXTENT}, found {n}")));
    }
    Ok(n)
}

fn for_rank(what: &str, extent: Extent, rank: usize) -> Result<Extent, Fault> {
    extent.for_rank(rank).ok_or_else(|| {
        let message = format!("{what}: expected one number or [1, n] for a series, found {extent}");
        Fault::new(Attribute, message)
    })
}

/// As [`for_rank`], but an axis of size 1 has no padding: of a series run as an image of height 1,
/// `[0, p]` is read as `p`.
fn padding_for_rank(padding: Extent, rank: usize) -> Result<Extent, Fault> {
    let padding = match padding {
        Extent::Each(0, p) if rank == 1 => Extent::All(p),
        Extent::Each(h, w) if rank == 1 && h != w => {
            let message = format!("padding: expected one number or [0, n] for a series, found {padding}");
            return Err(Fault::new(Attribute, message));
        }
        Extent::All(_) | Extent::Each(..) => for_rank("padding", padding, rank)?,
    };
    for n in padding.axes(2) {
        at_most("padding", n)?;
    }
    Ok(padding)
}

/// The form of `extent` that a graph of `rank` axes stores, if its numbers are from 1 to the limit.
pub(crate) fn per_axis(what: &str, extent: Extent, rank: usize) -> Result<Extent, Fault> {
    let extent = for_rank(what, extent, rank)?;
    for n in extent.axes(2) {
        positive(what, n)?;
    }
    Ok(extent)
}
