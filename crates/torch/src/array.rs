//! Arrays to tensors and back.

use graph::Array;
use tch::{Device, Kind, TchError, Tensor};

use crate::number::{ints, sizes};

/// The array as a tensor of f32 on the CPU.
///
/// ```
/// use graph::Array;
/// let array = Array::from_fn([2, 3], |i| i as f32);
/// let tensor = torch::tensor(&array)?;
/// assert_eq!(tensor.size(), [2, 3]);
/// assert_eq!(torch::array(&tensor)?, array);
/// # Ok::<(), torch::tch::TchError>(())
/// ```
///
/// # Errors
/// If libtorch cannot allocate it.
pub fn tensor(array: &Array) -> Result<Tensor, TchError> {
    Tensor::f_from_slice(array.data())?.f_reshape(ints(array.shape().iter().copied()))
}

/// The values of a tensor of any kind and device as f32.
///
/// # Errors
/// If libtorch cannot copy them.
pub fn array(tensor: &Tensor) -> Result<Array, TchError> {
    let flat = tensor.detach().f_to_device(Device::Cpu)?.f_to_kind(Kind::Float)?.f_reshape([-1])?;
    let data = Vec::<f32>::try_from(&flat)?;
    Ok(Array::new(sizes(tensor), data).expect("a tensor has as many elements as its sizes say"))
}
