//! Errors of building, checking and resizing graphs.

use crate::{FieldError, Op, Shape, one_line, printable};

/// An invalid graph, or a size that a graph cannot run at: the node, and what was expected and found there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{node}: {message}")]
pub struct BuildError {
    node: String,
    kind: ErrorKind,
    message: String,
    field: Option<FieldError>,
}

/// The kind of a [`BuildError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A name that is empty, malformed, taken or unknown.
    Name,
    /// An attribute out of its range.
    Attribute,
    /// The wrong number of inputs, or a value of another graph.
    Input,
    /// The wrong number of spatial axes, such as a series instead of an image.
    Rank,
    /// Shapes that do not match.
    Shape,
    /// An input smaller than a window, or of another size than the one that the graph is bound to.
    Size,
    /// An operation that cannot be computed before the end of a series.
    Stream,
    /// The graph exceeds the limit on nodes, outputs or parameters.
    Limit,
}

impl BuildError {
    /// An error at `node`, a path such as `layer1.0.conv1`.
    pub fn new(node: impl Into<String>, kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { node: printable(&node.into()), kind, message: one_line(&message.into()), field: None }
    }

    /// The path of the node, or of the config field, at fault.
    pub fn node(&self) -> &str {
        &self.node
    }

    /// The kind of error.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The message, without the node.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The config field at fault, if the config was refused before anything was built from it.
    pub fn field(&self) -> Option<&FieldError> {
        self.field.as_ref()
    }

    pub(crate) fn at(node: &str, op: &Op, inputs: &[&Shape], Fault { kind, message }: Fault) -> Self {
        if let Op::Input { .. } = op {
            // The operation has no inputs of its own, and many inputs are called `input`.
            return Self::new(node, kind, message);
        }
        let inputs: Vec<_> = inputs.iter().map(ToString::to_string).collect();
        let of = if inputs.is_empty() { String::new() } else { format!(" of {}", inputs.join(" and ")) };
        Self::new(node, kind, format!("{}{of}: {message}", op.name()))
    }
}

impl From<FieldError> for BuildError {
    fn from(error: FieldError) -> Self {
        let (node, message) = (error.path().to_owned(), error.message().to_owned());
        Self { node, kind: ErrorKind::Attribute, message, field: Some(error) }
    }
}

/// An error before its node is known.
pub(crate) struct Fault {
    pub(crate) kind: ErrorKind,
    pub(crate) message: String,
}

impl Fault {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }
}
