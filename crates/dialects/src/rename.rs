//! Names and layouts of weights in other packages.

use graph::{Array, Weights, quoted};

/// A tensor's name in another package and here, and how the other package stores it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rename {
    /// The other package's name.
    pub theirs: String,
    /// The parameter's name here.
    pub ours: String,
    /// Layout in the other package.
    pub layout: Layout,
}

impl Rename {
    /// A rename of a tensor in torch's layout.
    pub fn same(theirs: impl Into<String>, ours: impl Into<String>) -> Self {
        Self { theirs: theirs.into(), ours: ours.into(), layout: Layout::Same }
    }
}

/// Layout of a tensor in another package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// The layout of torch, which is also the layout here.
    Same,
    /// The same elements in the same order, with axes of size 1 added or removed.
    Reshaped,
    /// Keras's convolution: kernel axes, input channels per group, output channels.
    Convolution(Rows),
    /// Keras's depthwise convolution: kernel axes, channels, 1.
    Depthwise(Rows),
    /// Keras's dense layer: inputs, outputs. At each position it is a 1×1 convolution here.
    Dense,
}

/// The kernel axes of a Keras convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// As here: one for a series, two for an image.
    Ours,
    /// Two for a series, which Keras runs as an image of height 1.
    Image {
        /// The kernel's row that meets data.
        row: usize,
        /// The kernel's rows; the others only ever meet padding.
        of: usize,
    },
}

/// The error of converting weights of another package.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenameError {
    /// The shape of a tensor differs from the one that its layout and parameter require.
    #[error("{}: expected shape {expected:?} for {}, found {found:?}", quoted(theirs), quoted(ours))]
    Shape {
        /// The other package's name.
        theirs: String,
        /// The parameter's name here.
        ours: String,
        /// The tensor's shape.
        found: Vec<usize>,
        /// The required shape.
        expected: Vec<usize>,
    },
}

impl Layout {
    /// The other package's shape for a parameter of shape `ours`. Of [`Layout::Reshaped`] only the
    /// number of elements is known.
    pub fn shape(self, ours: &[usize]) -> Vec<usize> {
        match (self, ours) {
            (Self::Convolution(rows), [out, input, kernel @ ..]) => {
                rows.of(kernel).chain([*input, *out]).collect()
            }
            (Self::Depthwise(rows), [channels, _, kernel @ ..]) => {
                rows.of(kernel).chain([*channels, 1]).collect()
            }
            (Self::Dense, [out, input, ones @ ..]) if ones.iter().all(|&n| n == 1) => vec![*input, *out],
            _ => ours.to_vec(),
        }
    }

    /// Returns true if an array of shape `theirs` can store a parameter of shape `ours`.
    pub fn accepts(self, theirs: &[usize], ours: &[usize]) -> bool {
        match self {
            Self::Reshaped => elements(theirs) == elements(ours),
            _ => theirs == self.shape(ours),
        }
    }

    /// Position, in the other package's order, of the element at flat index `i` of a parameter of shape
    /// `ours`.
    fn index(self, ours: &[usize], i: usize) -> usize {
        match (self, ours) {
            (Self::Convolution(rows), [out, input, kernel @ ..]) => {
                let taps: usize = kernel.iter().product();
                let (o, c, tap) = (i / taps / input, i / taps % input, i % taps);
                (rows.tap(kernel, tap) * input + c) * out + o
            }
            (Self::Depthwise(rows), [channels, _, kernel @ ..]) => {
                let taps: usize = kernel.iter().product();
                rows.tap(kernel, i % taps) * channels + i / taps
            }
            (Self::Dense, [out, input, ones @ ..]) if ones.iter().all(|&n| n == 1) => {
                i % input * out + i / input
            }
            _ => i,
        }
    }
}

/// Number of elements, saturating.
pub(crate) fn elements(shape: &[usize]) -> usize {
    shape.iter().fold(1, |product, size| product.saturating_mul(*size))
}

impl Rows {
    fn of(self, kernel: &[usize]) -> impl Iterator<Item = usize> {
        let rows = match self {
            Self::Ours => None,
            Self::Image { of, .. } => Some(of),
        };
        rows.into_iter().chain(kernel.iter().copied())
    }

    fn tap(self, kernel: &[usize], tap: usize) -> usize {
        match self {
            Self::Ours => tap,
            Self::Image { row, .. } => row * kernel.iter().product::<usize>() + tap,
        }
    }
}

/// Weights of another package under the names and layouts used here. `shape` gives the shape of each
/// parameter; arrays without a rename keep their names.
///
/// # Errors
/// Names the first array whose shape differs from the one its rename describes.
pub fn to_native(
    mut weights: Weights,
    renames: &[Rename],
    shape: impl Fn(&str) -> Option<Vec<usize>>,
) -> Result<Weights, RenameError> {
    let mut renamed = Weights::default();
    for Rename { theirs, ours, layout } in renames {
        let (Some(array), Some(shape)) = (weights.remove(theirs), shape(ours)) else { continue };
        if !layout.accepts(array.shape(), &shape) {
            let (theirs, ours, found) = (theirs.clone(), ours.clone(), array.shape().to_vec());
            return Err(RenameError::Shape { theirs, ours, found, expected: layout.shape(&shape) });
        }
        renamed.insert(ours.as_str(), placed(&array, *layout, &shape));
    }
    for (name, array) in weights {
        renamed.insert(name, array);
    }
    Ok(renamed)
}

/// The parameter of this shape that `array` stores in another package's layout.
pub(crate) fn placed(array: &Array, layout: Layout, shape: &[usize]) -> Array {
    Array::from_fn(shape, |i| array.data()[layout.index(shape, i)])
}

/// Weights of this project under the names and layouts of another package, with zeros where its kernels
/// only meet padding. Arrays without a rename keep their names.
pub fn from_native(mut weights: Weights, renames: &[Rename]) -> Weights {
    let mut renamed = Weights::default();
    for Rename { theirs, ours, layout } in renames {
        let Some(array) = weights.remove(ours) else { continue };
        let shape = layout.shape(array.shape());
        let mut stored = Array::from_fn(shape, |_| 0.0);
        for (i, value) in array.data().iter().enumerate() {
            stored.data_mut()[layout.index(array.shape(), i)] = *value;
        }
        renamed.insert(theirs.as_str(), stored);
    }
    for (name, array) in weights {
        renamed.insert(name, array);
    }
    renamed
}
