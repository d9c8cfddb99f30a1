//! The emitted program as a value: complete, but not laid out.

use graph::{BatchNorm, Op, Shape};

use crate::literal::{Literal, Type};

/// An emitted file.
pub(crate) struct Program {
    /// The batch norm that the file names, as it occurs often.
    pub(crate) norm: Option<BatchNorm>,
    pub(crate) entry: Entry,
    /// In the order in which a reader of the entry meets them.
    pub(crate) functions: Vec<Function>,
}

/// `pub fn graph`.
pub(crate) struct Entry {
    pub(crate) doc: String,
    /// True if it takes the shape of the graph's input.
    pub(crate) takes_shape: bool,
    pub(crate) statements: Vec<Statement>,
    /// The name and the variable of each output.
    pub(crate) outputs: Vec<(String, String)>,
}

pub(crate) struct Function {
    pub(crate) doc: String,
    pub(crate) name: String,
    pub(crate) inputs: Vec<Variable>,
    pub(crate) parameters: Vec<(String, Type)>,
    /// Number of values that it returns.
    pub(crate) results: usize,
    pub(crate) statements: Vec<Statement>,
    pub(crate) ending: Ending,
}

/// The last expression of a function.
pub(crate) enum Ending {
    Call(Box<Call>),
    /// `Ok` of these variables.
    Values(Vec<String>),
}

#[derive(Clone)]
pub(crate) struct Variable {
    pub(crate) name: String,
    pub(crate) mutable: bool,
}

pub(crate) enum Statement {
    /// A call and the variables that are bound to its results, or none if nothing reads them.
    Call { results: Vec<Variable>, call: Call },
    /// A new variable with the value of another.
    Copy { variable: Variable, from: String },
    /// Calls in a row, each of which replaces `variable`.
    Loop { start: usize, until: Until, variable: String, call: Call },
}

/// The end of a loop.
pub(crate) enum Until {
    End(Argument),
    /// After rows with these columns.
    Rows {
        columns: Vec<String>,
        rows: Argument,
        types: Vec<Type>,
    },
}

pub(crate) enum Call {
    Node(NodeCall),
    Function(FunctionCall),
}

/// A call that adds a node.
pub(crate) struct NodeCall {
    pub(crate) name: String,
    pub(crate) op: Op,
    pub(crate) inputs: Vec<String>,
    pub(crate) attributes: Vec<Argument>,
    pub(crate) form: Form,
}

/// A node's special forms.
pub(crate) enum Form {
    Plain,
    /// A graph input of this shape.
    Input(Shape),
    /// The graph input that has the shape the caller gives.
    GivenInput,
    /// The batch norm that the file names.
    NamedNorm,
}

/// A call of an emitted function.
pub(crate) struct FunctionCall {
    pub(crate) function: String,
    /// The scope below the current one, or the number of the loop's round.
    pub(crate) scope: Option<String>,
    pub(crate) inputs: Vec<String>,
    /// Arguments and the types of their parameters.
    pub(crate) arguments: Vec<(Argument, Type)>,
}

/// An attribute or argument.
#[derive(Clone)]
pub(crate) enum Argument {
    Constant(Literal),
    /// A parameter or loop variable of this type.
    Name(String, Type),
    /// The channels of a variable, multiplied and divided.
    Width {
        variable: String,
        times: usize,
        over: usize,
    },
}
