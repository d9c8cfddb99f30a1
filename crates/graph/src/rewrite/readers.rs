//! Updates of the table of readers when the inputs of nodes change.

use super::{Reader, Rewrite};
use crate::Value;

impl Rewrite {
    /// Makes these readers of `from` read `to`.
    pub(super) fn redirect(&mut self, readers: Vec<Reader>, from: Value, to: Value) {
        let mut last = None;
        for reader in &readers {
            match *reader {
                // A node that reads the value several times has several entries, mostly adjacent.
                Reader::Node(value) if last == Some(value) => {}
                Reader::Node(value) => {
                    last = Some(value);
                    for input in &mut self.node_mut(value).inputs {
                        if *input == from {
                            *input = to;
                        }
                    }
                }
                Reader::Output(i) => self.outputs[i].value = to,
            }
        }
        self.readers[to].extend(readers);
    }

    pub(super) fn remove_reader(&mut self, value: Value, reader: Reader) {
        let readers = &mut self.readers[value];
        let i = readers.iter().position(|other| *other == reader).expect("the table of readers is complete");
        readers.swap_remove(i);
    }

    /// Removes the node of `value` from the readers of its inputs.
    pub(super) fn unread(&mut self, value: Value) {
        let inputs = self.node(value).inputs.clone();
        for input in inputs {
            self.remove_reader(input, Reader::Node(value));
        }
    }
}
