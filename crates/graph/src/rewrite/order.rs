//! The order of computation of nodes that come and go.

use crate::{Graph, Table, Value};

/// A doubly linked list of values.
#[derive(Clone, Debug)]
pub(super) struct Order {
    links: Table<Link>,
    first: Option<Value>,
    last: Option<Value>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Link {
    previous: Option<Value>,
    next: Option<Value>,
}

impl Order {
    pub(super) fn new(graph: &Graph) -> Self {
        let mut order = Self { links: Table::new(), first: None, last: None };
        for (value, _) in graph.nodes() {
            order.insert(value, None);
        }
        order
    }

    pub(super) fn values(&self) -> Vec<Value> {
        std::iter::successors(self.first, |value| self.links[*value].next).collect()
    }

    /// The value after `value`.
    pub(super) fn after(&self, value: Value) -> Option<Value> {
        self.links[value].next
    }

    /// Adds a new value, which no table knows yet, before `next` or at the end.
    pub(super) fn insert(&mut self, value: Value, next: Option<Value>) {
        let previous = next.map_or(self.last, |next| self.links[next].previous);
        let added = self.links.push(Link { previous, next });
        debug_assert_eq!(added, value, "values are numbered in order of their insertion");
        self.join(previous, Some(value));
        self.join(Some(value), next);
    }

    pub(super) fn remove(&mut self, value: Value) {
        let Link { previous, next } = self.links[value];
        self.join(previous, next);
    }

    /// Makes two values neighbors; `None` is the end on either side.
    fn join(&mut self, previous: Option<Value>, next: Option<Value>) {
        match previous {
            Some(previous) => self.links[previous].next = next,
            None => self.first = next,
        }
        match next {
            Some(next) => self.links[next].previous = previous,
            None => self.last = previous,
        }
    }
}
