//! Operations as calls of [`graph::Scope`]'s methods.

use graph::{BatchNorm, Conv, ConvTranspose, Crop, DropUnit, GroupNorm, Linear, Node, Op, Padding, Pool};

use crate::layout::Expression;
use crate::literal::{Literal, Type};
use crate::source::NORM;

/// What the nodes of one place in a function must have in common.
pub(crate) fn kind(node: &Node) -> String {
    match &node.op {
        Op::Input { .. } => format!("input {}", node.shape),
        op @ (Op::Conv(_) | Op::ConvTranspose(_) | Op::Linear(_) | Op::BatchNorm(_)) => op.name().to_owned(),
        op @ (Op::LayerNorm { .. } | Op::GroupNorm(_) | Op::PositionNorm { .. }) => op.name().to_owned(),
        op @ (Op::Activation(_) | Op::Softmax | Op::Add | Op::Multiply | Op::Concat) => op.name().to_owned(),
        op @ (Op::Slice { .. } | Op::MaxPool(_) | Op::AveragePool { .. }) => op.name().to_owned(),
        op @ (Op::GlobalMean | Op::Upsample { .. } | Op::CropOrPad | Op::Select(_)) => op.name().to_owned(),
        op @ (Op::Reverse | Op::Dropout { .. } | Op::Flatten) => op.name().to_owned(),
    }
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
            ("crop", Literal::crop(*crop)),
            ("bias", Literal::Flag(*bias)),
        ],
        Op::Linear(Linear { out, bias }) => {
            vec![("features", Literal::Count(*out)), ("bias", Literal::Flag(*bias))]
        }
        Op::BatchNorm(BatchNorm { eps, momentum, affine }) => vec![
            ("eps", Literal::number(*eps)),
            ("momentum", Literal::number(*momentum)),
            ("affine", Literal::Flag(*affine)),
        ],
        Op::LayerNorm { eps } | Op::PositionNorm { eps } => vec![("eps", Literal::number(*eps))],
        Op::GroupNorm(GroupNorm { groups, eps, affine }) => vec![
            ("groups", Literal::Count(*groups)),
            ("eps", Literal::number(*eps)),
            ("affine", Literal::Flag(*affine)),
        ],
        Op::Activation(activation) => vec![("activation", Literal::activation(*activation))],
        Op::Slice { start, length } => {
            vec![("start", Literal::Count(*start)), ("length", Literal::Count(*length))]
        }
        Op::MaxPool(pool) => attributes_of_pool(pool),
        Op::AveragePool { pool, count_padding } => {
            let mut attributes = attributes_of_pool(pool);
            attributes.push(("count_padding", Literal::Flag(*count_padding)));
            attributes
        }
        Op::Upsample { factor, mode } => {
            vec![("factor", Literal::Size(*factor)), ("mode", Literal::upsampling(*mode))]
        }
        Op::Select(step) => vec![("step", Literal::step(*step))],
        Op::Dropout { p, unit } => {
            let word = if *unit == DropUnit::Path { "drop_path" } else { "dropout" };
            vec![(word, Literal::number(*p)), ("unit", Literal::unit(*unit))]
        }
        Op::Input { .. } | Op::Softmax | Op::Add | Op::Multiply | Op::Concat => Vec::new(),
        Op::GlobalMean | Op::CropOrPad | Op::Reverse | Op::Flatten => Vec::new(),
    }
}

fn attributes_of_pool(pool: &Pool) -> Vec<(&'static str, Literal)> {
    let Pool { kernel, stride, padding } = pool;
    vec![
        ("kernel", Literal::Size(*kernel)),
        ("stride", Literal::Size(*stride)),
        ("padding", Literal::padding(*padding)),
    ]
}

/// An attribute or argument as it stands in the source.
#[derive(Clone)]
pub(crate) enum Argument {
    Constant(Literal),
    /// A name in scope, of this type.
    Name(String, Type),
}

impl Argument {
    /// Where its own type, or anything that can be made one, is taken.
    pub(crate) fn plain(&self) -> String {
        match self {
            Self::Constant(literal) => literal.to_string(),
            Self::Name(name, _) => name.clone(),
        }
    }

    /// Where a value of this type is needed.
    pub(crate) fn as_type(&self, needed: &Type) -> String {
        match self {
            Self::Constant(literal) => literal.as_type(needed),
            Self::Name(name, Type::Count) if *needed == Type::Extent => format!("{name}.into()"),
            Self::Name(name, _) => name.clone(),
        }
    }

    fn is_constant(&self) -> bool {
        matches!(self, Self::Constant(_))
    }

    fn is(&self, default: &Literal) -> bool {
        matches!(self, Self::Constant(literal) if literal == default)
    }
}

