//! Graphs, weights and errors can be shared between threads.

use graph::plan::{Plan, Schedule};
use graph::reference::Interpreter;
use graph::rewrite::Rewrite;
use graph::{
    AdaptError, Adapted, Array, BuildError, Cost, FieldError, FileError, ForwardError, Graph, LoadReport,
    Merged, ParseError, ReceptiveField, Refusal, Table, Weights,
};

fn is_shared<T: Send + Sync>() {}

#[test]
fn data_and_errors_are_send_and_sync() {
    is_shared::<(Graph, Weights, Array, LoadReport, Rewrite, Interpreter)>();
    is_shared::<(Merged, Refusal, Adapted, Plan, Schedule, Cost, ReceptiveField, Table<usize>)>();
    is_shared::<(AdaptError, BuildError, FieldError, FileError, ForwardError, ParseError)>();
}
