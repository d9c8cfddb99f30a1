//! From a graph to instructions.

use graph::plan::Schedule;
use graph::{Activation, Graph, Linear, Node, Op, Role, Value, Weights, single};
use kernels::{Function, Level, Team};

use crate::error::EngineError;
use crate::gate::Gates;
use crate::instruction::{Conv, Instruction, Kind};
use crate::pack;

/// A network as instructions.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) graph: Graph,
    pub(crate) level: Level,
    pub(crate) winograd: bool,
    /// The threads that work is divided among; `None` for the caller's alone.
    pub(crate) team: Option<Team>,
    pub(crate) instructions: Vec<Instruction>,
}

impl Program {
    /// The instructions of a graph with its weights packed.
    pub(crate) fn new(
        graph: Graph,
        weights: &Weights,
        (level, winograd, team): (Level, bool, Option<Team>),
    ) -> Result<Self, EngineError> {
        let report = weights.compare(&graph);
        if !(report.missing.is_empty() && report.misshapen.is_empty()) {
            return Err(EngineError::Weights(report));
        }
        let readers = readers(&graph);
        let lowering = Lowering { gates: Gates::new(&graph, &readers), graph: &graph, weights, readers };
        let mut instructions = Vec::new();
        let mut is_fused = vec![false; graph.nodes().len()];
        for scheduled in Schedule::new(&graph).instructions() {
            let value = scheduled.value;
            if is_fused[value.index()]
                || lowering.gates.is_folded(value)
                || matches!(graph.node(value).op, Op::Input { .. })
            {
                continue;
            }
            let instruction = lowering.instruction(value, &mut is_fused);
            instructions.push(instruction.ok_or(EngineError::Weights(report.clone()))?);
        }
        Ok(Self { graph, level, winograd, team, instructions })
    }

    /// The number of threads that work is divided among.
    pub(crate) fn threads(&self) -> usize {
        self.team.as_ref().map_or(1, Team::threads)
    }
}

/// The readers of each value; a value that is an output has none, because it must be stored.
fn readers(graph: &Graph) -> Vec<Vec<Value>> {
    let mut readers = vec![Vec::new(); graph.nodes().len()];
    for (value, node) in graph.nodes() {
        for input in &node.inputs {
            readers[input.index()].push(value);
        }
    }
    for output in graph.outputs() {
        readers[output.value.index()].clear();
    }
    readers
}

struct Lowering<'m> {
    graph: &'m Graph,
    weights: &'m Weights,
    readers: Vec<Vec<Value>>,
    gates: Gates,
}

