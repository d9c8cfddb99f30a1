//! Weights in and out.

use graph::{LoadReport, Weights};
use tch::Tensor;

use crate::error::{Error, first_line};
use crate::net::Net;
use crate::variables::{array, tensor};

/// What becomes of weights that do not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Load {
    /// They are an error, and nothing is loaded.
    Strict,
    /// They stay out; what fits is loaded.
    Partial,
}

impl Net {
    /// A copy of all variables as f32, running statistics included.
    ///
    /// # Panics
    /// When the device refuses to copy them.
    pub fn weights(&self) -> Weights {
        let copies = self.variables.iter().map(|(parameter, tensor)| {
            let array =
                array(parameter, tensor).unwrap_or_else(|error| panic!("{}: {error}", parameter.name));
            (parameter.name.clone(), array)
        });
        copies.collect()
    }

    /// Copies weights into the variables, which stay the same tensors: an optimizer made before
    /// goes on with the new values. Reports what fits.
    ///
    /// # Errors
    /// With [`Load::Strict`] anything missing, unexpected or misshapen; nothing is changed then.
    pub fn load(&mut self, weights: &Weights, load: Load) -> Result<LoadReport, Error> {
        let fit = weights.compare(&self.graph);
        if load == Load::Strict && !fit.is_exact() {
            return Err(Error::Weights(fit));
        }
        tch::no_grad(|| self.copy_in(weights))?;
        Ok(fit)
    }

    /// Draws all variables anew, as [`graph::Weights::initial`] says. Each is a function of the
    /// seed and its own name: a layer more or less leaves the others' values alone.
    ///
    /// # Errors
    /// When libtorch refuses to copy.
    pub fn initialise(&mut self, seed: u64) -> Result<(), Error> {
        self.load(&Weights::initial(&self.graph, seed), Load::Strict).map(drop)
    }

    /// All variables by name, in order of computation; they share storage with those in the store.
    pub fn variables(&self) -> Vec<(String, Tensor)> {
        let shared = |(parameter, tensor): (&graph::Parameter, &Tensor)| {
            (parameter.name.clone(), tensor.shallow_clone())
        };
        self.variables.iter().map(shared).collect()
    }

    /// The variables that gradients reach now: trainable and not frozen.
    pub fn trainable(&self) -> Vec<(String, Tensor)> {
        self.variables().into_iter().filter(|(_, tensor)| tensor.requires_grad()).collect()
    }

    fn copy_in(&self, weights: &Weights) -> Result<(), Error> {
        for (parameter, variable) in self.variables.iter() {
            let Some(array) = weights.get(&parameter.name) else { continue };
            if array.shape() != parameter.shape {
                continue;
            }
            tensor(array).and_then(|values| variable.shallow_clone().f_copy_(&values)).map_err(|error| {
                Error::Variable { name: parameter.name.clone(), reason: first_line(&error) }
            })?;
        }
        Ok(())
    }
}
