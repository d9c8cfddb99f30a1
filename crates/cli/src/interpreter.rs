//! Trained models on libtorch.

use graph::Forward;
use model::Model;
use torch::Net;
use torch::tch::{Device, nn};

use crate::failure::Failure;

/// An interpreter of a model's graph that runs on libtorch.
pub(crate) fn interpreter(model: &Model, device: Device) -> Result<Box<dyn Forward>, Failure> {
    let store = nn::VarStore::new(device);
    let net = Net::with_weights(&store.root(), model.graph.clone(), &model.weights)?;
    Ok(Box::new(net))
}
