//! The interface of all interpreters, on libtorch.

use graph::{Array, Forward, ForwardError, Graph};
use tch::{Kind, Tensor};

use crate::array::{array, tensor};
use crate::error::{TorchError, first_line};
use crate::net::Net;

impl Forward for Net {
    fn graph(&self) -> &Graph {
        &self.graph
    }

    fn forward(&mut self, inputs: &[Array]) -> Result<Vec<Array>, ForwardError> {
        (&*self).forward(inputs)
    }
}

impl Forward for &Net {
    fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Runs in inference, without gradients, on the net's device and in its kind.
    fn forward(&mut self, inputs: &[Array]) -> Result<Vec<Array>, ForwardError> {
        tch::no_grad(|| self.forward_arrays(inputs)).map_err(|error| match error {
            TorchError::Graph(error) => ForwardError::Input(error),
            error => ForwardError::Interpreter(Box::new(error)),
        })
    }
}

impl Net {
    fn forward_arrays(&self, inputs: &[Array]) -> Result<Vec<Array>, TorchError> {
        let (kind, device) = (self.variables.kind().unwrap_or(Kind::Float), self.device());
        let mut tensors: Vec<Tensor> = Vec::new();
        for input in inputs {
            let moved = tensor(input).and_then(|x| x.f_to_kind(kind)?.f_to_device(device));
            tensors.push(moved.map_err(|error| TorchError::Copy(first_line(&error)))?);
        }
        let mut outputs = Vec::new();
        for (_, output) in self.run_all(&tensors, false)? {
            outputs.push(array(&output).map_err(|error| TorchError::Copy(first_line(&error)))?);
        }
        Ok(outputs)
    }
}
