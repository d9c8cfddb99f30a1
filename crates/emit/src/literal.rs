//! Constants of the emitted source, and the types of the parameters that replace them.

use std::fmt::Debug;

use graph::{Extent, Padding};

/// A constant of the emitted source.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Literal {
    Count(usize),
    /// An extent; where one number is enough, a `usize`.
    Size(Extent),
    Number(f64),
    Flag(bool),
    /// An enum of `graph` and the expression of a variant after `::`.
    Named(&'static str, String),
    /// The arguments of repeated blocks, one row per block.
    Rows(Vec<Vec<Self>>),
}

/// The type of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Type {
    Count,
    Extent,
    Number,
    Flag,
    /// An enum of `graph`.
    Named(&'static str),
    /// A slice of rows with these columns.
    Rows(Vec<Self>),
}

impl Literal {
    /// A variant of an enum of `graph`, which derives `Debug` and so prints as Rust.
    pub(crate) fn variant(name: &'static str, value: &impl Debug) -> Self {
        Self::Named(name, format!("{value:?}"))
    }

    pub(crate) fn padding(padding: Padding) -> Self {
        let Padding::Explicit { before, after } = padding else { return Self::variant("Padding", &padding) };
        if before == after {
            return Self::Named("Padding", format!("both({before})"));
        }
        Self::Named("Padding", format!("Explicit {{ before: {before}.into(), after: {after}.into() }}"))
    }
}

impl Type {
    /// The type of a parameter that takes all of these values.
    pub(crate) fn of(literals: &[&Literal]) -> Self {
        match literals.first() {
            None | Some(Literal::Count(_)) => Self::Count,
            Some(Literal::Size(_)) => {
                let is_each = |literal: &&Literal| matches!(literal, Literal::Size(Extent::Each(..)));
                if literals.iter().any(is_each) { Self::Extent } else { Self::Count }
            }
            Some(Literal::Number(_)) => Self::Number,
            Some(Literal::Flag(_)) => Self::Flag,
            Some(Literal::Named(name, _)) => Self::Named(name),
            Some(Literal::Rows(first)) => {
                let columns = first.first().map_or(0, Vec::len);
                Self::Rows((0..columns).map(|column| Self::of_column(literals, column)).collect())
            }
        }
    }

    /// The type of one column of all rows.
    fn of_column(literals: &[&Literal], column: usize) -> Self {
        let mut cells = Vec::new();
        for literal in literals {
            if let Literal::Rows(rows) = literal {
                cells.extend(rows.iter().map(|row| &row[column]));
            }
        }
        Self::of(&cells)
    }
}