impl Lowering<'_> {
    /// The instruction of a node and of those that are fused with it. `None` if a weight is missing.
    fn instruction(&self, value: Value, is_fused: &mut [bool]) -> Option<Instruction> {
        if let Some(instruction) = self.excite(value, is_fused) {
            return Some(instruction);
        }
        let node = self.graph.node(value);
        let mut instruction = Instruction {
            kind: self.kind(value, node)?,
            node: value,
            inputs: node.inputs.clone(),
            output: value,
        };
        self.fuse_residual(value, &mut instruction, is_fused);
        self.fuse_function(&mut instruction, is_fused);
        self.gates.fold(&mut instruction);
        Some(instruction)
    }

    fn kind(&self, value: Value, node: &Node) -> Option<Kind> {
        let weights = self.weights.of(self.graph, value);
        let channels = node.inputs.first().map_or(0, |input| self.graph.node(*input).shape.channels);
        Some(match &node.op {
            // An input is not scheduled here. A dropout acts in training only.
            Op::Input { .. } | Op::Dropout { .. } => Kind::Function(Function::Identity),
            Op::Conv(conv) if conv.groups == channels && conv.out == channels && channels > 1 => {
                Kind::Depthwise(pack::depthwise(&weights, conv)?)
            }
            Op::Conv(conv) => {
                let positions = node.shape.space.iter().product();
                Kind::Conv(pack::conv(&weights, conv, channels, (false, positions))?)
            }
            Op::ConvTranspose(conv) => {
                Kind::Transposed(pack::transposed(&weights, conv, channels, node.shape.rank())?)
            }
            Op::Linear(Linear { out, .. }) => {
                Kind::Conv(pack::conv(&weights, &graph::Conv::new(*out, 1), channels, (true, 1))?)
            }
            Op::BatchNorm(norm) => Kind::Affine(pack::batch_norm(&weights, channels, norm.eps)),
            Op::LayerNorm { eps } => Kind::LayerNorm { affine: pack::affine(&weights), eps: single(*eps) },
            Op::GroupNorm(norm) => {
                Kind::GroupNorm { affine: pack::affine(&weights), groups: norm.groups, eps: single(norm.eps) }
            }
            Op::PositionNorm { eps } => Kind::PositionNorm {
                scale: weights.get(Role::Scale)?.data().to_vec(),
                shift: weights.get(Role::Bias)?.data().to_vec(),
                eps: single(*eps),
            },
            Op::Activation(activation) => Kind::Function(function(*activation)),
            Op::Softmax => Kind::Softmax,
            Op::Add => Kind::Add,
            Op::Multiply => Kind::Multiply,
            Op::Concat => Kind::Concat,
            Op::Slice { start, .. } => Kind::Slice { start: *start },
            Op::MaxPool(pool) => Kind::MaxPool(*pool),
            Op::AveragePool { pool, count_padding } => {
                Kind::AveragePool { pool: *pool, count_padding: *count_padding }
            }
            Op::GlobalMean => Kind::GlobalMean,
            Op::Upsample { factor, mode } => Kind::Upsample { factor: *factor, mode: *mode },
            Op::CropOrPad => Kind::CropOrPad,
            Op::Select(step) => Kind::Select(*step),
            Op::Reverse => Kind::Reverse,
            Op::Flatten => Kind::Flatten,
        })
    }

    /// A global mean and the two layers after it, such as those of a squeeze-excite block.
    fn excite(&self, value: Value, is_fused: &mut [bool]) -> Option<Instruction> {
        if self.graph.node(value).op != Op::GlobalMean {
            return None;
        }
        let (first, squeezed) = self.layer(value)?;
        let (last, output) = self.layer(squeezed)?;
        let mut next = value;
        while next != output {
            next = self.readers[next.index()][0];
            is_fused[next.index()] = true;
        }
        let inputs = self.graph.node(value).inputs.clone();
        Some(Instruction { kind: Kind::Excite(Box::new([first, last])), node: value, inputs, output })
    }

    /// The pointwise convolution that alone reads a vector of channels, with its function, and its result.
    fn layer(&self, value: Value) -> Option<(Conv, Value)> {
        let only_reader = |value: Value| match self.readers[value.index()][..] {
            [reader] => Some(reader),
            _ => None,
        };
        let reader = only_reader(value)?;
        let Op::Conv(conv) = &self.graph.node(reader).op else { return None };
        let shape = &self.graph.node(reader).shape;
        let has_one_tap = (0..shape.rank()).all(|axis| conv.kernel.at(axis) == 1 && shape.space[axis] == 1);
        if conv.groups > 1 || !has_one_tap {
            return None;
        }
        let channels = self.graph.node(value).shape.channels;
        let mut layer = pack::dense(&self.weights.of(self.graph, reader), conv, channels)?;
        let after = only_reader(reader);
        if let Some((after, Op::Activation(activation))) =
            after.map(|after| (after, &self.graph.node(after).op))
        {
            layer.function = function(*activation);
            return Some((layer, after));
        }
        Some((layer, reader))
    }

    /// Adds to a convolution a sum with a value that is computed before it.
    fn fuse_residual(&self, value: Value, instruction: &mut Instruction, is_fused: &mut [bool]) {
        let has_residual = match &mut instruction.kind {
            Kind::Conv(conv) => &mut conv.has_residual,
            Kind::Depthwise(conv) => &mut conv.has_residual,
            _ => return,
        };
        let [reader] = self.readers[instruction.output.index()][..] else { return };
        let node = self.graph.node(reader);
        let (Op::Add, [a, b]) = (&node.op, &node.inputs[..]) else { return };
        let other = if *a == instruction.output { *b } else { *a };
        if other.index() < value.index() {
            *has_residual = true;
            instruction.inputs.push(other);
            instruction.output = reader;
            is_fused[reader.index()] = true;
        }
    }

    /// Adds to a convolution the function that alone reads its result.
    fn fuse_function(&self, instruction: &mut Instruction, is_fused: &mut [bool]) {
        let [reader] = self.readers[instruction.output.index()][..] else { return };
        let Op::Activation(activation) = self.graph.node(reader).op else { return };
        match &mut instruction.kind {
            Kind::Conv(conv) => conv.function = function(activation),
            Kind::Depthwise(conv) => conv.function = function(activation),
            Kind::Transposed(phases) => {
                for phase in phases {
                    phase.conv.function = function(activation);
                }
            }
            _ => return,
        }
        instruction.output = reader;
        is_fused[reader.index()] = true;
    }
}

/// The kernels' function for an activation.
fn function(activation: Activation) -> Function {
    match activation {
        Activation::Relu => Function::Clamp { low: 0.0, high: f32::INFINITY },
        Activation::Relu6 => Function::Clamp { low: 0.0, high: 6.0 },
        Activation::LeakyRelu { slope } => Function::LeakyRelu { slope: single(slope) },
        Activation::Elu { alpha } => Function::Elu { alpha: single(alpha), scale: 1.0 },
        Activation::Selu => {
            let (scale, alpha) = Activation::SELU;
            Function::Elu { alpha: single(alpha), scale: single(scale) }
        }
        Activation::Gelu => Function::Gelu,
        Activation::GeluTanh => Function::GeluTanh,
        Activation::Silu => Function::Silu,
        Activation::HardSwish => Function::HardSwish,
        Activation::Sigmoid => Function::Sigmoid,
        Activation::HardSigmoid => Function::HardSigmoid,
        Activation::Tanh => Function::Tanh,
        Activation::Softplus => Function::Softplus,
        Activation::Mish => Function::Mish,
    }
}
