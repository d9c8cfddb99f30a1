//! Weights of a trained model for another number of classes or of input channels.

use std::collections::BTreeSet;

use crate::number::single;
use crate::{Array, Graph, LoadReport, Node, Op, Parameter, Table, Value, Weights};

/// Weights adapted to another graph, and what became of each.
#[derive(Clone, Debug, PartialEq)]
pub struct Adapted {
    /// The weights.
    pub weights: Weights,
    /// Parameters that are as they were.
    pub kept: Vec<String>,
    /// Parameters made from those of other input channels.
    pub adapted: Vec<String>,
    /// Parameters with initial values.
    pub fresh: Vec<String>,
    /// Parameters of the old head that the new graph has not.
    pub dropped: Vec<String>,
}

/// Why weights are not adapted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdaptError {
    /// The weights are not those of the old graph.
    #[error("the weights do not fit the model: {0}")]
    Weights(LoadReport),
    /// A parameter of another shape, neither the head's nor of the input's channels.
    #[error(
        "`{name}` has shape {found:?} where {needed:?} is needed; only the head and what reads the input's \
         channels can be adapted"
    )]
    Shape {
        /// The parameter.
        name: String,
        /// Its shape in the old graph.
        found: Vec<usize>,
        /// Its shape in the new graph.
        needed: Vec<usize>,
    },
    /// A parameter that the old graph has not, and which is not the head's.
    #[error("`{0}` is not in the old model; only a head can be added")]
    New(String),
    /// A parameter that the new graph has not, and which is not the head's.
    #[error("`{0}` is not in the new model; only a head can be left out")]
    Gone(String),
}

/// The `weights` of `from` for `to`, a graph with another head or other input channels.
///
/// The head, the last convolution or linear layer before the main output, gets the
/// [initial](Weights::initial) values of `seed` where its classes are others. Convolutions of the input
/// keep their scale as timm's `adapt_input_conv` does (Wightman 2019, `timm/models/_manipulate.py`):
/// the sum over old channels for one new channel, so that a grey image gives what three equal channels
/// gave; else old channels repeated in turn and multiplied by old over new. Norms and depthwise
/// convolutions before them are repeated, for one channel averaged. All else is kept.
///
/// ```
/// use graph::{Conv, Graph, Weights, adapt};
/// let model = |channels: usize| Graph::build(|g| {
///     let x = g.input("image", [channels, 8, 8])?;
///     let x = g.conv("conv1", x, Conv::new(4, 3))?;
///     g.output("features", x)
/// });
/// let (colour, grey) = (model(3)?, model(1)?);
/// let adapted = adapt(&Weights::initial(&colour, 0), &colour, &grey, 0)?;
/// assert_eq!(adapted.adapted, ["conv1.weight"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Weights that are not those of `from`; graphs that differ elsewhere.
pub fn adapt(weights: &Weights, from: &Graph, to: &Graph, seed: u64) -> Result<Adapted, AdaptError> {
    let fit = weights.compare(from);
    if !fit.is_exact() {
        return Err(AdaptError::Weights(fit));
    }
    let initial = Weights::initial(to, seed);
    let [old_head, head] = [from, to].map(head);
    let of_input = of_input(to);
    let mut result = Adapted {
        weights: Weights::default(),
        kept: Vec::new(),
        adapted: Vec::new(),
        fresh: Vec::new(),
        dropped: Vec::new(),
    };
    for (value, node) in to.nodes() {
        let is_head = head == Some(value);
        let reads_input = node.inputs.first().is_some_and(|x| of_input[*x]);
        for parameter in to.parameters_of(node) {
            let name = parameter.name.clone();
            let (list, array) = match weights.get(&name) {
                Some(old) if old.shape() == parameter.shape => (&mut result.kept, Some(old.clone())),
                Some(old) if is_head && old.shape().get(1..) == parameter.shape.get(1..) => {
                    (&mut result.fresh, initial.get(&name).cloned())
                }
                Some(old) => {
                    let array = reads_input.then(|| channels(node, old, &parameter)).flatten();
                    let array = array.ok_or_else(|| AdaptError::Shape {
                        name: name.clone(),
                        found: old.shape().to_vec(),
                        needed: parameter.shape.clone(),
                    })?;
                    (&mut result.adapted, Some(array))
                }
                None if is_head => (&mut result.fresh, initial.get(&name).cloned()),
                None => return Err(AdaptError::New(name)),
            };
            list.push(name.clone());
            array.into_iter().for_each(|array| result.weights.insert(name.as_str(), array));
        }
    }
    let names: BTreeSet<&str> = result.weights.iter().map(|(name, _)| name).collect();
    for (value, node) in from.nodes() {
        for parameter in from.parameters_of(node).into_iter().filter(|p| !names.contains(p.name.as_str())) {
            if old_head != Some(value) {
                return Err(AdaptError::Gone(parameter.name));
            }
            result.dropped.push(parameter.name);
        }
    }
    lengths(&mut result, weights);
    Ok(result)
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

/// For each value whether its channels are the input's, one for one.
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

/// Whether each output channel is one input channel's; also of one channel, which may have been many.
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
    let mut needed = old.shape().to_vec();
    needed[axis] = *after;
    if needed != new.shape {
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

/// The lengths of weight norms whose directions were adapted: `g * |new| / |old|`, so that the plain
/// kernel `g * v / |v|` is the adapted one.
fn lengths(result: &mut Adapted, old: &Weights) {
    let norm = |row: &[f32]| row.iter().map(|&v| f64::from(v).powi(2)).sum::<f64>().sqrt();
    for direction in result.adapted.clone() {
        let Some(layer) = direction.strip_suffix("parametrizations.weight.original1") else { continue };
        let name = format!("{layer}parametrizations.weight.original0");
        let Some(at) = result.kept.iter().position(|kept| *kept == name) else { continue };
        let (Some(v), Some(new), Some(g)) =
            (old.get(&direction), result.weights.get(&direction), old.get(&name))
        else {
            continue;
        };
        let rows = g.data().len().max(1);
        let [before, after] = [v, new].map(|v| v.data().chunks((v.data().len() / rows).max(1)));
        let scaled = before.zip(after).zip(g.data()).map(|((before, after), &g)| {
            let (before, after) = (norm(before), norm(after));
            if before > 0.0 { single(f64::from(g) * after / before) } else { g }
        });
        let scaled = Array::new(g.shape(), scaled.collect());
        scaled.into_iter().for_each(|array| result.weights.insert(name.as_str(), array));
        result.kept.remove(at);
        result.adapted.push(name);
    }
}
