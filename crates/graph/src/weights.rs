//! Weights as plain data: named arrays of f32.

use std::collections::BTreeMap;
use std::fmt;

use crate::number::{first_not_finite, single};
use crate::shown::shown_sizes;
use crate::{Graph, Noise, Parameter, Role, Value, quoted};

/// A named array's shape and values, the last axis fastest.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    shape: Vec<usize>,
    data: Vec<f32>,
}

impl Array {
    /// An array of `shape`, or `None` if `data` has a different number of elements.
    pub fn new(shape: impl Into<Vec<usize>>, data: Vec<f32>) -> Option<Self> {
        let shape = shape.into();
        let elements = shape.iter().try_fold(1usize, |n, &size| n.checked_mul(size))?;
        (elements == data.len()).then_some(Self { shape, data })
    }

    /// An array whose element at flat index `i` is `value(i)`.
    ///
    /// # Panics
    /// If the number of elements overflows.
    pub fn from_fn(shape: impl Into<Vec<usize>>, value: impl FnMut(usize) -> f32) -> Self {
        let shape = shape.into();
        let elements = shape.iter().try_fold(1usize, |n, &size| n.checked_mul(size));
        let elements = elements.expect("an array has a countable number of elements");
        let data = (0..elements).map(value).collect();
        Self { shape, data }
    }

    /// Sizes of the axes.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The values.
    pub fn data(&self) -> &[f32] {
        &self.data
    }

    /// The Euclidean length of each row: of the elements of each index of the first axis.
    pub(crate) fn row_lengths(&self) -> Vec<f64> {
        let rows = self.shape.first().copied().unwrap_or(0);
        let row = self.data.len().checked_div(rows).unwrap_or(0);
        let length = |row: &[f32]| row.iter().map(|&v| f64::from(v).powi(2)).sum::<f64>().sqrt();
        self.data.chunks(row.max(1)).map(length).collect()
    }

    /// The values, mutable.
    pub fn data_mut(&mut self) -> &mut [f32] {
        &mut self.data
    }
}

/// The parameters of one node, by role.
#[derive(Clone, Debug)]
pub struct NodeWeights<'w> {
    arrays: Vec<(Role, &'w Array)>,
}

impl<'w> NodeWeights<'w> {
    /// The parameter with this role; `None` if the node has none, or if it is missing among the weights.
    pub fn get(&self, role: Role) -> Option<&'w Array> {
        self.arrays.iter().find(|(own, _)| *own == role).map(|(_, array)| *array)
    }
}

/// Named arrays, in order of name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Weights {
    arrays: BTreeMap<String, Array>,
}

impl Weights {
    /// Initial weights of `graph`: He normal (He et al. 2015, arXiv 1502.01852, fan-in)
    /// for convolutions, normal with variance `1 / fan_in` for linear layers, ones and zeros for
    /// norms, zeros for biases.
    ///
    /// Each array is a function of the seed and its own name, so that adding a layer does not change the
    /// others' values.
    pub fn initial(graph: &Graph, seed: u64) -> Self {
        let mut weights: Self = graph.parameters().map(|p| initial(&p, seed)).collect();
        for (value, node) in graph.nodes() {
            // A weight norm starts as the identity: each length is that of its direction.
            let length = graph.parameters_of(node).into_iter().find(|p| p.role == Role::Length);
            if let (Some(length), Some(direction)) = (length, weights.of(graph, value).get(Role::Weight)) {
                let lengths = direction.row_lengths();
                weights.insert(length.name, Array::from_fn(length.shape, |row| single(lengths[row])));
            }
        }
        weights
    }

