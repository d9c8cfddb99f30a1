//! The export and the reader as an interpreter of a graph.

use std::collections::BTreeMap;

use graph::{Array, Forward, ForwardError, Graph, Shape, Weights, batch_and_shapes, reference, single};
use model::Model;
use onnx::{Dim, Exported, Options, Sizes, TensorInfo};
use rten::{Value, ValueOrView};
use rten_tensor::Tensor;
use rten_tensor::prelude::*;

/// A graph that is exported and then run by the reader: with static sizes, once for each size that it is asked for.
pub(crate) struct Reader {
    model: Model,
    options: Options,
    loaded: Option<Loaded>,
}

/// A file that has been read, and the sizes that it was written for.
struct Loaded {
    batch: usize,
    shapes: Vec<Shape>,
    exported: Exported,
    file: rten::Model,
}

impl Reader {
    pub(crate) fn new(graph: &Graph, weights: &Weights, options: Options) -> Self {
        Self::of(Model::new(graph.clone(), weights.clone()), options)
    }

    pub(crate) fn of(model: Model, options: Options) -> Self {
        Self { model, options, loaded: None }
    }

    /// The file for inputs of this batch size and these shapes.
    fn load(&mut self, batch: usize, shapes: Vec<Shape>) -> Result<&Loaded, ForwardError> {
        let is_current = |loaded: &Loaded| match self.options.sizes {
            Sizes::Static { .. } => loaded.batch == batch && loaded.shapes == shapes,
            Sizes::DynamicBatch => loaded.shapes == shapes,
            Sizes::Dynamic => true,
        };
        let loaded = match self.loaded.take() {
            Some(loaded) if is_current(&loaded) => loaded,
            Some(_) | None => {
                let exported =
                    onnx::export(&self.model, &self.options_for(batch, &shapes)).map_err(failed)?;
                let file = rten::Model::load(exported.to_bytes()).map_err(failed)?;
                Loaded { batch, shapes, exported, file }
            }
        };
        Ok(self.loaded.insert(loaded))
    }

    fn options_for(&self, batch: usize, shapes: &[Shape]) -> Options {
        match self.options.sizes {
            Sizes::Static { .. } => Options {
                sizes: Sizes::Static { batch },
                input: shapes.first().cloned(),
                ..self.options.clone()
            },
            Sizes::DynamicBatch => Options { input: shapes.first().cloned(), ..self.options.clone() },
            Sizes::Dynamic => self.options.clone(),
        }
    }
}

impl Forward for Reader {
    fn graph(&self) -> &Graph {
        &self.model.graph
    }

    fn forward(&mut self, inputs: &[Array]) -> Result<Vec<Array>, ForwardError> {
        let (batch, shapes) = batch_and_shapes(inputs)?;
        let as_image = self.options.as_image;
        let loaded = self.load(batch, shapes)?;
        let mut sizes = BTreeMap::new();
        let mut given: Vec<(rten::NodeId, ValueOrView<'_>)> = Vec::new();
        for ((array, info), id) in inputs.iter().zip(loaded.exported.inputs()).zip(loaded.file.input_ids()) {
            let dims = if as_image { lifted(array.shape()) } else { array.shape().to_vec() };
            check(info, &dims, &mut sizes);
            assert_eq!(name(&loaded.file, *id), info.name);
            given.push((*id, Value::from(Tensor::from_data(&dims[..], array.data().to_vec())).into()));
        }
        let ids = loaded.file.output_ids();
        let outputs = loaded.file.run(given, ids, None).map_err(failed)?;
        let mut arrays = Vec::new();
        for ((output, info), id) in outputs.into_iter().zip(loaded.exported.outputs()).zip(ids) {
            let tensor: Tensor<f32> = output.try_into().map_err(failed)?;
            check(info, tensor.shape(), &mut sizes);
            assert_eq!(name(&loaded.file, *id), info.name);
            let dims = if as_image { lowered(tensor.shape()) } else { tensor.shape().to_vec() };
            let values: Vec<f32> = tensor.iter().copied().collect();
            arrays.push(Array::from_fn(dims, |i| values[i]));
        }
        Ok(arrays)
    }
}

/// The dimensions of a tensor of the reference, the batch first.
pub(crate) fn dims(tensor: &reference::Tensor) -> Vec<usize> {
    std::iter::once(tensor.batch).chain(tensor.shape.dims()).collect()
}

/// A tensor of the reference in single precision.
pub(crate) fn array(tensor: &reference::Tensor) -> Array {
    Array::from_fn(dims(tensor), |i| single(tensor.data[i]))
}

/// The dimensions of a series as an image of height 1.
fn lifted(dims: &[usize]) -> Vec<usize> {
    match dims {
        [batch, channels, length] => vec![*batch, *channels, 1, *length],
        _ => dims.to_vec(),
    }
}

/// The dimensions of an image of height 1 as those of a series.
fn lowered(dims: &[usize]) -> Vec<usize> {
    match dims {
        [batch, channels, 1, length] => vec![*batch, *channels, *length],
        _ => dims.to_vec(),
    }
}

/// Panics if an array does not have the shape that the file declares. Dynamic axes with equal names have equal sizes.
fn check(info: &TensorInfo, dims: &[usize], sizes: &mut BTreeMap<String, usize>) {
    assert_eq!(info.dims.len(), dims.len(), "{info}: {dims:?}");
    for (declared, size) in info.dims.iter().zip(dims) {
        match declared {
            Dim::Fixed(declared) => assert_eq!(declared, size, "{info}: {dims:?}"),
            Dim::Dynamic(name) => {
                assert_eq!(sizes.entry(name.clone()).or_insert(*size), size, "{info}: {dims:?}");
            }
        }
    }
}

fn name(file: &rten::Model, id: rten::NodeId) -> &str {
    file.node_info(id).and_then(|info| info.name()).expect("inputs and outputs have names")
}

fn failed(error: impl std::error::Error) -> ForwardError {
    ForwardError::Interpreter(error.to_string().into())
}
