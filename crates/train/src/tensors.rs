//! Batches on libtorch.

use data::{Batch, Targets};
use graph::Array;
use torch::tch::{Device, TchError, Tensor};

/// A batch's input and target.
pub(crate) struct Pair {
    pub(crate) input: Tensor,
    pub(crate) target: Target,
}

/// The tensor that a batch's outputs are compared with.
pub(crate) enum Target {
    /// Classes `[N]` or `[N, …]`; [`data::MASKED`] where the class is unknown.
    Classes(Tensor),
    /// For each example and class, 1 if the example belongs to the class and otherwise 0, `[N, classes]`.
    Labels(Tensor),
    /// Values in the shape of the outputs.
    Values {
        /// The values, 0 where they are unknown.
        values: Tensor,
        /// 1 for a known value and 0 for an unknown one. `None` if all are known.
        known: Option<Tensor>,
    },
}

impl Pair {
    pub(crate) fn new(batch: &Batch, device: Device) -> Result<Self, TchError> {
        let target = match &batch.target {
            Targets::Classes(classes) => Target::Classes(Tensor::f_from_slice(classes)?.f_to_device(device)?),
            Targets::Positions { shape, classes } => {
                let classes = Tensor::f_from_slice(classes)?.f_reshape(sizes(shape))?;
                Target::Classes(classes.f_to_device(device)?)
            }
            Targets::Labels(labels) => {
                let classes = labels.first().map_or(0, Vec::len);
                let numbers: Vec<f32> =
                    labels.iter().flatten().map(|label| f32::from(u8::from(*label))).collect();
                let labels = Tensor::f_from_slice(&numbers)?.f_reshape(sizes(&[labels.len(), classes]))?;
                Target::Labels(labels.f_to_device(device)?)
            }
            Targets::Values(values) => values_and_mask(values, device)?,
        };
        Ok(Self { input: tensor(&batch.input, device)?, target })
    }
}

/// Values of which NaN are unknown.
fn values_and_mask(values: &Array, device: Device) -> Result<Target, TchError> {
    if !values.data().iter().any(|value| value.is_nan()) {
        return Ok(Target::Values { values: tensor(values, device)?, known: None });
    }
    let data = values.data();
    let filled = Array::from_fn(values.shape(), |i| if data[i].is_nan() { 0.0 } else { data[i] });
    let known = Array::from_fn(values.shape(), |i| f32::from(u8::from(!data[i].is_nan())));
    Ok(Target::Values { values: tensor(&filled, device)?, known: Some(tensor(&known, device)?) })
}

/// The array on `device`.
pub(crate) fn tensor(array: &Array, device: Device) -> Result<Tensor, TchError> {
    torch::tensor(array)?.f_to_device(device)
}

fn sizes(shape: &[usize]) -> Vec<i64> {
    shape.iter().map(|&size| i64::try_from(size).expect("no axis of an array is that long")).collect()
}
