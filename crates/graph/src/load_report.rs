//! Comparison of weights with a graph's parameters.

use std::collections::BTreeSet;
use std::fmt;

use crate::shown::shown_sizes;
use crate::{Graph, Weights, quoted};

impl Weights {
    /// Compares these weights with `graph`'s parameters. Counters (`num_batches_tracked`, `n_averaged`) and streaming
    /// buffers (`padder.buffer`) of torch checkpoints are never unexpected.
    pub fn compare(&self, graph: &Graph) -> LoadReport {
        let mut report = LoadReport::default();
        let mut known = BTreeSet::new();
        for parameter in graph.parameters() {
            let name = parameter.name.clone();
            match (self.get(&name), self.other(&name)) {
                (Some(array), _) if array.shape() != parameter.shape => report.misshapen.push(Misshapen {
                    name,
                    found: array.shape().to_vec(),
                    expected: parameter.shape,
                }),
                (Some(_), _) => report.matched += 1,
                (None, Some(found)) => report.unusable.push(Unusable { name, found: found.to_owned() }),
                (None, None) => report.missing.push(name),
            }
            known.insert(parameter.name);
        }
        let names = self.iter().map(|(name, _)| name).chain(self.others().map(|(name, _)| name));
        let surplus = names.filter(|name| !known.contains(*name) && !is_bookkeeping(name));
        report.unexpected = surplus.map(str::to_owned).collect();
        report.unexpected.sort_unstable();
        report
    }
}

/// Comparison of weights with a graph's parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadReport {
    /// Parameters found with the right shape.
    pub matched: usize,
    /// Parameters missing from the weights.
    pub missing: Vec<String>,
    /// Weights that belong to no parameter.
    pub unexpected: Vec<String>,
    /// Weights whose shape differs from the parameter's.
    pub misshapen: Vec<Misshapen>,
    /// Weights that are not floating-point numbers.
    pub unusable: Vec<Unusable>,
}

/// An array that should be a weight, but is not of floating-point numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusable {
    /// The parameter.
    pub name: String,
    /// The type of the array, such as `I64`.
    pub found: String,
}

/// A weight of the wrong shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misshapen {
    /// The parameter.
    pub name: String,
    /// Its shape in the weights.
    pub found: Vec<usize>,
    /// The parameter's shape in the graph.
    pub expected: Vec<usize>,
}

impl LoadReport {
    /// Whether every parameter has its weight, and no weight is left over.
    pub fn is_exact(&self) -> bool {
        self.missing.is_empty()
            && self.unexpected.is_empty()
            && self.misshapen.is_empty()
            && self.unusable.is_empty()
    }
}

impl fmt::Display for LoadReport {
    /// One sentence: how many match, and the first of each kind that does not.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} weights match", self.matched)?;
        for (what, names) in [("missing", &self.missing), ("unexpected", &self.unexpected)] {
            if let Some(first) = names.first() {
                write!(f, ", {} {what} (first {})", names.len(), quoted(first))?;
            }
        }
        if let Some(first) = self.misshapen.first() {
            let Misshapen { name, found, expected } = first;
            write!(
                f,
                ", {} of another shape (first {}: expected {}, found {})",
                self.misshapen.len(),
                quoted(name),
                shown_sizes(expected),
                shown_sizes(found)
            )?;
        }
        if let Some(Unusable { name, found }) = self.unusable.first() {
            write!(
                f,
                ", {} of another type (first {}: expected F32, F64, F16 or BF16, found {found})",
                self.unusable.len(),
                quoted(name)
            )?;
        }
        Ok(())
    }
}

/// Returns whether an array of this name belongs to the bookkeeping of torch, such as `bn1.num_batches_tracked`. No
/// network needs it.
pub fn is_bookkeeping(name: &str) -> bool {
    ["num_batches_tracked", "n_averaged", "padder.buffer"].iter().any(|end| name.ends_with(end))
}