/// The call that adds a node called `name`, an expression, with these attributes to a scope `g`.
/// A batch norm equal to `frequent` has a name.
pub(crate) fn call(
    node: &Node,
    name: &str,
    inputs: &[String],
    attributes: &[Argument],
    frequent: Option<BatchNorm>,
) -> Expression {
    let method = |method: &str, arguments: Vec<Expression>| {
        let head = format!("g.{method}");
        Expression::call(head, [Expression::text(name)].into_iter().chain(arguments))
    };
    let x = || inputs.iter().map(Expression::text);
    let plain = |i: usize| Expression::text(attributes[i].plain());
    let with = |more: Vec<Expression>| x().chain(more).collect::<Vec<_>>();
    let list = || vec![Expression::List { borrowed: true, items: x().collect() }];
    match &node.op {
        Op::Input { .. } => {
            let dims: Vec<_> = node.shape.dims().iter().map(ToString::to_string).collect();
            method("input", vec![Expression::text(format!("[{}]", dims.join(", ")))])
        }
        Op::Conv(_) => {
            let base = Expression::call("Conv::new", [plain(0), plain(1)]);
            method("conv", with(vec![structure("Conv", &CONV, &attributes[2..], base)]))
        }
        Op::ConvTranspose(_) => {
            let base = Expression::call("ConvTranspose::new", [plain(0), plain(1), plain(2)]);
            let value = structure("ConvTranspose", &CONV_TRANSPOSE, &attributes[3..], base);
            method("conv_transpose", with(vec![value]))
        }
        Op::Linear(_) if attributes[1].is(&Literal::Flag(true)) => method("linear", with(vec![plain(0)])),
        Op::Linear(_) => {
            let fields =
                vec![field("out", &attributes[0], &Type::Count), field("bias", &attributes[1], &Type::Flag)];
            let value = Expression::Struct { name: "Linear".to_owned(), fields, base: None };
            let op = Expression::call("Op::Linear", [value]);
            method("op", vec![op, Expression::List { borrowed: true, items: x().collect() }])
        }
        Op::BatchNorm(norm) if frequent == Some(*norm) && attributes.iter().all(Argument::is_constant) => {
            method("batch_norm", with(vec![Expression::text(NORM)]))
        }
        Op::BatchNorm(_) => {
            let base = Expression::text("BatchNorm::default()");
            method("batch_norm", with(vec![structure("BatchNorm", &BATCH_NORM, attributes, base)]))
        }
        Op::LayerNorm { .. } => method("layer_norm", with(vec![plain(0)])),
        Op::GroupNorm(_) => {
            let types = [Type::Count, Type::Number, Type::Flag];
            let fields = ["groups", "eps", "affine"].iter().zip(attributes).zip(&types);
            let fields = fields.map(|((name, argument), of)| field(name, argument, of)).collect();
            let value = Expression::Struct { name: "GroupNorm".to_owned(), fields, base: None };
            method("group_norm", with(vec![value]))
        }
        Op::PositionNorm { .. } => method("position_norm", with(vec![plain(0)])),
        Op::Activation(_) => method("activation", with(vec![plain(0)])),
        Op::Softmax => method("softmax", with(vec![])),
        Op::Add => method("add", list()),
        Op::Multiply => method("multiply", with(vec![])),
        Op::Concat => method("concat", list()),
        Op::Slice { .. } => method("slice", with(vec![plain(0), plain(1)])),
        Op::MaxPool(_) => method("max_pool", with(vec![pool(attributes)])),
        Op::AveragePool { .. } => method("average_pool", with(vec![pool(attributes), plain(3)])),
        Op::GlobalMean => method("global_mean", with(vec![])),
        Op::Upsample { .. } => method("upsample", with(vec![plain(0), plain(1)])),
        Op::CropOrPad => method("crop_or_pad", with(vec![])),
        Op::Select(_) => method("select", with(vec![plain(0)])),
        Op::Reverse => method("reverse", with(vec![])),
        Op::Dropout { .. } => method("dropout", with(vec![plain(0), plain(1)])),
        Op::Flatten => method("flatten", with(vec![])),
    }
}

/// A field of a struct, and the value that may be left out.
type Default = (&'static str, fn() -> Literal);

/// Of [`Conv`] beside what its `new` takes.
const CONV: [Default; 6] = [
    ("stride", || Literal::Size(1.into())),
    ("dilation", || Literal::Size(1.into())),
    ("groups", || Literal::Count(1)),
    ("padding", || Literal::padding(Padding::Symmetric)),
    ("bias", || Literal::Flag(false)),
    ("weight_norm", || Literal::Flag(false)),
];

/// Of [`ConvTranspose`] beside what its `new` takes.
const CONV_TRANSPOSE: [Default; 3] = [
    ("groups", || Literal::Count(1)),
    ("crop", || Literal::crop(Crop::Same)),
    ("bias", || Literal::Flag(false)),
];

/// Of [`BatchNorm`].
const BATCH_NORM: [Default; 3] = [
    ("eps", || Literal::number(BatchNorm::default().eps)),
    ("momentum", || Literal::number(BatchNorm::default().momentum)),
    ("affine", || Literal::Flag(BatchNorm::default().affine)),
];

/// `base` with the attributes that differ from their defaults.
fn structure(name: &str, defaults: &[Default], attributes: &[Argument], base: Expression) -> Expression {
    let mut fields = Vec::new();
    for ((word, default), argument) in defaults.iter().zip(attributes) {
        if !argument.is(&default()) {
            let of = if let Literal::Size(_) = default() { Type::Extent } else { Type::Count };
            fields.push(field(word, argument, &of));
        }
    }
    if fields.is_empty() {
        return base;
    }
    // With all fields given, nothing of the base is left, but for what `new` takes.
    let base = (name != "BatchNorm" || fields.len() < defaults.len()).then(|| Box::new(base));
    Expression::Struct { name: name.to_owned(), fields, base }
}

fn pool(attributes: &[Argument]) -> Expression {
    let types = [Type::Extent, Type::Extent, Type::Named("Padding")];
    let fields = ["kernel", "stride", "padding"].iter().zip(attributes).zip(&types);
    let fields = fields.map(|((name, argument), of)| field(name, argument, of)).collect();
    Expression::Struct { name: "Pool".to_owned(), fields, base: None }
}

/// `name: value`, or `name` alone where the value is called so.
fn field(name: &str, argument: &Argument, of: &Type) -> String {
    let value = argument.as_type(of);
    if value == name { value } else { format!("{name}: {value}") }
}
