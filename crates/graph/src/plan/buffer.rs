//! The place of a value in an arena.

use crate::Value;

/// The place of a value in a plan's arena.
///
/// An input of a `concat` that lies at its place in the output's buffer already (it was computed right
/// there) does not have to be copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Buffer {
    /// The first element, counted from the beginning of the arena.
    pub offset: usize,
    /// The number of elements.
    pub elements: usize,
    /// Whether the buffer is an input's.
    pub storage: Storage,
}

/// Whether a value has a buffer of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Storage {
    /// None of its inputs is in the buffer, or those of a `concat` at their places.
    Own,
    /// The buffer is that of this input, which nothing else reads any longer. Each element of the
    /// output is written over the one element of the input that it depends on.
    InPlace(Value),
    /// The buffer is part of this input's, and nothing has to be computed.
    View(Value),
}
