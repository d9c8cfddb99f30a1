//! Variables as parts of one tensor.

use graph::{Array, Weights};
use torch::tch::{Device, Kind, TchError, Tensor};

/// Variables laid one after the other in one flat tensor, of which they are views from then on: what
/// is done to all of them is one operation, however many there are.
pub(crate) struct Flat {
    parts: Vec<Part>,
    /// All values, `[elements]`.
    pub(crate) values: Tensor,
}

struct Part {
    name: String,
    variable: Tensor,
    shape: Vec<i64>,
    start: i64,
    length: i64,
}

impl Flat {
    /// Lays out variables of one kind and device.
    pub(crate) fn new(variables: Vec<(String, Tensor)>, device: Device) -> Result<Self, TchError> {
        let flat: Vec<Tensor> = variables
            .iter()
            .map(|(_, variable)| variable.detach().f_flatten(0, -1))
            .collect::<Result<_, _>>()?;
        let values = match flat.is_empty() {
            true => Tensor::f_zeros([0], (Kind::Float, device))?,
            false => Tensor::f_cat(&flat, 0)?,
        };
        let mut start = 0;
        let mut parts = Vec::with_capacity(variables.len());
        for (name, mut variable) in variables {
            let shape = variable.size();
            let length = shape.iter().product();
            variable.f_set_data(&part(&values, start, length, &shape)?)?;
            parts.push(Part { name, variable, shape, start, length });
            start += length;
        }
        Ok(Self { parts, values })
    }

    /// Zeros, one for each value.
    pub(crate) fn zeros(&self) -> Result<Tensor, TchError> {
        self.values.f_zeros_like()
    }

    /// The variables.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &Tensor> {
        self.parts.iter().map(|part| &part.variable)
    }

    /// The parts of a tensor that is laid out as the values are.
    pub(crate) fn views(&self, flat: &Tensor) -> Result<Vec<Tensor>, TchError> {
        self.parts.iter().map(|p| part(flat, p.start, p.length, &p.shape)).collect()
    }

    /// Copies a tensor that is laid out as the values are to named arrays.
    pub(crate) fn save(&self, flat: &Tensor, prefix: &str, into: &mut Weights) -> Result<(), TchError> {
        let data = Vec::<f32>::try_from(&flat.f_to_device(Device::Cpu)?)?;
        for part in &self.parts {
            let (start, length) = (index(part.start), index(part.length));
            let shape: Vec<usize> = part.shape.iter().map(|size| index(*size)).collect();
            let array = Array::new(shape, data[start..start + length].to_vec());
            into.insert(format!("{prefix}{}", part.name), array.expect("a part has its shape's elements"));
        }
        Ok(())
    }

    /// Copies named arrays to a tensor that is laid out as the values are; the name of the first that
    /// is missing or misshapen, if any is.
    pub(crate) fn load(
        &self,
        flat: &Tensor,
        prefix: &str,
        from: &Weights,
    ) -> Result<Option<String>, TchError> {
        let mut data = Vec::new();
        for part in &self.parts {
            let name = format!("{prefix}{}", part.name);
            let found = from.get(&name);
            match found
                .filter(|array| array.shape().iter().copied().eq(part.shape.iter().copied().map(index)))
            {
                Some(array) => data.extend_from_slice(array.data()),
                None => return Ok(Some(name)),
            }
        }
        flat.shallow_clone().f_copy_(&Tensor::f_from_slice(&data)?)?;
        Ok(None)
    }
}

fn part(flat: &Tensor, start: i64, length: i64, shape: &[i64]) -> Result<Tensor, TchError> {
    flat.f_narrow(0, start, length)?.f_view(shape)
}

fn index(n: i64) -> usize {
    usize::try_from(n).expect("sizes are not negative")
}
