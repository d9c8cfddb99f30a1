//! The attributes of operations, each with the word that a parameter in its place is called.

use graph::{BatchNorm, Conv, ConvTranspose, DropUnit, GroupNorm, Linear, Node, Op, Pool};

use crate::literal::Literal;

/// Nodes at the same place of equal structures agree in this.
pub(crate) fn kind(node: &Node) -> String {
    if let Op::Input { .. } = node.op { format!("input {}", node.shape) } else { node.op.name().to_owned() }
}

/// The attributes of an operation, each with its word.
pub(crate) fn attributes(op: &Op) -> Vec<(&'static str, Literal)> {
    match op {
        Op::Conv(Conv { out, kernel, stride, dilation, groups, padding, bias, weight_norm }) => vec![
            ("channels", Literal::Count(*out)),
            ("kernel", Literal::Size(*kernel)),
            ("stride", Literal::Size(*stride)),
            ("dilation", Literal::Size(*dilation)),
            ("groups", Literal::Count(*groups)),
            ("padding", Literal::padding(*padding)),
            ("bias", Literal::Flag(*bias)),
            ("weight_norm", Literal::Flag(*weight_norm)),
        ],
        Op::ConvTranspose(ConvTranspose { out, kernel, stride, groups, crop, bias }) => vec![
            ("channels", Literal::Count(*out)),
            ("kernel", Literal::Size(*kernel)),
            ("stride", Literal::Size(*stride)),
            ("groups", Literal::Count(*groups)),
            ("crop", Literal::variant("Crop", crop)),
            ("bias", Literal::Flag(*bias)),
        ],
        Op::Linear(Linear { out, bias }) => {
            vec![("features", Literal::Count(*out)), ("bias", Literal::Flag(*bias))]
        }
        Op::BatchNorm(BatchNorm { eps, momentum, affine }) => vec![
            ("eps", Literal::Number(*eps)),
            ("momentum", Literal::Number(*momentum)),
            ("affine", Literal::Flag(*affine)),
        ],
        Op::LayerNorm { eps } | Op::PositionNorm { eps } => vec![("eps", Literal::Number(*eps))],
        Op::GroupNorm(GroupNorm { groups, eps, affine }) => vec![
            ("groups", Literal::Count(*groups)),
            ("eps", Literal::Number(*eps)),
            ("affine", Literal::Flag(*affine)),
        ],
        Op::Activation(activation) => vec![("activation", Literal::variant("Activation", activation))],
        Op::Slice { start, length } => {
            vec![("start", Literal::Count(*start)), ("length", Literal::Count(*length))]
        }
        Op::MaxPool(pool) => pool_attributes(pool),
        Op::AveragePool { pool, count_padding } => {
            let mut attributes = pool_attributes(pool);
            attributes.push(("count_padding", Literal::Flag(*count_padding)));
            attributes
        }
        Op::Upsample { factor, mode } => {
            vec![("factor", Literal::Size(*factor)), ("mode", Literal::variant("UpsampleMode", mode))]
        }
        Op::Select(step) => vec![("step", Literal::variant("TimeStep", step))],
        Op::Dropout { p, unit } => {
            let word = if *unit == DropUnit::Path { "drop_path" } else { "dropout" };
            vec![(word, Literal::Number(*p)), ("unit", Literal::variant("DropUnit", unit))]
        }
        Op::Input { .. } | Op::Softmax | Op::Add | Op::Multiply | Op::Concat => Vec::new(),
        Op::GlobalMean | Op::CropOrPad | Op::Reverse | Op::Flatten => Vec::new(),
    }
}

fn pool_attributes(pool: &Pool) -> Vec<(&'static str, Literal)> {
    let Pool { kernel, stride, padding } = pool;
    vec![
        ("kernel", Literal::Size(*kernel)),
        ("stride", Literal::Size(*stride)),
        ("padding", Literal::padding(*padding)),
    ]
}
