//! The summary of a model: the computation and the cost of each layer, and totals.

use std::collections::BTreeMap;
use std::fmt;

use graph::{BuildError, Causality, Cost, Field, Graph, printable};
use serde::Serialize;

use graph::format::{table, thousands};

/// The computation and the cost of a graph, layer by layer. Serialized by serde it is the JSON of
/// `factory summary --json`; the fields and their order are stable.
///
/// ```
/// use report::Summary;
/// let graph = resnet::graph(&resnet::Config::resnet18(), [3, 224, 224])?;
/// let summary = Summary::of(&graph, Some(1))?;
/// let layer1 = summary.layers.iter().find(|row| row.name == "layer1").unwrap();
/// assert_eq!((layer1.operation.as_str(), layer1.trainable), ("14 operations", 147_968));
/// # Ok::<(), graph::BuildError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// The inputs, in order.
    pub inputs: Vec<Port>,
    /// The outputs, the main one first.
    pub outputs: Vec<Port>,
    /// The layers, in order of computation.
    pub layers: Vec<Layer>,
    /// The totals.
    pub totals: Totals,
    /// The part of the input that an element of the main output depends on, per spatial axis.
    pub receptive_field: Vec<FieldOfView>,
    /// Whether no output depends on later samples; `None` for images.
    pub causal: Option<bool>,
    /// The first layer that depends on later samples.
    pub not_causal_because_of: Option<String>,
}

/// An input or output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Port {
    /// The name.
    pub name: String,
    /// The channels and spatial sizes, without the batch.
    pub shape: Vec<usize>,
}

/// A layer, or several layers folded into one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Layer {
    /// The name of the layer; of folded layers, the common first parts of their names.
    pub name: String,
    /// The operation, or the number of operations.
    pub operation: String,
    /// The output shape of the last operation, without the batch.
    pub output: Vec<usize>,
    /// Number of trainable parameters.
    pub trainable: u64,
    /// Number of running statistics.
    pub statistics: u64,
    /// Multiply-adds for one sample.
    pub macs: u64,
    /// Bytes of the outputs of all operations for one sample, as `f32`.
    pub memory: u64,
}

/// The costs of a graph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Number of trainable parameters.
    pub trainable: u64,
    /// Number of running statistics.
    pub statistics: u64,
    /// Multiply-adds for one sample.
    pub macs: u64,
    /// Most bytes of values that are alive at once, for one sample in inference as f32.
    pub peak_memory: u64,
    /// The first operation during which that many are.
    pub peak_at: String,
}

/// The field of view along one axis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldOfView {
    /// A limited number of elements.
    Steps {
        /// Their number.
        steps: usize,
        /// Elements before the position of the output.
        look_back: usize,
        /// Elements after it.
        look_ahead: usize,
    },
    /// The whole input.
    Whole {
        /// The first layer that depends on all of it.
        because_of: String,
    },
}

impl Summary {
    /// The summary of `graph`. Layers whose names agree in their first `depth` parts are folded into one.
    ///
    /// # Errors
    /// As [`Graph::cost`].
    pub fn of(graph: &Graph, depth: Option<usize>) -> Result<Self, BuildError> {
        let cost = graph.cost()?;
        let field = graph.receptive_field();
        let port = |name: &str, shape: &graph::Shape| Port { name: name.to_owned(), shape: shape.dims() };
        let (causal, because_of) = match field.causal {
            None => (None, None),
            Some(Causality::Yes) => (Some(true), None),
            Some(Causality::No { cause }) => (Some(false), Some(cause)),
        };
        Ok(Self {
            inputs: graph.inputs().map(|(_, node)| port(&node.name, &node.shape)).collect(),
            outputs: graph.outputs().iter().map(|o| port(&o.name, &graph.node(o.value).shape)).collect(),
            layers: layers(&cost, depth),
            receptive_field: field.axes.into_iter().map(FieldOfView::from).collect(),
            causal,
            not_causal_because_of: because_of,
            totals: Totals {
                trainable: cost.trainable,
                statistics: cost.statistics,
                macs: cost.macs,
                peak_memory: cost.peak_bytes(),
                peak_at: cost.peak_node,
            },
        })
    }
}

