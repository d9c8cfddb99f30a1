//! Weights of a trained model for another number of classes or of input channels.

use crate::number::single;
use crate::shown::shown_sizes;
use crate::{Array, Graph, LoadReport, Node, Op, Parameter, Role, Table, Value, Weights, quoted};

/// Weights adapted to another graph, with the origin of each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Adapted {
    /// The weights.
    pub weights: Weights,
    /// Parameters with unchanged values.
    pub kept: Vec<String>,
    /// Parameters converted to another number of input channels.
    pub adapted: Vec<String>,
    /// Parameters with initial values.
    pub fresh: Vec<String>,
    /// Parameters of the old head that are missing from the new graph.
    pub dropped: Vec<String>,
}

/// Weights or graphs that cannot be adapted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdaptError {
    /// The weights do not match the old graph.
    #[error("the weights do not match the old model: {0}")]
    Weights(LoadReport),
    /// A parameter of another shape that belongs neither to the head nor to a layer that reads the input's
    /// channels.
    #[error(
        "{}: expected shape {}, found {}; only the head and layers that read the input's channels can be adapted",
        quoted(name),
        shown_sizes(expected),
        shown_sizes(found)
    )]
    Shape {
        /// The parameter.
        name: String,
        /// Its shape in the old graph.
        found: Vec<usize>,
        /// Its shape in the new graph.
        expected: Vec<usize>,
    },
    /// A parameter outside the head that is missing from the old graph.
    #[error("{} is missing from the old model; only a head can be added", quoted(_0))]
    New(String),
    /// A parameter outside the head that is missing from the new graph.
    #[error("{} is missing from the new model; only a head can be dropped", quoted(_0))]
    Gone(String),
}

/// The `weights` of `from` for `to`, a graph with another head or other input channels.
///
/// The head, the last convolution or linear layer before the main output, gets the
/// [initial](Weights::initial) values of `seed` if the number of classes differs. Convolutions of the input
/// keep their scale as timm's `adapt_input_conv` does (Wightman 2019, `timm/models/_manipulate.py`):
/// the sum over old channels for one new channel, so that a gray image gives what three equal channels
/// gave; otherwise the old channels repeated in turn and multiplied by old over new. Norms and depthwise
/// convolutions before them are repeated, for one channel averaged. Everything else is kept.
///
/// ```
/// use graph::{Conv, Graph, Weights, adapt};
/// let model = |channels: usize| Graph::build(|g| {
///     let x = g.input("image", [channels, 8, 8])?;
///     let x = g.conv("conv1", x, Conv::new(4, 3))?;
///     g.output("features", x)
/// });
/// let (color, gray) = (model(3)?, model(1)?);
/// let adapted = adapt(&Weights::initial(&color, 0), &color, &gray, 0)?;
/// assert_eq!(adapted.adapted, ["conv1.weight"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If the weights do not match `from`, or if the graphs differ elsewhere.
pub fn adapt(weights: &Weights, from: &Graph, to: &Graph, seed: u64) -> Result<Adapted, AdaptError> {
    let report = weights.compare(from);
    if !report.is_exact() {
        return Err(AdaptError::Weights(report));
    }
    let initial = Weights::initial(to, seed);
    let head_of_new = head(to);
    let of_input = of_input(to);
    let mut result = Adapted::default();
    for (value, node) in to.nodes() {
        let is_head = head_of_new == Some(value);
        let reads_input = node.inputs.first().is_some_and(|x| of_input[*x]);
        for parameter in to.parameters_of(node) {
            let fresh =
                || initial.get(&parameter.name).expect("every parameter has an initial value").clone();
            let (list, array) = match weights.get(&parameter.name) {
                Some(old) if old.shape() == parameter.shape => (&mut result.kept, old.clone()),
                Some(old) if is_head && old.shape().get(1..) == parameter.shape.get(1..) => {
                    (&mut result.fresh, fresh())
                }
                Some(old) if reads_input => {
                    let array = channels(node, old, &parameter).ok_or_else(|| misshapen(old, &parameter))?;
                    (&mut result.adapted, array)
                }
                Some(old) => return Err(misshapen(old, &parameter)),
                None if is_head => (&mut result.fresh, fresh()),
                None => return Err(AdaptError::New(parameter.name)),
            };
            list.push(parameter.name.clone());
            result.weights.insert(parameter.name, array);
        }
    }
    for (_, node) in to.nodes() {
        scale_lengths(&mut result, weights, &to.parameters_of(node));
    }
    result.dropped = dropped(from, &result.weights)?;
    Ok(result)
}

fn misshapen(old: &Array, new: &Parameter) -> AdaptError {
    AdaptError::Shape { name: new.name.clone(), found: old.shape().to_vec(), expected: new.shape.clone() }
}