    /// The parameters of the node that computes `value`.
    ///
    /// # Panics
    /// If the value belongs to another, larger graph.
    pub fn of(&self, graph: &Graph, value: Value) -> NodeWeights<'_> {
        let parameters = graph.parameters_of(graph.node(value)).into_iter();
        let arrays = parameters.filter_map(|p| Some((p.role, self.get(&p.name)?))).collect();
        NodeWeights { arrays }
    }

    /// The array called `name`.
    pub fn get(&self, name: &str) -> Option<&Array> {
        self.arrays.get(name)
    }

    /// Adds or replaces an array.
    pub fn insert(&mut self, name: impl Into<String>, array: Array) {
        self.arrays.insert(name.into(), array);
    }

    /// Removes an array and returns it.
    pub fn remove(&mut self, name: &str) -> Option<Array> {
        self.arrays.remove(name)
    }

    /// All arrays, in order of name.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Array)> {
        self.arrays.iter().map(|(name, array)| (name.as_str(), array))
    }

    /// Number of arrays.
    pub fn len(&self) -> usize {
        self.arrays.len()
    }

    /// Whether there are no arrays.
    pub fn is_empty(&self) -> bool {
        self.arrays.is_empty()
    }

    /// The weights of `graph`'s parameters, without all others: those of a part of a larger graph, such as one
    /// from [`Graph::until`].
    #[must_use]
    pub fn for_graph(mut self, graph: &Graph) -> Self {
        let arrays = graph.parameters().filter_map(|parameter| self.arrays.remove_entry(&parameter.name));
        Self { arrays: arrays.collect() }
    }

    /// The same weights with all names below `scope`: `conv.weight` becomes `encoder.conv.weight`. They are those of
    /// a graph that is included in another, as in [`Scope::include`](crate::Scope::include).
    #[must_use]
    pub fn below(self, scope: &str) -> Self {
        self.into_iter().map(|(name, array)| (format!("{scope}.{name}"), array)).collect()
    }

    /// Returns the first weight that is NaN or infinite, in order of name: the name of its array, and the value.
    ///
    /// ```
    /// use graph::{Array, Weights};
    /// let mut weights = Weights::default();
    /// weights.insert("conv1.weight", Array::from_fn([2, 3], |i| i as f32));
    /// assert_eq!(weights.first_not_finite(), None);
    /// weights.insert("fc.bias", Array::from_fn([2], |_| f32::INFINITY));
    /// assert_eq!(weights.first_not_finite(), Some(("fc.bias", f32::INFINITY)));
    /// ```
    pub fn first_not_finite(&self) -> Option<(&str, f32)> {
        self.iter().find_map(|(name, array)| {
            let index = first_not_finite(array.data())?;
            Some((name, array.data()[index]))
        })
    }

    /// Compares these weights with `graph`'s parameters. Counters (`num_batches_tracked`) and streaming
    /// buffers (`padder.buffer`) of torch checkpoints are never unexpected.
    pub fn compare(&self, graph: &Graph) -> LoadReport {
        let mut fit = LoadReport::default();
        let mut known = std::collections::BTreeSet::new();
        for parameter in graph.parameters() {
            match self.get(&parameter.name) {
                None => fit.missing.push(parameter.name.clone()),
                Some(array) if array.shape != parameter.shape => fit.misshapen.push(Misshapen {
                    name: parameter.name.clone(),
                    found: array.shape.clone(),
                    expected: parameter.shape,
                }),
                Some(_) => fit.matched += 1,
            }
            known.insert(parameter.name);
        }
        let surplus = self.arrays.keys().filter(|name| !known.contains(*name) && !is_bookkeeping(name));
        fit.unexpected = surplus.cloned().collect();
        fit
    }
}

impl FromIterator<(String, Array)> for Weights {
    fn from_iter<I: IntoIterator<Item = (String, Array)>>(arrays: I) -> Self {
        Self { arrays: arrays.into_iter().collect() }
    }
}

impl IntoIterator for Weights {
    type Item = (String, Array);
    type IntoIter = std::collections::btree_map::IntoIter<String, Array>;

    fn into_iter(self) -> Self::IntoIter {
        self.arrays.into_iter()
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
        self.missing.is_empty() && self.unexpected.is_empty() && self.misshapen.is_empty()
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
        Ok(())
    }
}

fn is_bookkeeping(name: &str) -> bool {
    name.ends_with("num_batches_tracked") || name.ends_with("padder.buffer")
}

fn initial(parameter: &Parameter, seed: u64) -> (String, Array) {
    let noise = Noise::of(&format!("{seed} {}", parameter.name));
    let gain = if parameter.shape.len() > 2 { 2.0 } else { 1.0 };
    let deviation = (gain / parameter.fan_in() as f64).sqrt();
    let data = match parameter.role {
        Role::Weight => {
            (0..parameter.elements() as u64).map(|i| single(deviation * noise.normal(i))).collect()
        }
        Role::Scale | Role::Variance | Role::Length => vec![1.0; parameter.elements()],
        Role::Bias | Role::Mean => vec![0.0; parameter.elements()],
    };
    (parameter.name.clone(), Array { shape: parameter.shape.clone(), data })
}
