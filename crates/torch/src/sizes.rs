//! Shapes of all values at the sizes that a net was run at.

use std::cell::RefCell;
use std::sync::Arc;

use graph::{BuildError, Graph, Shape, Table};

/// Number of sizes remembered. Training uses one or two; a service with more of them spends some
/// microseconds on each pass.
const REMEMBERED: usize = 8;

/// The latest sizes.
#[derive(Default)]
pub(crate) struct Sizes {
    latest: RefCell<Vec<Remembered>>,
}

/// The shapes of the inputs, and of all values then.
struct Remembered {
    inputs: Vec<Shape>,
    shapes: Arc<Table<Shape>>,
}

impl Sizes {
    /// The shape of every value when the inputs have these shapes.
    pub(crate) fn shapes(&self, graph: &Graph, inputs: Vec<Shape>) -> Result<Arc<Table<Shape>>, BuildError> {
        let mut latest = self.latest.borrow_mut();
        if let Some(size) = latest.iter().find(|size| size.inputs == inputs) {
            return Ok(size.shapes.clone());
        }
        let shapes = Arc::new(graph.shapes_for(&inputs)?);
        if latest.len() == REMEMBERED {
            latest.remove(0);
        }
        latest.push(Remembered { inputs, shapes: shapes.clone() });
        Ok(shapes)
    }
}
