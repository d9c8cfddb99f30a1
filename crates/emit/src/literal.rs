//! Attributes as Rust literals, and the types of parameters in their place.

use std::fmt;

use graph::{Activation, Crop, DropUnit, Extent, Padding, TimeStep, UpsampleMode};

/// A constant of the emitted source.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Literal {
    /// A `usize`.
    Count(usize),
    /// An `Extent`, or where one number is enough a `usize`.
    Size(Extent),
    /// An `f64`, as written.
    Number(String),
    /// A `bool`.
    Flag(bool),
    /// A value of an enum of `graph`, as written.
    Named(&'static str, String),
    /// The arguments of repeated blocks, a row for each.
    Rows(Vec<Vec<Self>>),
}

/// The type of a parameter.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Type {
    Count,
    Extent,
    Number,
    Flag,
    Named(&'static str),
    /// A slice of rows of these types.
    Rows(Vec<Self>),
}

impl Literal {
    pub(crate) fn number(number: f64) -> Self {
        Self::Number(format!("{number:?}"))
    }

    pub(crate) fn padding(padding: Padding) -> Self {
        let text = match padding {
            Padding::Same => "Padding::Same".to_owned(),
            Padding::Symmetric => "Padding::Symmetric".to_owned(),
            Padding::Causal => "Padding::Causal".to_owned(),
            Padding::Valid => "Padding::Valid".to_owned(),
            Padding::Explicit { before, after } if before == after => format!("Padding::both({before})"),
            Padding::Explicit { before, after } => {
                format!("Padding::Explicit {{ before: {before}.into(), after: {after}.into() }}")
            }
        };
        Self::Named("Padding", text)
    }

    pub(crate) fn activation(activation: Activation) -> Self {
        let text = match activation {
            Activation::Relu => "Relu".to_owned(),
            Activation::Relu6 => "Relu6".to_owned(),
            Activation::LeakyRelu { slope } => format!("LeakyRelu {{ slope: {slope:?} }}"),
            Activation::Elu { alpha } => format!("Elu {{ alpha: {alpha:?} }}"),
            Activation::Selu => "Selu".to_owned(),
            Activation::Gelu => "Gelu".to_owned(),
            Activation::GeluTanh => "GeluTanh".to_owned(),
            Activation::Silu => "Silu".to_owned(),
            Activation::HardSwish => "HardSwish".to_owned(),
            Activation::Sigmoid => "Sigmoid".to_owned(),
            Activation::HardSigmoid => "HardSigmoid".to_owned(),
            Activation::Tanh => "Tanh".to_owned(),
            Activation::Softplus => "Softplus".to_owned(),
            Activation::Mish => "Mish".to_owned(),
        };
        Self::Named("Activation", format!("Activation::{text}"))
    }

    pub(crate) fn upsampling(mode: UpsampleMode) -> Self {
        let text = match mode {
            UpsampleMode::Nearest => "UpsampleMode::Nearest".to_owned(),
            UpsampleMode::Linear { align_corners } => {
                format!("UpsampleMode::Linear {{ align_corners: {align_corners} }}")
            }
        };
        Self::Named("UpsampleMode", text)
    }

    pub(crate) fn step(step: TimeStep) -> Self {
        let text = match step {
            TimeStep::First => "TimeStep::First",
            TimeStep::Middle => "TimeStep::Middle",
            TimeStep::Last => "TimeStep::Last",
        };
        Self::Named("TimeStep", text.to_owned())
    }

    pub(crate) fn unit(unit: DropUnit) -> Self {
        let text = match unit {
            DropUnit::Element => "DropUnit::Element",
            DropUnit::Channel => "DropUnit::Channel",
            DropUnit::Path => "DropUnit::Path",
        };
        Self::Named("DropUnit", text.to_owned())
    }

    pub(crate) fn crop(crop: Crop) -> Self {
        let text = match crop {
            Crop::Same => "Crop::Same",
            Crop::Causal => "Crop::Causal",
        };
        Self::Named("Crop", text.to_owned())
    }

    /// The literal where a value of this type is needed.
    pub(crate) fn as_type(&self, of: &Type) -> String {
        match (self, of) {
            (Self::Size(size), Type::Extent) => format!("{size}.into()"),
            (Self::Rows(rows), Type::Rows(types)) => {
                let rows: Vec<String> = rows.iter().map(|row| Self::row(row, types)).collect();
                format!("&[{}]", rows.join(", "))
            }
            _ => self.to_string(),
        }
    }

    /// A row, as a tuple where it has several columns.
    pub(crate) fn row(cells: &[Self], types: &[Type]) -> String {
        let cells: Vec<_> = cells.iter().zip(types).map(|(cell, of)| cell.as_type(of)).collect();
        if let [cell] = cells.as_slice() { cell.clone() } else { format!("({})", cells.join(", ")) }
    }

    /// The rows of a literal, where it has some.
    pub(crate) fn rows(&self) -> &[Vec<Self>] {
        if let Self::Rows(rows) = self { rows } else { &[] }
    }
}

impl fmt::Display for Literal {
    /// As an argument; an extent where anything is taken that can be made one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(n) => write!(f, "{n}"),
            Self::Size(size) => write!(f, "{size}"),
            Self::Number(text) | Self::Named(_, text) => f.write_str(text),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Rows(rows) => write!(f, "{rows:?}"),
        }
    }
}

impl Type {
    /// The type of a parameter that takes all of these.
    pub(crate) fn of(literals: &[&Literal]) -> Self {
        let is_each = |literal: &Literal| matches!(literal, Literal::Size(Extent::Each(..)));
        match literals.first() {
            Some(Literal::Size(_)) if literals.iter().any(|literal| is_each(literal)) => Self::Extent,
            None | Some(Literal::Count(_) | Literal::Size(_)) => Self::Count,
            Some(Literal::Number(_)) => Self::Number,
            Some(Literal::Flag(_)) => Self::Flag,
            Some(Literal::Named(name, _)) => Self::Named(name),
            Some(Literal::Rows(first)) => {
                let columns = first.first().map_or(0, Vec::len);
                let rows = || literals.iter().flat_map(|literal| literal.rows());
                let column = |i: usize| rows().map(|row| &row[i]).collect::<Vec<_>>();
                Self::Rows((0..columns).map(|i| Self::of(&column(i))).collect())
            }
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count => f.write_str("usize"),
            Self::Extent => f.write_str("Extent"),
            Self::Number => f.write_str("f64"),
            Self::Flag => f.write_str("bool"),
            Self::Named(name) => f.write_str(name),
            Self::Rows(columns) => match columns.as_slice() {
                [column] => write!(f, "&[{column}]"),
                columns => {
                    let columns: Vec<_> = columns.iter().map(ToString::to_string).collect();
                    write!(f, "&[({})]", columns.join(", "))
                }
            },
        }
    }
}
