//! The variables of a net as views of one tensor.

use graph::{Array, Weights};
use torch::tch::{Device, Kind, TchError, Tensor};

/// Variables laid one after the other in one flat tensor, of which they become views: an update of all
/// of them is one operation, however many there are.
pub(crate) struct ParameterBuffer {
    slots: Vec<Slot>,
    /// All values, `[elements]`.
    pub(crate) values: Tensor,
}

struct Slot {
    name: String,
    variable: Tensor,
    shape: Vec<i64>,
    start: i64,
    length: i64,
}

impl ParameterBuffer {
    /// Lays out variables of one kind and device.
    pub(crate) fn new(variables: Vec<(String, Tensor)>, device: Device) -> Result<Self, TchError> {
        let flat: Vec<Tensor> = variables
            .iter()
            .map(|(_, variable)| variable.detach().f_flatten(0, -1))
            .collect::<Result<_, _>>()?;
        let values = if flat.is_empty() {
            Tensor::f_zeros([0], (Kind::Float, device))?
        } else {
            Tensor::f_cat(&flat, 0)?
        };
        let mut start = 0;
        let mut slots = Vec::with_capacity(variables.len());
        for (name, mut variable) in variables {
            let shape = variable.size();
            let length = shape.iter().product();
            variable.f_set_data(&view(&values, start, length, &shape)?)?;
            slots.push(Slot { name, variable, shape, start, length });
            start += length;
        }
        Ok(Self { slots, values })
    }

    /// Zeros in the layout of the values.
    pub(crate) fn zeros(&self) -> Result<Tensor, TchError> {
        self.values.f_zeros_like()
    }

    /// The variables.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &Tensor> {
        self.slots.iter().map(|slot| &slot.variable)
    }

    /// The views, one for each variable, of a tensor in the layout of the values.
    pub(crate) fn views(&self, flat: &Tensor) -> Result<Vec<Tensor>, TchError> {
        self.slots.iter().map(|slot| view(flat, slot.start, slot.length, &slot.shape)).collect()
    }

    /// Copies a tensor in the layout of the values to named arrays.
    pub(crate) fn save(&self, flat: &Tensor, prefix: &str, into: &mut Weights) -> Result<(), TchError> {
        let data = Vec::<f32>::try_from(&flat.f_to_device(Device::Cpu)?)?;
        for slot in &self.slots {
            let (start, length) = (index(slot.start), index(slot.length));
            let array = Array::new(slot.sizes(), data[start..start + length].to_vec());
            let array = array.expect("a slot has as many elements as its shape");
            into.insert(format!("{prefix}{}", slot.name), array);
        }
        Ok(())
    }

    /// Copies named arrays to a tensor in the layout of the values. Returns the name of the first array
    /// that is missing or misshapen, if any.
    pub(crate) fn load(
        &self,
        flat: &Tensor,
        prefix: &str,
        from: &Weights,
    ) -> Result<Option<String>, TchError> {
        let mut data = Vec::new();
        for slot in &self.slots {
            let name = format!("{prefix}{}", slot.name);
            match from.get(&name) {
                Some(array) if array.shape() == slot.sizes() => data.extend_from_slice(array.data()),
                Some(_) | None => return Ok(Some(name)),
            }
        }
        flat.shallow_clone().f_copy_(&Tensor::f_from_slice(&data)?)?;
        Ok(None)
    }
}

impl Slot {
    fn sizes(&self) -> Vec<usize> {
        self.shape.iter().map(|size| index(*size)).collect()
    }
}

fn view(flat: &Tensor, start: i64, length: i64, shape: &[i64]) -> Result<Tensor, TchError> {
    flat.f_narrow(0, start, length)?.f_view(shape)
}

fn index(n: i64) -> usize {
    usize::try_from(n).expect("sizes are not negative")
}
