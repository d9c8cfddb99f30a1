//! A function that stands for all groups of one structure, before its values have names.

use graph::Value;

use crate::literal::{Literal, Type};

/// A function. Its values have numbers: the inputs first, then the results of each step.
pub(crate) struct Function {
    /// The groups that it stands for, in order.
    pub(crate) groups: Vec<usize>,
    /// Number of values that it takes.
    pub(crate) inputs: usize,
    pub(crate) steps: Vec<Step>,
    /// The values that it returns.
    pub(crate) outputs: Vec<usize>,
    pub(crate) parameters: Vec<Parameter>,
}

/// A number or choice in which the groups of a function differ.
pub(crate) struct Parameter {
    /// Its kind, such as `channels`.
    pub(crate) word: String,
    /// The first node or function that it is passed to.
    pub(crate) label: String,
    pub(crate) ty: Type,
    /// Its value for each group.
    pub(crate) values: Vec<Literal>,
}

/// A statement.
pub(crate) enum Step {
    /// One operation; `value` is that of the first group.
    Node { name: String, value: Value, inputs: Vec<usize>, attributes: Vec<Source> },
    /// A call of another function.
    Call { path: String, callee: usize, inputs: Vec<usize>, arguments: Vec<Source>, outputs: usize },
    /// Calls of one function, each with the result of the one before as first input.
    Loop { start: usize, until: Until, callee: usize, inputs: Vec<usize>, arguments: Vec<Source> },
}

/// The end of a loop.
pub(crate) enum Until {
    /// Before this number.
    End(Source),
    /// After these rows, which hold the arguments that change; with the types of their columns.
    Rows(Source, Vec<Type>),
}

/// The origin of an attribute or argument.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Source {
    Constant(Literal),
    /// A parameter of the function.
    Parameter(usize),
    /// The channels of a value, multiplied and divided.
    Width {
        value: usize,
        times: usize,
        over: usize,
    },
    /// A column of the loop's rows.
    Column(usize),
}

impl Step {
    pub(crate) fn inputs(&self) -> &[usize] {
        match self {
            Self::Node { inputs, .. } | Self::Call { inputs, .. } | Self::Loop { inputs, .. } => inputs,
        }
    }

    /// Number of results.
    pub(crate) fn outputs(&self) -> usize {
        match self {
            Self::Node { .. } | Self::Loop { .. } => 1,
            Self::Call { outputs, .. } => *outputs,
        }
    }

    /// The function that it calls.
    pub(crate) fn callee(&self) -> Option<usize> {
        match self {
            Self::Node { .. } => None,
            Self::Call { callee, .. } | Self::Loop { callee, .. } => Some(*callee),
        }
    }
}
