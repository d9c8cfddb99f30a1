//! Translates nodes of the graph to nodes of the file.

mod activation;
mod norm;
mod size;
mod window;

use graph::{Graph, Node, Op, Role, Shape, Table, UpsampleMode, Value, Weights};

use crate::error::ExportError;
use crate::proto::AttributeProto;
use crate::sizes::SizeChanges;
use crate::writer::{Writer, int};

/// Everything that the nodes of a graph are translated from.
pub(crate) struct Lowering<'m> {
    pub(crate) graph: &'m Graph,
    pub(crate) weights: &'m Weights,
    /// The shape of every value at the size that the file is written for.
    pub(crate) shapes: &'m Table<Shape>,
    /// The sizes of all values, if they are dynamic.
    pub(crate) changes: Option<&'m SizeChanges>,
    /// Whether series are images of height 1.
    pub(crate) as_image: bool,
}

impl Lowering<'_> {
    /// Writes the node of `value`, whose inputs are `inputs`, and returns the name of its output: `output`, or that of
    /// an input if the operation changes nothing.
    pub(crate) fn node(
        &self,
        writer: &mut Writer,
        value: Value,
        inputs: &[&str],
        output: &str,
    ) -> Result<String, ExportError> {
        let node = self.graph.node(value);
        let mut step = Step { lowering: self, writer, value, node, inputs, output };
        step.write()
    }
}

/// The translation of one node of the graph.
struct Step<'l, 'm> {
    lowering: &'l Lowering<'m>,
    writer: &'l mut Writer,
    value: Value,
    node: &'m Node,
    /// The names of the inputs.
    inputs: &'l [&'l str],
    /// The name of the output.
    output: &'l str,
}

impl<'l> Step<'l, '_> {
    fn write(&mut self) -> Result<String, ExportError> {
        match &self.node.op {
            Op::Input { .. } | Op::Dropout { .. } => Ok(self.same()),
            Op::Conv(conv) => self.conv(conv),
            Op::ConvTranspose(conv) => Ok(self.conv_transpose(conv)),
            Op::Linear(_) => Ok(self.linear()),
            Op::BatchNorm(norm) => Ok(self.batch_norm(norm)),
            Op::LayerNorm { eps } => Ok(self.layer_norm(*eps)),
            Op::GroupNorm(norm) => Ok(self.group_norm(norm)),
            Op::PositionNorm { eps } => Ok(self.position_norm(*eps)),
            Op::Activation(activation) => Ok(self.activation(*activation)),
            Op::Softmax => Ok(self.last("Softmax", &[self.x()], vec![int("axis", 1)])),
            Op::Add => Ok(self.add()),
            Op::Multiply => Ok(self.last("Mul", self.inputs, vec![])),
            Op::Concat => Ok(self.concat()),
            Op::Slice { start, length } => Ok(self.slice(*start, *length)),
            Op::MaxPool(pool) => Ok(self.max_pool(pool)),
            Op::AveragePool { pool, count_padding } => Ok(self.average_pool(pool, *count_padding)),
            Op::GlobalMean => Ok(self.last("GlobalAveragePool", &[self.x()], vec![])),
            Op::Upsample { factor, mode } => Ok(self.upsample(*factor, *mode)),
            Op::CropOrPad => Ok(self.crop_or_pad()),
            Op::Select(step) => Ok(self.select(*step)),
            Op::Reverse => Ok(self.reverse()),
            Op::Flatten => Ok(self.last("Flatten", &[self.x()], vec![int("axis", 1)])),
        }
    }

    /// The name of the first input.
    fn x(&self) -> &'l str {
        self.inputs[0]
    }

    /// The shape of an input at the size that the file is written for.
    fn shape(&self, input: usize) -> &'l Shape {
        &self.lowering.shapes[self.node.inputs[input]]
    }

    /// Whether the sizes of the file are dynamic.
    fn is_dynamic(&self) -> bool {
        self.lowering.changes.is_some()
    }

    /// Whether this node has an axis of height 1 that the graph does not have.
    fn is_lifted(&self) -> bool {
        self.lowering.as_image && self.shape(0).rank() == 1
    }

    /// One number per spatial axis of the file; `neutral` for an axis that the graph does not have.
    fn axes(&self, numbers: impl IntoIterator<Item = usize>, neutral: usize) -> Vec<usize> {
        let lifted = if self.is_lifted() { Some(neutral) } else { None };
        lifted.into_iter().chain(numbers).collect()
    }

    /// The number of spatial axes of the first input in the file.
    fn spatial_rank(&self) -> usize {
        self.shape(0).rank() + usize::from(self.is_lifted())
    }

    /// Dimensions that broadcast one number per channel over the positions of the first input.
    fn per_channel(&self, channels: usize) -> Vec<usize> {
        [vec![channels], vec![1; self.spatial_rank()]].concat()
    }

    /// The output is the first input: nothing is written.
    fn same(&self) -> String {
        self.x().to_owned()
    }

    /// Adds a node whose output is intermediate, and returns its name.
    fn part(
        &mut self,
        part: &str,
        op_type: &str,
        inputs: &[&str],
        attributes: Vec<AttributeProto>,
    ) -> String {
        let name = self.writer.unique(&format!("{}/{part}", self.node.name));
        self.writer.node(&name, op_type, inputs, &name, attributes);
        name
    }

    /// Adds the node whose output is that of the graph's node, and returns its name.
    fn last(&mut self, op_type: &str, inputs: &[&str], attributes: Vec<AttributeProto>) -> String {
        self.writer.node(&self.node.name, op_type, inputs, self.output, attributes);
        self.output.to_owned()
    }

    /// Adds the parameter with this role, with these dimensions or its own, and returns its name.
    fn parameter(&mut self, role: Role, dims: Option<&[usize]>) -> Option<String> {
        let parameters = self.lowering.graph.parameters_of(self.node);
        let parameter = parameters.into_iter().find(|parameter| parameter.role == role)?;
        let array = self.lowering.weights.of(self.lowering.graph, self.value).get(role)?;
        self.writer.weights(&parameter.name, dims.unwrap_or(array.shape()), array.data());
        Some(parameter.name)
    }

    fn linear(&mut self) -> String {
        let inputs =
            [Some(self.x().to_owned()), self.parameter(Role::Weight, None), self.parameter(Role::Bias, None)];
        let inputs: Vec<&str> = inputs.iter().flatten().map(String::as_str).collect();
        self.last("Gemm", &inputs, vec![int("transB", 1)])
    }

    /// A sum, two terms at a time, in order.
    fn add(&mut self) -> String {
        let [first, others @ ..] = self.inputs else { return self.same() };
        let mut sum = (*first).to_owned();
        for (index, other) in others.iter().enumerate() {
            sum = if index + 1 == others.len() {
                self.last("Add", &[&sum, other], vec![])
            } else {
                self.part("sum", "Add", &[&sum, other], vec![])
            };
        }
        sum
    }

    fn concat(&mut self) -> String {
        if self.inputs.len() == 1 {
            return self.same();
        }
        self.last("Concat", self.inputs, vec![int("axis", 1)])
    }

    fn error(&self, message: impl Into<String>) -> ExportError {
        ExportError::Node { node: self.node.name.clone(), message: message.into() }
    }
}
