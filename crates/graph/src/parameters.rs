//! The parameters of nodes: names, shapes and roles.

use crate::{BuildError, ErrorKind, Graph, LARGEST_PARAMETER_COUNT, Node, Op, Shape};

/// A named array that a node computes with. The roles of a node's parameters differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Name in checkpoints, such as `layer1.0.conv1.weight`.
    pub name: String,
    /// Shape, as torch stores it.
    pub shape: Vec<usize>,
    /// Its role in the operation.
    pub role: Role,
}

/// Role of a parameter in its operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Kernel of a convolution, matrix of a linear layer, direction of a weight norm.
    Weight,
    /// Added to the result.
    Bias,
    /// Factor of a norm.
    Scale,
    /// Length of a weight norm, one per output channel.
    Length,
    /// Running mean of a batch norm; not trained.
    Mean,
    /// Running variance of a batch norm; not trained.
    Variance,
}

impl Role {
    /// Whether gradients reach it.
    pub fn is_trainable(self) -> bool {
        !matches!(self, Self::Mean | Self::Variance)
    }
}

impl Parameter {
    /// Number of elements; saturates.
    pub fn elements(&self) -> usize {
        self.shape.iter().fold(1, |n, &size| n.saturating_mul(size))
    }

    /// Inputs that one output element sums over: `prod(shape[1..])`, torch's fan-in.
    pub fn fan_in(&self) -> usize {
        self.shape.iter().skip(1).fold(1, |n, &size| n.saturating_mul(size))
    }
}

/// Returns the number of parameters of a graph with this node in addition to `others`, or an error if the limit is
/// exceeded.
pub(crate) fn count_with<'p>(
    others: usize,
    node: &Node,
    parameters: impl IntoIterator<Item = &'p Parameter>,
) -> Result<usize, BuildError> {
    // At most 2^40 input channels and three attributes of up to 2^24, so the product fits.
    let elements = |parameter: &Parameter| parameter.shape.iter().map(|size| *size as u128).product::<u128>();
    let of_node: u128 = parameters.into_iter().map(elements).sum();
    match usize::try_from(others as u128 + of_node) {
        Ok(count) if count <= LARGEST_PARAMETER_COUNT => return Ok(count),
        _ => {}
    }
    let message = format!(
        "expected at most {LARGEST_PARAMETER_COUNT} parameters in a graph, found {of_node} in this node and {others} before it"
    );
    Err(BuildError::new(&node.name, ErrorKind::Limit, message))
}

impl Graph {
    /// The number of elements of all parameters, running statistics included; at most
    /// [`LARGEST_PARAMETER_COUNT`].
    pub fn parameter_count(&self) -> usize {
        self.parameter_count
    }

    /// All parameters, in order of computation.
    pub fn parameters(&self) -> impl Iterator<Item = Parameter> {
        self.nodes().flat_map(|(_, node)| self.parameters_of(node))
    }

    /// The parameters of one node of this graph, each of another role.
    pub fn parameters_of(&self, node: &Node) -> Vec<Parameter> {
        let inputs: Vec<&Shape> = node.inputs.iter().map(|value| &self.node(*value).shape).collect();
        node.parameters_of(&inputs).collect()
    }
}

impl Node {
    pub(crate) fn parameters_of(&self, inputs: &[&Shape]) -> impl Iterator<Item = Parameter> {
        let local = local(&self.op, inputs);
        let named =
            move |(suffix, shape, role)| Parameter { name: format!("{}.{suffix}", self.name), shape, role };
        local.into_iter().map(named)
    }
}

type Local = (&'static str, Vec<usize>, Role);

fn local(op: &Op, inputs: &[&Shape]) -> Vec<Local> {
    match op {
        Op::Conv(conv) => {
            let kernel = conv.kernel.axes(inputs[0].rank());
            let weight = [conv.out, inputs[0].channels / conv.groups].into_iter().chain(kernel).collect();
            let mut parameters =
                if conv.weight_norm { weight_norm(weight) } else { vec![("weight", weight, Role::Weight)] };
            parameters.extend(bias(conv.bias, conv.out));
            parameters
        }
        Op::ConvTranspose(conv) => {
            let kernel = conv.kernel.axes(inputs[0].rank());
            let weight = [inputs[0].channels, conv.out / conv.groups].into_iter().chain(kernel).collect();
            let mut parameters = vec![("weight", weight, Role::Weight)];
            parameters.extend(bias(conv.bias, conv.out));
            parameters
        }
        Op::Linear(linear) => {
            let mut parameters = vec![("weight", vec![linear.out, inputs[0].channels], Role::Weight)];
            parameters.extend(bias(linear.bias, linear.out));
            parameters
        }
        Op::BatchNorm(norm) => {
            let channels = vec![inputs[0].channels];
            let mut parameters = affine(norm.affine, &channels);
            parameters.push(("running_mean", channels.clone(), Role::Mean));
            parameters.push(("running_var", channels, Role::Variance));
            parameters
        }
        Op::LayerNorm { .. } => affine(true, &[inputs[0].channels]),
        Op::GroupNorm(norm) => affine(norm.affine, &[inputs[0].channels]),
        Op::PositionNorm { .. } => affine(true, &inputs[0].space),
        Op::Input { .. } | Op::Activation(_) | Op::Softmax | Op::Add | Op::Multiply | Op::Concat => {
            Vec::new()
        }
        Op::Slice { .. } | Op::MaxPool(_) | Op::AveragePool { .. } | Op::GlobalMean => Vec::new(),
        Op::Upsample { .. } | Op::CropOrPad | Op::Select(_) | Op::Reverse => Vec::new(),
        Op::Dropout { .. } | Op::Flatten => Vec::new(),
    }
}

/// Names as torch's `parametrizations.weight_norm` stores them.
fn weight_norm(weight: Vec<usize>) -> Vec<Local> {
    let mut length = vec![1; weight.len()];
    length[0] = weight[0];
    vec![
        ("parametrizations.weight.original0", length, Role::Length),
        ("parametrizations.weight.original1", weight, Role::Weight),
    ]
}

fn bias(present: bool, out: usize) -> Option<Local> {
    if present { Some(("bias", vec![out], Role::Bias)) } else { None }
}

fn affine(present: bool, shape: &[usize]) -> Vec<Local> {
    if !present {
        return Vec::new();
    }
    vec![("weight", shape.to_vec(), Role::Scale), ("bias", shape.to_vec(), Role::Bias)]
}
