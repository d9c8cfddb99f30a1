//! Trained models on libtorch.

use graph::{Array, Forward, ForwardError, Graph};
use model::Model;
use torch::Net;
use torch::tch::{Device, nn};

use crate::failure::Failure;

/// An interpreter of a model's graph that runs on libtorch.
pub(crate) fn interpreter(model: &Model, device: Device) -> Result<Box<dyn Forward>, Failure> {
    let store = nn::VarStore::new(device);
    let net = Net::with_weights(&store.root(), model.graph.clone(), &model.weights)?;
    Ok(Box::new(Libtorch(net)))
}

struct Libtorch(Net);

impl Forward for Libtorch {
    fn graph(&self) -> &Graph {
        self.0.graph()
    }

    fn forward(&mut self, inputs: &[Array]) -> Result<Vec<Array>, ForwardError> {
        let run = |input| train::predict(&self.0, input);
        let outputs: Result<Vec<Array>, _> = inputs.iter().map(run).collect();
        outputs.map_err(|error| ForwardError::Interpreter(Box::new(error)))
    }
}
