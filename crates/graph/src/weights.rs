//! Weights as plain data: named arrays of f32.

use std::collections::BTreeMap;

use crate::load_report::is_bookkeeping;
use crate::number::{first_not_finite, single};
use crate::{Graph, Noise, Parameter, Role, Value};

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
    /// The types of the arrays of a file that are not floating-point numbers, by name.
    others: BTreeMap<String, String>,
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
        let name = name.into();
        self.others.remove(&name);
        self.arrays.insert(name, array);
    }

    /// Removes an array and returns it.
    pub fn remove(&mut self, name: &str) -> Option<Array> {
        self.arrays.remove(name)
    }

    /// All arrays, in order of name.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Array)> {
        self.arrays.iter().map(|(name, array)| (name.as_str(), array))
    }

    /// Names and types of the arrays of a file that are not floating-point numbers, such as masks and counters. They
    /// are not weights: [`Weights::iter`] and [`Weights::len`] leave them out, and they are not written. A graph that
    /// needs one of them does not match ([`Weights::compare`]).
    pub fn others(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.others.iter().map(|(name, dtype)| (name.as_str(), dtype.as_str()))
    }

    /// The type of the array called `name` of a file, if it is not of floating-point numbers.
    pub fn other(&self, name: &str) -> Option<&str> {
        self.others.get(name).map(String::as_str)
    }

    /// Records that a file has an array `name` that is not of floating-point numbers but of type `dtype`. Counters
    /// that every torch checkpoint has are not recorded.
    pub fn insert_other(&mut self, name: impl Into<String>, dtype: impl Into<String>) {
        let name = name.into();
        if !is_bookkeeping(&name) {
            self.arrays.remove(&name);
            self.others.insert(name, dtype.into());
        }
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
        arrays.collect()
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
}

impl FromIterator<(String, Array)> for Weights {
    fn from_iter<I: IntoIterator<Item = (String, Array)>>(arrays: I) -> Self {
        Self { arrays: arrays.into_iter().collect(), others: BTreeMap::new() }
    }
}

impl IntoIterator for Weights {
    type Item = (String, Array);
    type IntoIter = std::collections::btree_map::IntoIter<String, Array>;

    fn into_iter(self) -> Self::IntoIter {
        self.arrays.into_iter()
    }
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
