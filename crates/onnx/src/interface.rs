//! Inputs and outputs of the file.

use graph::{Shape, Value};

use crate::exported::{Dim, TensorInfo};
use crate::options::Sizes;
use crate::proto::{DimensionProto, FLOAT, TensorShapeProto, TensorTypeProto, TypeProto, ValueInfoProto};
use crate::sizes::{AxisSize, SizeChanges};

/// Names and sizes of the axes of inputs and outputs.
pub(crate) struct Interface<'m> {
    pub(crate) sizes: Sizes,
    /// The sizes of all values, if they are dynamic.
    pub(crate) changes: Option<&'m SizeChanges>,
    /// Whether series are images of height 1.
    pub(crate) as_image: bool,
    /// The first input.
    pub(crate) input: Value,
}

impl Interface<'_> {
    /// The input or output `name`. `shape` is its shape at the exported size, and `channels` the number of channels in
    /// the file.
    pub(crate) fn tensor(&self, name: &str, value: Value, shape: &Shape, channels: usize) -> TensorInfo {
        let batch = match self.sizes {
            Sizes::Static { batch } => Dim::Fixed(batch),
            Sizes::DynamicBatch | Sizes::Dynamic => Dim::Dynamic("batch".to_owned()),
        };
        let channels = match self.changes {
            Some(changes) if changes.has_dynamic_channels(value) => Dim::Dynamic(format!("{name}_channels")),
            Some(_) | None => Dim::Fixed(channels),
        };
        let mut dims = vec![batch, channels];
        if self.as_image && shape.rank() == 1 {
            dims.push(Dim::Fixed(1));
        }
        for (axis, size) in shape.space.iter().enumerate() {
            dims.push(self.axis(name, value, axis, shape.rank(), *size));
        }
        TensorInfo { name: name.to_owned(), dims }
    }

    fn axis(&self, name: &str, value: Value, axis: usize, rank: usize, size: usize) -> Dim {
        let Some(changes) = self.changes else { return Dim::Fixed(size) };
        let axis_name = match (rank, axis) {
            (1, _) => "length",
            (_, 0) => "height",
            (_, _) => "width",
        };
        match changes.axis(value, axis, self.input) {
            AxisSize::Constant(size) => Dim::Fixed(size),
            AxisSize::Input => Dim::Dynamic(axis_name.to_owned()),
            AxisSize::Other => Dim::Dynamic(format!("{name}_{axis_name}")),
        }
    }
}

/// The message of an input or output.
pub(crate) fn value_info(tensor: &TensorInfo) -> ValueInfoProto {
    let dim = |dim: &Dim| match dim {
        Dim::Fixed(size) => DimensionProto { dim_value: Some(size.cast_signed() as i64), dim_param: None },
        Dim::Dynamic(name) => DimensionProto { dim_value: None, dim_param: Some(name.clone()) },
    };
    let shape = TensorShapeProto { dim: tensor.dims.iter().map(dim).collect() };
    let tensor_type = TensorTypeProto { elem_type: FLOAT, shape: Some(shape) };
    ValueInfoProto { name: tensor.name.clone(), r#type: Some(TypeProto { tensor_type: Some(tensor_type) }) }
}
