//! Tests that every interpreter passes.
//!
//! The test of an interpreter is a few lines:
//!
//! ```
//! # fn slow() {
//! use graph::Forward;
//! use graph::reference::Interpreter;
//! let coverage = graph::testing::agreement(&mut |graph, weights| {
//!     Ok(Box::new(Interpreter::new(graph.clone(), weights.clone())?))
//! });
//! println!("{coverage}");
//! # }
//! ```

use std::collections::BTreeMap;
use std::fmt;

use crate::random::{self, Cell, Problem};
use crate::reference::{self, Tensor};
use crate::{Array, Forward, ForwardError, Graph, Weights, merge, single};

/// Samples in a batch.
const BATCH: usize = 2;
/// Random graphs around each cell.
const GRAPHS: u64 = 3;

/// The accepted difference between numbers, relative to the largest expected number, or to 1 if that is
/// larger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tolerance {
    /// Not at all: the same operations in the same order.
    Exact,
    /// 2e-5: single precision instead of f64, over graphs of about a dozen nodes.
    Close,
    /// 1e-3: single precision instead of f64, over whole networks.
    Accumulated,
}

impl Tolerance {
    /// The largest relative difference.
    pub fn relative(self) -> f64 {
        match self {
            Self::Exact => 0.0,
            Self::Close => 2e-5,
            Self::Accumulated => 1e-3,
        }
    }

    /// Compares numbers with the expected ones.
    ///
    /// # Errors
    /// In a sentence: different numbers of elements, expected numbers that are not finite, or a
    /// difference that is too large.
    pub fn compare(
        self,
        found: impl IntoIterator<Item = f64>,
        expected: impl IntoIterator<Item = f64>,
    ) -> Result<(), String> {
        let found: Vec<f64> = found.into_iter().collect();
        let expected: Vec<f64> = expected.into_iter().collect();
        if found.len() != expected.len() {
            return Err(format!("expected {} elements, found {}", expected.len(), found.len()));
        }
        if let Some(number) = expected.iter().find(|number| !number.is_finite()) {
            return Err(format!("expected finite numbers, found {number} among the expected ones"));
        }
        let scale = expected.iter().fold(1.0, |scale: f64, number| scale.max(number.abs()));
        for (index, (found, expected)) in found.iter().zip(&expected).enumerate() {
            let difference = (found - expected).abs();
            // Also false if `found` is not a number.
            let is_close = difference <= self.relative() * scale;
            if !is_close {
                return Err(format!(
                    "element {index}: expected {expected}, found {found}; the largest expected number is {scale}"
                ));
            }
        }
        Ok(())
    }
}

/// Makes an interpreter of a graph with weights.
pub type Make<'m> = dyn FnMut(&Graph, &Weights) -> Result<Box<dyn Forward>, ForwardError> + 'm;

/// Checks that the interpreters that `make` makes agree with the [reference](mod@reference), within
/// [`Tolerance::Close`]: on random graphs around each operation × padding × rank × (stride, dilation,
/// groups), as built and merged, at the size they were built for and at others.
///
/// # Panics
/// If an interpreter cannot be made or run, if its outputs differ, or if no graph covers some cell.
pub fn agreement(make: &mut Make<'_>) -> Coverage {
    let cells = 0..random::cells().len();
    let problems: Vec<Problem> =
        cells.flat_map(|cell| (0..GRAPHS).map(move |seed| random::problem(cell, seed))).collect();
    for problem in &problems {
        check(problem, make);
    }
    let coverage = Coverage::of(&problems);
    assert!(coverage.empty().is_empty(), "cells without a graph: {:#?}", coverage.empty());
    coverage
}

/// Checks one problem as [`agreement`] does.
///
/// # Panics
/// As [`agreement`].
pub fn check(Problem { graph, weights, sizes }: &Problem, make: &mut Make<'_>) {
    graph.verify().unwrap_or_else(|error| panic!("{error}\n{graph}"));
    let merged = merge(graph, weights);
    merged.graph.verify().unwrap_or_else(|error| panic!("{error}\n{}", merged.graph));
    for (graph_run, weights_run) in [(graph, weights), (&merged.graph, &merged.weights)] {
        let mut interpreter =
            make(graph_run, weights_run).unwrap_or_else(|error| panic!("{error}\n{graph_run}"));
        for size in sizes {
            let x = Tensor::noise("x", BATCH, size.clone());
            let expected = reference::run(graph, weights, std::slice::from_ref(&x));
            let expected = expected.unwrap_or_else(|error| panic!("at {size}: {error}\n{graph}"));
            let found = interpreter.forward(&[array(&x)]);
            let found = found.unwrap_or_else(|error| panic!("at {size}: {error}\n{graph_run}"));
            assert_eq!(found.len(), expected.len(), "outputs of\n{graph_run}");
            for (found, expected) in found.iter().zip(&expected) {
                let dims: Vec<usize> = std::iter::once(BATCH).chain(expected.shape.dims()).collect();
                assert_eq!(found.shape(), dims, "at {size}\n{graph_run}");
                let numbers = found.data().iter().copied().map(f64::from);
                let compared = Tolerance::Close.compare(numbers, expected.data.iter().copied());
                compared.unwrap_or_else(|message| {
                    panic!("at {size}: {message}\n{graph}\nrun as\n{graph_run}");
                });
            }
        }
    }
}

fn array(tensor: &Tensor) -> Array {
    let dims: Vec<usize> = std::iter::once(tensor.batch).chain(tensor.shape.dims()).collect();
    Array::from_fn(dims, |i| single(tensor.data[i]))
}

/// The extent of a test: the number of graphs that cover each cell. Its `Display` is a table.
#[derive(Clone, Debug)]
pub struct Coverage {
    /// Number of graphs.
    pub graphs: usize,
    /// Number of graphs that also ran at sizes that they were not built for.
    pub resized: usize,
    cells: BTreeMap<Cell, usize>,
}

impl Coverage {
    fn of(problems: &[Problem]) -> Self {
        Self {
            graphs: problems.len(),
            resized: problems.iter().filter(|problem| problem.sizes.len() > 1).count(),
            cells: random::coverage(problems.iter().map(|problem| &problem.graph)),
        }
    }

    fn empty(&self) -> Vec<String> {
        let empty = self.cells.iter().filter(|(_, count)| **count == 0);
        empty.map(|(cell, _)| cell.to_string()).collect()
    }
}

impl fmt::Display for Coverage {
    /// One row for operation, variant and rank, one column for each of stride, dilation, groups.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rows: BTreeMap<(&str, &str, usize), [Option<usize>; 8]> = BTreeMap::new();
        for (cell, count) in &self.cells {
            let column =
                usize::from(cell.strided) * 4 + usize::from(cell.dilated) * 2 + usize::from(cell.grouped);
            rows.entry((cell.op, &cell.variant, cell.rank)).or_default()[column] = Some(*count);
        }
        write!(f, "{:<15}{:<20}rank", "operation", "padding or kind")?;
        for head in ["---", "--g", "-d-", "-dg", "s--", "s-g", "sd-", "sdg"] {
            write!(f, "{head:>5}")?;
        }
        for ((op, variant, rank), counts) in rows {
            write!(f, "\n{op:<15}{variant:<20}{rank:>4}")?;
            for count in counts {
                match count {
                    Some(count) => write!(f, "{count:>5}")?,
                    None => f.write_str("     ")?,
                }
            }
        }
        write!(f, "\n{} graphs, {} of them also at sizes they were not built for", self.graphs, self.resized)
    }
}
