//! Side tables: one entry for each value of a graph.

use std::ops::{Index, IndexMut};

use crate::{Graph, Node, Value};

/// One entry for each value of a graph, indexed by [`Value`].
///
/// ```
/// use graph::{Activation, Graph, Table};
/// let graph = Graph::build(|g| {
///     let x = g.input("x", [4, 20])?;
///     let y = g.activation("relu", x, Activation::Relu)?;
///     g.output("y", y)
/// })?;
/// let elements = Table::from_fn(&graph, |_, node| node.shape.elements());
/// assert_eq!(elements[graph.main_output().value], 80);
/// # Ok::<(), graph::BuildError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Table<T> {
    entries: Vec<T>,
}

impl<T> Table<T> {
    /// A table without entries, to be filled in order by [`Table::push`].
    pub fn new() -> Self {
        Self { entries: Vec::new() }
    }

    /// The table whose entry of each value is `entry(value, node)`.
    pub fn from_fn(graph: &Graph, mut entry: impl FnMut(Value, &Node) -> T) -> Self {
        Self { entries: graph.nodes().map(|(value, node)| entry(value, node)).collect() }
    }

    /// Adds the entry of the next value in order of computation, and returns that value.
    pub fn push(&mut self, entry: T) -> Value {
        self.entries.push(entry);
        Value::at(self.entries.len() - 1)
    }

    /// The entry of `value`, or `None` if the table has none.
    pub fn get(&self, value: Value) -> Option<&T> {
        self.entries.get(value.index())
    }

    /// All entries with their values, in order of computation.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (Value, &T)> + ExactSizeIterator {
        self.entries.iter().enumerate().map(|(index, entry)| (Value::at(index), entry))
    }

    /// All entries, in order of computation.
    pub fn values(&self) -> std::slice::Iter<'_, T> {
        self.entries.iter()
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether the table has no entries.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The table whose entry of each value is `entry(value, own)`, where `own` is this table's.
    pub fn map<U>(&self, mut entry: impl FnMut(Value, &T) -> U) -> Table<U> {
        Table { entries: self.iter().map(|(value, own)| entry(value, own)).collect() }
    }
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Index<Value> for Table<T> {
    type Output = T;

    /// # Panics
    /// If the table has no entry of `value`.
    fn index(&self, value: Value) -> &T {
        &self.entries[value.index()]
    }
}

impl<T> IndexMut<Value> for Table<T> {
    /// # Panics
    /// If the table has no entry of `value`.
    fn index_mut(&mut self, value: Value) -> &mut T {
        &mut self.entries[value.index()]
    }
}