fn layers(cost: &Cost, depth: Option<usize>) -> Vec<Layer> {
    let mut layers: Vec<Layer> = Vec::new();
    let mut counts: Vec<usize> = Vec::new();
    let mut places = BTreeMap::new();
    for node in &cost.nodes {
        let name = prefix(&node.name, depth);
        let memory = (node.shape.elements() as u64).saturating_mul(4);
        let i = *places.entry(name.to_owned()).or_insert(layers.len());
        let Some(layer) = layers.get_mut(i) else {
            layers.push(Layer {
                name: name.to_owned(),
                operation: node.op.to_owned(),
                output: node.shape.dims(),
                trainable: node.trainable,
                statistics: node.statistics,
                macs: node.macs,
                memory,
            });
            counts.push(1);
            continue;
        };
        counts[i] += 1;
        layer.operation = format!("{} operations", counts[i]);
        layer.output = node.shape.dims();
        layer.trainable = layer.trainable.saturating_add(node.trainable);
        layer.statistics = layer.statistics.saturating_add(node.statistics);
        layer.macs = layer.macs.saturating_add(node.macs);
        layer.memory = layer.memory.saturating_add(memory);
    }
    layers
}

/// The first `depth` parts of a name.
pub(crate) fn prefix(name: &str, depth: Option<usize>) -> &str {
    let end = depth.and_then(|depth| name.match_indices('.').nth(depth.max(1) - 1));
    end.map_or(name, |(end, _)| &name[..end])
}

impl From<Field> for FieldOfView {
    fn from(field: Field) -> Self {
        match field {
            Field::Steps { steps, look_back, look_ahead } => Self::Steps { steps, look_back, look_ahead },
            Field::Whole { cause } => Self::Whole { because_of: cause },
        }
    }
}

impl fmt::Display for FieldOfView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Steps { steps, look_back, look_ahead } => {
                let [steps, look_back, look_ahead] =
                    [steps, look_back, look_ahead].map(|n| thousands(*n as u64));
                write!(f, "{steps} ({look_back} back, {look_ahead} ahead)")
            }
            Self::Whole { because_of } => write!(f, "the whole input, because of {}", printable(because_of)),
        }
    }
}

impl fmt::Display for Summary {
    /// A table with one line per layer, followed by the totals and the field of view.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ["layer", "operation", "output", "parameters", "statistics", "MACs", "bytes"];
        let mut rows = vec![head.map(str::to_owned)];
        let number = |n: u64| if n == 0 { String::new() } else { thousands(n) };
        rows.extend(self.layers.iter().map(|layer| {
            let Layer { name, operation, output, trainable, statistics, macs, memory } = layer;
            let [trainable, statistics, macs, memory] =
                [trainable, statistics, macs, memory].map(|n| number(*n));
            [printable(name), operation.clone(), batched(output), trainable, statistics, macs, memory]
        }));
        f.write_str(&table(&rows, 3))?;
        let Totals { trainable, statistics, macs, peak_memory, peak_at } = &self.totals;
        writeln!(f)?;
        writeln!(
            f,
            "parameters       {} trainable, {} statistics",
            thousands(*trainable),
            thousands(*statistics)
        )?;
        writeln!(f, "MACs             {}", thousands(*macs))?;
        writeln!(
            f,
            "peak memory      {} bytes of activations as f32, at {}",
            thousands(*peak_memory),
            printable(peak_at)
        )?;
        write!(f, "receptive field  ")?;
        match self.receptive_field.as_slice() {
            [height, width] if height == width => writeln!(f, "{height}, on both axes")?,
            [height, width] => writeln!(f, "height {height}; width {width}")?,
            axes => writeln!(f, "{}", axes.iter().map(ToString::to_string).collect::<String>())?,
        }
        match (self.causal, &self.not_causal_because_of) {
            (None, _) => Ok(()),
            (Some(false), Some(node)) => writeln!(f, "causal           no, because of {}", printable(node)),
            (Some(causal), _) => writeln!(f, "causal           {}", if causal { "yes" } else { "no" }),
        }
    }
}

/// A shape as `[N, 3, 224, 224]`.
pub(crate) fn batched(shape: &[usize]) -> String {
    let sizes: String = shape.iter().map(|size| format!(", {size}")).collect();
    format!("[N{sizes}]")
}
