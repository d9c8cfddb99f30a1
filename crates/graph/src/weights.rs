//! Weights as plain data: named arrays of f32.

use std::collections::BTreeMap;
use std::fmt;

use crate::number::single;
use crate::{Graph, Noise, Parameter, Role};

/// A named array's shape and values, the last axis fastest.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    shape: Vec<usize>,
    data: Vec<f32>,
}

impl Array {
    /// An array of `shape`, or `None` when `data` has another number of elements.
    pub fn new(shape: impl Into<Vec<usize>>, data: Vec<f32>) -> Option<Self> {
        let shape = shape.into();
        let elements = shape.iter().try_fold(1usize, |n, &size| n.checked_mul(size))?;
        (elements == data.len()).then_some(Self { shape, data })
    }

    /// An array whose element at flat index `i` is `value(i)`.
    pub fn from_fn(shape: impl Into<Vec<usize>>, value: impl FnMut(usize) -> f32) -> Self {
        let shape = shape.into();
        let data = (0..shape.iter().product()).map(value).collect();
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

    /// The values, to change.
    pub fn data_mut(&mut self) -> &mut [f32] {
        &mut self.data
    }
}

/// Named arrays, in order of name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Weights {
    arrays: BTreeMap<String, Array>,
}

impl Weights {
    /// Freshly initialised weights of `graph`: He normal (He et al. 2015, arXiv 1502.01852, fan-in)
    /// for convolutions, normal with variance `1 / fan_in` for linear layers, ones and zeros for
    /// norms, zeros for biases.
    ///
    /// Each array is a function of the seed and its own name, so that adding a layer leaves the
    /// others' values alone.
    pub fn initial(graph: &Graph, seed: u64) -> Self {
        let mut weights: Self = graph.parameters().map(|p| initial(&p, seed)).collect();
        weights.unit_lengths();
        weights
    }

    /// The array called `name`.
    pub fn get(&self, name: &str) -> Option<&Array> {
        self.arrays.get(name)
    }

    /// Adds or replaces an array.
    pub fn insert(&mut self, name: impl Into<String>, array: Array) {
        self.arrays.insert(name.into(), array);
    }

    /// Takes an array out.
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

    /// Whether there is no array.
    pub fn is_empty(&self) -> bool {
        self.arrays.is_empty()
    }

    /// How these weights fit `graph`'s parameters. Counters (`num_batches_tracked`) and streaming
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
                    needed: parameter.shape,
                }),
                Some(_) => fit.matched += 1,
            }
            known.insert(parameter.name);
        }
        let surplus = self.arrays.keys().filter(|name| !known.contains(*name) && !is_bookkeeping(name));
        fit.unexpected = surplus.cloned().collect();
        fit
    }

    /// Sets each weight norm's length to that of its direction, so that it starts as the identity.
    fn unit_lengths(&mut self) {
        let suffix = "parametrizations.weight.original0";
        let names: Vec<String> = self.arrays.keys().filter(|name| name.ends_with(suffix)).cloned().collect();
        for name in names {
            let direction = format!("{}1", &name[..name.len() - 1]);
            let Some(direction) = self.arrays.get(&direction) else { continue };
            let row = direction.data.len() / direction.shape[0].max(1);
            let norm = |row: &[f32]| row.iter().map(|&v| f64::from(v).powi(2)).sum::<f64>().sqrt();
            let lengths: Vec<f32> = direction.data.chunks(row.max(1)).map(|row| single(norm(row))).collect();
            if let Some(array) = self.arrays.get_mut(&name) {
                array.data = lengths;
            }
        }
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

/// How weights fit a graph.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadReport {
    /// Parameters found with the right shape.
    pub matched: usize,
    /// Parameters that are not among the weights.
    pub missing: Vec<String>,
    /// Weights that no parameter asks for.
    pub unexpected: Vec<String>,
    /// Weights of another shape than the parameter's.
    pub misshapen: Vec<Misshapen>,
}

/// A weight of the wrong shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misshapen {
    /// The parameter.
    pub name: String,
    /// Shape among the weights.
    pub found: Vec<usize>,
    /// Shape of the parameter.
    pub needed: Vec<usize>,
}

impl LoadReport {
    /// Whether every parameter has its weight and there is no other.
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
                write!(f, ", {} {what} (first `{first}`)", names.len())?;
            }
        }
        if let Some(first) = self.misshapen.first() {
            let Misshapen { name, found, needed } = first;
            write!(
                f,
                ", {} misshapen (first `{name}`: {found:?} found, {needed:?} needed)",
                self.misshapen.len()
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
