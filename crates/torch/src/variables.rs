//! The variables of a net, in the caller's store.

use graph::{Graph, Parameter, Role, Table, Value, Weights};
use tch::{Device, Kind, TchError, Tensor, nn};

use crate::array::tensor;
use crate::error::{TorchError, first_line};
use crate::number::is_float;

/// The tensors of each node's parameters. They share storage with those in the store, so that
/// whatever an optimizer or the store does to one happens to the other.
pub(crate) struct Variables {
    nodes: Table<NodeVariables>,
    /// Device of a net without variables.
    device: Device,
}

struct NodeVariables {
    parameters: Vec<Parameter>,
    tensors: NodeTensors,
    /// Whether a batch norm keeps to its running statistics.
    frozen: bool,
}

impl NodeVariables {
    fn iter(&self) -> impl ExactSizeIterator<Item = (&Parameter, &Tensor)> {
        self.parameters.iter().zip(self.tensors.tensors.iter().map(|(_, tensor)| tensor))
    }
}

/// The tensors of one node's parameters, by role.
#[derive(Debug)]
pub(crate) struct NodeTensors {
    tensors: Vec<(Role, Tensor)>,
}

impl NodeTensors {
    /// The parameter of `role`, if the node has one.
    pub(crate) fn get(&self, role: Role) -> Option<&Tensor> {
        self.tensors.iter().find(|(found, _)| *found == role).map(|(_, tensor)| tensor)
    }

    /// The parameter of a role that the node's operation always has.
    pub(crate) fn expect(&self, role: Role) -> &Tensor {
        self.get(role).expect("the operation has a parameter of this role")
    }

    /// Other tensors in the same roles.
    pub(crate) fn map(&self, change: impl Fn(&Tensor) -> Result<Tensor, TchError>) -> Result<Self, TchError> {
        let changed = self.tensors.iter().map(|(role, tensor)| Ok((*role, change(tensor)?)));
        Ok(Self { tensors: changed.collect::<Result<_, TchError>>()? })
    }
}

impl Variables {
    /// Makes the variables of `graph` from `weights`, which have every parameter.
    pub(crate) fn new(path: &nn::Path<'_>, graph: &Graph, weights: &Weights) -> Result<Self, TorchError> {
        for parameter in graph.parameters() {
            check(path, &parameter)?;
        }
        let mut nodes = Table::new();
        for (_, node) in graph.nodes() {
            let parameters = graph.parameters_of(node);
            let mut tensors = Vec::new();
            for parameter in &parameters {
                tensors.push((parameter.role, make(path, parameter, weights)?));
            }
            nodes.push(NodeVariables { parameters, tensors: NodeTensors { tensors }, frozen: false });
        }
        Ok(Self { nodes, device: path.device() })
    }

    /// The tensors of the node that computes `value`.
    pub(crate) fn of(&self, value: Value) -> &NodeTensors {
        &self.nodes[value].tensors
    }

    pub(crate) fn is_frozen(&self, value: Value) -> bool {
        self.nodes[value].frozen
    }

    pub(crate) fn set_frozen(&mut self, value: Value, frozen: bool) {
        self.nodes[value].frozen = frozen;
    }

    /// All parameters and their tensors, in order of computation.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Parameter, &Tensor)> {
        self.nodes.values().flat_map(NodeVariables::iter)
    }

    /// The parameters of the node that computes `value`, and their tensors.
    pub(crate) fn iter_of(&self, value: Value) -> impl ExactSizeIterator<Item = (&Parameter, &Tensor)> {
        self.nodes[value].iter()
    }

    pub(crate) fn len(&self) -> usize {
        self.iter().count()
    }

    /// The device of the variables now; the store may have moved them.
    pub(crate) fn device(&self) -> Device {
        self.first().map_or(self.device, Tensor::device)
    }

    /// The variables' kind now, if there are any.
    pub(crate) fn kind(&self) -> Option<Kind> {
        self.first().map(Tensor::kind)
    }

    fn first(&self) -> Option<&Tensor> {
        self.iter().next().map(|(_, tensor)| tensor)
    }
}

/// Checks that the store can hold a parameter.
fn check(path: &nn::Path<'_>, parameter: &Parameter) -> Result<(), TorchError> {
    let (place, last) = place(path, &parameter.name);
    let refuse = |reason: String| Err(TorchError::Variable { name: place.path(last), reason });
    if !is_float(path.kind()) {
        return refuse(format!("expected a store of floating-point kind, found {:?}", path.kind()));
    }
    if place.get(last).is_some() {
        return refuse("the store already has a variable of this name".to_owned());
    }
    Ok(())
}

/// Makes the variable of a parameter.
fn make(path: &nn::Path<'_>, parameter: &Parameter, weights: &Weights) -> Result<Tensor, TorchError> {
    let (place, last) = place(path, &parameter.name);
    let array = weights.get(&parameter.name).expect("the weights have every parameter");
    let tensor =
        tensor(array)
            .and_then(|tensor| tensor.f_to_kind(path.kind())?.f_to_device(path.device()))
            .map_err(|error| TorchError::Variable { name: place.path(last), reason: first_line(&error) })?;
    Ok(place.add(last, tensor, parameter.role.is_trainable()))
}

/// The path and last part of a dotted name; tch takes no dots.
fn place<'p, 'n>(path: &nn::Path<'p>, name: &'n str) -> (nn::Path<'p>, &'n str) {
    let (above, last) = name.rsplit_once('.').unwrap_or(("", name));
    let parts = above.split('.').filter(|part| !part.is_empty());
    (parts.fold(path.clone(), |path, part| path / part), last)
}
