//! Kinds of operations and their colors.

use graph::{Node, Op};

/// A kind of operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Convolution,
    Linear,
    Norm,
    Activation,
    Pooling,
    Resampling,
    Join,
    Other,
    Port,
}

impl Kind {
    pub(super) const ALL: [Self; 9] = [
        Self::Port,
        Self::Convolution,
        Self::Linear,
        Self::Norm,
        Self::Activation,
        Self::Pooling,
        Self::Resampling,
        Self::Join,
        Self::Other,
    ];

    pub(super) fn of(op: &Op) -> Self {
        match op {
            Op::Input { .. } => Self::Port,
            Op::Conv(_) | Op::ConvTranspose(_) => Self::Convolution,
            Op::Linear(_) => Self::Linear,
            Op::BatchNorm(_) | Op::LayerNorm { .. } | Op::GroupNorm(_) | Op::PositionNorm { .. } => {
                Self::Norm
            }
            Op::Activation(_) | Op::Softmax => Self::Activation,
            Op::MaxPool(_) | Op::AveragePool { .. } | Op::GlobalMean | Op::Select(_) => Self::Pooling,
            Op::Upsample { .. } | Op::CropOrPad => Self::Resampling,
            Op::Add | Op::Multiply | Op::Concat => Self::Join,
            Op::Slice { .. } | Op::Reverse | Op::Dropout { .. } | Op::Flatten => Self::Other,
        }
    }

    /// The name in the legend.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Port => "input, output",
            Self::Convolution => "convolution",
            Self::Linear => "linear",
            Self::Norm => "norm",
            Self::Activation => "activation",
            Self::Pooling => "pooling",
            Self::Resampling => "resampling",
            Self::Join => "add, multiply, concat",
            Self::Other => "other",
        }
    }

    /// The colors of fill and outline.
    pub(super) fn colors(self) -> (&'static str, &'static str) {
        match self {
            Self::Port => ("#eceff1", "#90a4ae"),
            Self::Convolution => ("#d6e6f7", "#6a9bd1"),
            Self::Linear => ("#e3dbf2", "#9a82c7"),
            Self::Norm => ("#dcefd8", "#7fb673"),
            Self::Activation => ("#fff3cd", "#d9b64a"),
            Self::Pooling => ("#fde3cf", "#e0995c"),
            Self::Resampling => ("#d3efec", "#5fb3aa"),
            Self::Join => ("#f8d9dc", "#d17f88"),
            Self::Other => ("#f7f7f5", "#b5b5ac"),
        }
    }
}

/// A short description of an operation.
pub(super) fn describe(node: &Node, inputs: &[&Node]) -> String {
    let rank = inputs.first().map_or(0, |x| x.shape.rank());
    let size = |extent: graph::Extent| extent.axes(rank).map(|n| n.to_string()).collect::<Vec<_>>().join("×");
    let more = |text: &mut String, what: &str, extent: graph::Extent| {
        if !extent.is_one() {
            let axes: Vec<usize> = extent.axes(rank).collect();
            let one = axes.iter().all(|n| *n == axes[0]);
            let text_of = if one { axes[0].to_string() } else { size(extent) };
            text.push_str(&format!(", {what} {text_of}"));
        }
    };
    match &node.op {
        Op::Conv(conv) => {
            let channels = inputs.first().map_or(0, |x| x.shape.channels);
            let depthwise = conv.groups > 1 && conv.groups == channels;
            let kind = if depthwise { "depthwise conv" } else { "conv" };
            let mut text = format!("{kind} {}", size(conv.kernel));
            more(&mut text, "stride", conv.stride);
            more(&mut text, "dilation", conv.dilation);
            if conv.groups > 1 && !depthwise {
                text.push_str(&format!(", {} groups", conv.groups));
            }
            if conv.padding == graph::Padding::Causal {
                text.push_str(", causal");
            }
            text
        }
        Op::ConvTranspose(conv) => {
            let mut text = format!("transposed conv {}", size(conv.kernel));
            more(&mut text, "stride", conv.stride);
            text
        }
        Op::MaxPool(pool) | Op::AveragePool { pool, .. } => {
            let mut text = format!("{} {}", words(&node.op), size(pool.kernel));
            more(&mut text, "stride", pool.stride);
            text
        }
        Op::Activation(activation) => activation.to_string(),
        Op::Upsample { factor, .. } => format!("upsample ×{}", size(*factor)),
        Op::Dropout { p, .. } => format!("dropout {p}"),
        Op::Input { .. } | Op::Linear(_) | Op::BatchNorm(_) | Op::LayerNorm { .. } | Op::GroupNorm(_) => {
            words(&node.op)
        }
        Op::PositionNorm { .. } | Op::Softmax | Op::Add | Op::Multiply | Op::Concat => words(&node.op),
        Op::Slice { .. } | Op::GlobalMean | Op::CropOrPad | Op::Select(_) | Op::Reverse => words(&node.op),
        Op::Flatten => words(&node.op),
    }
}

/// The name of an operation in words.
pub(super) fn words(op: &Op) -> String {
    op.name().replace('_', " ")
}
