//! Shapes of all values for the sizes a net has met.

use std::cell::RefCell;
use std::sync::Arc;

use graph::{BuildError, Graph, Shape, Table};

/// Sizes remembered. Training meets one or two; a service that meets more pays some microseconds.
const REMEMBERED: usize = 8;

/// The latest sizes met.
#[derive(Default)]
pub(crate) struct Sizes {
    latest: RefCell<Vec<Met>>,
}

/// Shapes of the inputs, and of all values then.
struct Met {
    inputs: Vec<Shape>,
    shapes: Arc<Table<Shape>>,
}

impl Sizes {
    /// The shape of every value when the inputs have these shapes.
    pub(crate) fn shapes(&self, graph: &Graph, inputs: Vec<Shape>) -> Result<Arc<Table<Shape>>, BuildError> {
        let mut latest = self.latest.borrow_mut();
        if let Some(met) = latest.iter().find(|met| met.inputs == inputs) {
            return Ok(met.shapes.clone());
        }
        let shapes = Arc::new(graph.shapes_for(&inputs)?);
        if latest.len() == REMEMBERED {
            latest.remove(0);
        }
        latest.push(Met { inputs, shapes: shapes.clone() });
        Ok(shapes)
    }
}
