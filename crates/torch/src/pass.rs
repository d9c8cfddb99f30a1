//! One pass through a net: the values that are alive.

use std::sync::Arc;

use graph::plan::Schedule;
use graph::{Graph, Shape, Table, Value};
use tch::Tensor;

use crate::error::TorchError;
use crate::interpret::Task;
use crate::precision::Precision;
use crate::variables::Variables;

/// The values of one pass that are alive.
pub(crate) struct Pass<'a> {
    graph: &'a Graph,
    variables: &'a Variables,
    shapes: Arc<Table<Shape>>,
    values: Table<Option<Tensor>>,
    precision: Precision,
    train: bool,
}

impl<'a> Pass<'a> {
    /// A pass at these shapes, no value of which is computed yet.
    pub(crate) fn new(
        graph: &'a Graph,
        variables: &'a Variables,
        shapes: Arc<Table<Shape>>,
        precision: Precision,
        train: bool,
    ) -> Self {
        let values = Table::from_fn(graph, |_, _| None);
        Self { graph, variables, shapes, values, precision, train }
    }

    /// Computes all values of a schedule and frees those that nothing reads any longer.
    pub(crate) fn execute(&mut self, schedule: &Schedule) -> Result<(), TorchError> {
        for instruction in schedule.instructions() {
            self.compute(instruction.value)?;
            self.free(&instruction.frees);
        }
        Ok(())
    }

    /// Computes the value from those before it.
    pub(crate) fn compute(&mut self, value: Value) -> Result<(), TorchError> {
        let node = self.graph.node(value);
        // The tensor of a model input is there from the beginning.
        let itself = [value];
        let sources: &[Value] = if node.inputs.is_empty() { &itself } else { &node.inputs };
        let inputs: Vec<&Tensor> = sources.iter().map(|source| self.get(*source)).collect();
        let shapes: Vec<&Shape> = sources.iter().map(|source| &self.shapes[*source]).collect();
        let task = Task {
            op: &node.op,
            inputs: &inputs,
            shapes: &shapes,
            parameters: self.variables.of(value),
            train: self.train,
            frozen: self.variables.is_frozen(value),
        };
        let tensor = self.precision.interpret(&task).map_err(|fault| fault.at(node))?;
        self.set(value, tensor);
        Ok(())
    }

    pub(crate) fn get(&self, value: Value) -> &Tensor {
        self.values[value].as_ref().expect("a schedule computes a value before its readers")
    }

    pub(crate) fn set(&mut self, value: Value, tensor: Tensor) {
        self.values[value] = Some(tensor);
    }

    pub(crate) fn take(&mut self, value: Value) -> Tensor {
        self.values[value].take().expect("a schedule keeps the wanted values")
    }

    pub(crate) fn free(&mut self, values: &[Value]) {
        for value in values {
            self.values[*value] = None;
        }
    }
}
