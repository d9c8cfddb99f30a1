//! Weights copied into nets and out of them.

use std::path::Path;

use graph::{LoadReport, Parameter, Weights};
use tch::Tensor;

use crate::array::{array, tensor};
use crate::error::{TorchError, first_line};
use crate::net::Net;

/// The treatment of weights that do not match the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Load {
    /// They are an error, and nothing is loaded.
    Strict,
    /// They are left out; those that match are loaded.
    Partial,
}

impl Net {
    /// A copy of all variables as f32, running statistics included.
    ///
    /// # Panics
    /// If the device refuses to copy them.
    pub fn weights(&self) -> Weights {
        let copy = |(parameter, tensor): (&Parameter, &Tensor)| {
            let array = array(tensor).unwrap_or_else(|error| panic!("{}: {error}", parameter.name));
            (parameter.name.clone(), array)
        };
        self.variables.iter().map(copy).collect()
    }

    /// Copies weights into the variables, which stay the same tensors: an optimizer made before
    /// continues with the new values. Reports which match.
    ///
    /// # Errors
    /// With [`Load::Strict`], if any weight is missing, unexpected or misshapen. Nothing is changed then.
    pub fn load(&mut self, weights: &Weights, load: Load) -> Result<LoadReport, TorchError> {
        let report = weights.compare(&self.graph);
        if load == Load::Strict && !report.is_exact() {
            return Err(TorchError::Weights(report));
        }
        tch::no_grad(|| self.copy_in(weights))?;
        Ok(report)
    }

    /// As [`Net::load`], from a safetensors file.
    ///
    /// # Errors
    /// As [`Net::load`], and if the file cannot be read. The error names the file. Nothing is changed then.
    pub fn load_file(&mut self, path: impl AsRef<Path>, load: Load) -> Result<LoadReport, TorchError> {
        let path = path.as_ref();
        self.load(&Weights::read(path)?, load).map_err(|error| match error {
            TorchError::Weights(report) => {
                TorchError::WeightsFile { path: path.to_owned(), report: Box::new(report) }
            }
            error => error,
        })
    }

    /// Draws new values for all variables, as described at [`graph::Weights::initial`]. Each is a function of the
    /// seed and its own name: adding or removing a layer leaves the others' values alone.
    ///
    /// # Errors
    /// If libtorch refuses to copy them.
    pub fn initialize(&mut self, seed: u64) -> Result<(), TorchError> {
        self.load(&Weights::initial(&self.graph, seed), Load::Strict).map(drop)
    }

    /// All variables by name, in order of computation; they share storage with those in the store.
    pub fn variables(&self) -> Vec<(String, Tensor)> {
        let shared =
            |(parameter, tensor): (&Parameter, &Tensor)| (parameter.name.clone(), tensor.shallow_clone());
        self.variables.iter().map(shared).collect()
    }

    /// The variables that gradients reach now: trainable and not frozen.
    pub fn trainable(&self) -> Vec<(String, Tensor)> {
        self.variables().into_iter().filter(|(_, tensor)| tensor.requires_grad()).collect()
    }

    fn copy_in(&self, weights: &Weights) -> Result<(), TorchError> {
        for (parameter, variable) in self.variables.iter() {
            let Some(array) = weights.get(&parameter.name) else { continue };
            if array.shape() != parameter.shape {
                continue;
            }
            tensor(array).and_then(|values| variable.shallow_clone().f_copy_(&values)).map_err(|error| {
                TorchError::Variable { name: parameter.name.clone(), reason: first_line(&error) }
            })?;
        }
        Ok(())
    }
}
