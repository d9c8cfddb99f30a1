//! The variables of a net, in the caller's store.

use graph::{Array, Graph, Parameter, Value, Weights};
use tch::{Device, Kind, TchError, Tensor, nn};

use crate::error::{Error, first_line};
use crate::net::is_float;
use crate::number::ints;

/// The tensors of each node's parameters. They share storage with those in the store, so that
/// whatever an optimizer or the store does to one happens to the other.
pub(crate) struct Variables {
    nodes: Vec<NodeVariables>,
    /// Device of a net without variables.
    device: Device,
}

struct NodeVariables {
    parameters: Vec<Parameter>,
    tensors: Vec<Tensor>,
    /// Whether a batch norm keeps to its running statistics.
    frozen: bool,
}

impl Variables {
    /// Makes the variables of `graph` from `weights`, which have every parameter.
    pub(crate) fn new(path: &nn::Path<'_>, graph: &Graph, weights: &Weights) -> Result<Self, Error> {
        let parameters: Vec<Parameter> = graph.parameters().collect();
        for parameter in &parameters {
            let (place, last) = place(path, &parameter.name);
            let refuse = |reason: String| Err(Error::Variable { name: place.path(last), reason });
            if !is_float(path.kind()) {
                return refuse(format!("a store of floating-point kind is needed, not {:?}", path.kind()));
            }
            if place.get(last).is_some() {
                return refuse("the store already has one of this name".to_owned());
            }
        }
        let make = |parameter: &Parameter| {
            let (place, last) = place(path, &parameter.name);
            let array = weights.get(&parameter.name).expect("the weights have every parameter");
            let tensor = tensor(array)
                .and_then(|tensor| tensor.f_to_kind(path.kind())?.f_to_device(path.device()))
                .map_err(|error| Error::Variable { name: place.path(last), reason: first_line(&error) })?;
            Ok(place.add(last, tensor, parameter.role.is_trainable()))
        };
        let nodes = graph.nodes().map(|(_, node)| {
            let parameters = graph.parameters_of(node);
            let tensors = parameters.iter().map(make).collect::<Result<_, Error>>()?;
            Ok(NodeVariables { parameters, tensors, frozen: false })
        });
        Ok(Self { nodes: nodes.collect::<Result<_, Error>>()?, device: path.device() })
    }

    /// The tensors of the node that computes `value`.
    pub(crate) fn of(&self, value: Value) -> &[Tensor] {
        &self.nodes[value.index()].tensors
    }

    pub(crate) fn is_frozen(&self, value: Value) -> bool {
        self.nodes[value.index()].frozen
    }

    pub(crate) fn set_frozen(&mut self, value: Value, frozen: bool) {
        self.nodes[value.index()].frozen = frozen;
    }

    /// All parameters and their tensors, in order of computation.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Parameter, &Tensor)> {
        self.nodes.iter().flat_map(|node| node.parameters.iter().zip(&node.tensors))
    }

    pub(crate) fn len(&self) -> usize {
        self.iter().count()
    }

    /// Where the variables are now; the store may have moved them.
    pub(crate) fn device(&self) -> Device {
        self.first().map_or(self.device, Tensor::device)
    }

    /// The variables' kind now, if there are any.
    pub(crate) fn kind(&self) -> Option<Kind> {
        self.first().map(Tensor::kind)
    }

    fn first(&self) -> Option<&Tensor> {
        self.nodes.iter().flat_map(|node| &node.tensors).next()
    }
}

/// The path and last part of a dotted name; tch takes no dots.
fn place<'p, 'n>(path: &nn::Path<'p>, name: &'n str) -> (nn::Path<'p>, &'n str) {
    let (above, last) = name.rsplit_once('.').unwrap_or(("", name));
    let parts = above.split('.').filter(|part| !part.is_empty());
    (parts.fold(path.clone(), |path, part| path / part), last)
}

/// The array on the CPU.
pub(crate) fn tensor(array: &Array) -> Result<Tensor, TchError> {
    Tensor::f_from_slice(array.data())?.f_reshape(ints(array.shape().iter().copied()))
}

/// The tensor's values as f32.
pub(crate) fn array(parameter: &Parameter, tensor: &Tensor) -> Result<Array, TchError> {
    let flat = tensor.detach().f_to_device(Device::Cpu)?.f_to_kind(Kind::Float)?.f_reshape([-1])?;
    let data = Vec::<f32>::try_from(&flat)?;
    let found = data.len();
    Array::new(parameter.shape.as_slice(), data).ok_or_else(|| {
        TchError::Shape(format!("{found} values where {} has {}", parameter.name, parameter.elements()))
    })
}