/// The parameters of the old graph's head that are not among the new weights.
fn dropped(from: &Graph, new: &Weights) -> Result<Vec<String>, AdaptError> {
    let head = head(from);
    let mut dropped = Vec::new();
    for (value, node) in from.nodes() {
        for parameter in from.parameters_of(node) {
            if new.get(&parameter.name).is_some() {
                continue;
            }
            if head != Some(value) {
                return Err(AdaptError::Gone(parameter.name));
            }
            dropped.push(parameter.name);
        }
    }
    Ok(dropped)
}

/// The last convolution or linear layer, where nothing after it has parameters.
fn head(graph: &Graph) -> Option<Value> {
    let mut value = graph.main_output().value;
    loop {
        let node = graph.node(value);
        if matches!(node.op, Op::Conv(_) | Op::Linear(_)) {
            return Some(value);
        }
        let [x] = node.inputs[..] else { return None };
        if !graph.parameters_of(node).is_empty() {
            return None;
        }
        value = x;
    }
}

/// Whether each value's channels are the input's, one for one.
fn of_input(graph: &Graph) -> Table<bool> {
    let mut of_input = Table::new();
    for (_, node) in graph.nodes() {
        let all = || node.inputs.iter().all(|x| of_input[*x]);
        let first = || of_input[node.inputs[0]];
        let is = match &node.op {
            Op::Input { .. } => true,
            Op::Conv(_) => first() && is_depthwise(node),
            Op::Add | Op::Multiply => all(),
            Op::GroupNorm(norm) => first() && norm.groups == node.shape.channels,
            Op::BatchNorm(_) | Op::LayerNorm { .. } | Op::PositionNorm { .. } | Op::Activation(_) => first(),
            Op::MaxPool(_) | Op::AveragePool { .. } | Op::GlobalMean | Op::Upsample { .. } => first(),
            Op::CropOrPad | Op::Select(_) | Op::Reverse | Op::Dropout { .. } => first(),
            Op::ConvTranspose(_) | Op::Linear(_) | Op::Softmax | Op::Concat | Op::Slice { .. } => false,
            Op::Flatten => false,
        };
        of_input.push(is);
    }
    of_input
}

/// Whether each output channel reads one input channel. Also true for a single channel.
fn is_depthwise(node: &Node) -> bool {
    matches!(&node.op, Op::Conv(conv) if conv.groups == conv.out)
}

/// A parameter of a layer that reads the input's channels, for another number of them. `None` where
/// the shapes differ otherwise.
fn channels(node: &Node, old: &Array, new: &Parameter) -> Option<Array> {
    // A depthwise convolution of one channel is a dense one.
    let is_mixed = || old.shape().get(1) != new.shape.get(1);
    let dense = matches!(&node.op, Op::Linear(_))
        || matches!(&node.op, Op::Conv(conv) if conv.groups == 1 && is_mixed());
    let axis = usize::from(dense);
    let (before, after) = (old.shape().get(axis)?, new.shape.get(axis)?);
    let mut expected = old.shape().to_vec();
    expected[axis] = *after;
    if expected != new.shape {
        return None;
    }
    let inner: usize = new.shape[axis + 1..].iter().product();
    let scale = match (dense, *after) {
        (true, 1) => 1.0,
        (true, _) => *before as f64 / *after as f64,
        (false, 1) => 1.0 / *before as f64,
        (false, _) => 1.0,
    };
    Some(Array::from_fn(new.shape.as_slice(), |i| {
        let (outer, channel, rest) = (i / inner / after, i / inner % after, i % inner);
        let at = |channel: usize| f64::from(old.data()[(outer * before + channel) * inner + rest]);
        let value = if *after == 1 { (0..*before).map(at).sum() } else { at(channel % before) };
        single(scale * value)
    }))
}

/// Scales the length of a weight norm whose direction was adapted: `g * |new| / |old|`, so that the
/// plain kernel `g * v / |v|` is the adapted one.
fn scale_lengths(result: &mut Adapted, old: &Weights, parameters: &[Parameter]) {
    let named = |role| parameters.iter().find(|parameter| parameter.role == role);
    let (Some(length), Some(direction)) = (named(Role::Length), named(Role::Weight)) else { return };
    let Some(position) = result.kept.iter().position(|kept| *kept == length.name) else { return };
    if !result.adapted.contains(&direction.name) {
        return;
    }
    let arrays = (old.get(&length.name), old.get(&direction.name), result.weights.get(&direction.name));
    let (Some(lengths), Some(before), Some(after)) = arrays else { return };
    let (before, after) = (before.row_lengths(), after.row_lengths());
    let scaled = Array::from_fn(lengths.shape(), |row| {
        let length = lengths.data()[row];
        if before[row] > 0.0 { single(f64::from(length) * after[row] / before[row]) } else { length }
    });
    result.weights.insert(length.name.as_str(), scaled);
    result.kept.remove(position);
    result.adapted.push(length.name.clone());
}
