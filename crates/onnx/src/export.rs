//! Exports a model.

use std::collections::BTreeSet;

use graph::plan::Schedule;
use graph::{LARGEST_EXTENT, Merged, Op, Shape, Table, Value};
use model::Model;

use crate::error::ExportError;
use crate::exported::{Exported, TensorInfo};
use crate::interface::{Interface, value_info};
use crate::lower::Lowering;
use crate::metadata::metadata;
use crate::options::{Options, Sizes};
use crate::proto::{GraphProto, ModelProto, OperatorSetIdProto};
use crate::sizes::SizeChanges;
use crate::units::{Ending, normalize};
use crate::writer::Writer;

/// The IR version of the releases with opsets 15 to 18; all known readers support it.
const IR_VERSION: i64 = 8;
/// The newest opset that all known readers support.
pub(crate) const OPSET: i64 = 17;
/// Largest size of the weights in bytes: 2 GB less a megabyte for everything else.
const LARGEST_SIZE: u64 = (1 << 31) - (1 << 20);

/// Implements [`crate::export`].
pub(crate) fn export(model: &Model, options: &Options) -> Result<Exported, ExportError> {
    let bytes = 4 * model.graph.parameter_count() as u64;
    if bytes > LARGEST_SIZE {
        return Err(ExportError::Size(bytes));
    }
    model.check().map_err(ExportError::Model)?;
    check(model, options)?;
    let graph = model.graph.with_further_outputs(&options.further_outputs)?;
    let form = if options.merged {
        graph::merge(&graph, &model.weights)
    } else {
        graph::without_weight_norms(&graph, &model.weights)
    };
    let ending = Ending::new(model, &form.graph, options.raw_input, options.probabilities)?;
    let mut inputs: Vec<Shape> = form.graph.inputs().map(|(_, node)| node.shape.clone()).collect();
    if let (Some(shape), Some(first)) = (&options.input, inputs.first_mut()) {
        *first = shape.clone();
    }
    let shapes = form.graph.shapes_for(&inputs)?;
    let changes = match options.sizes {
        Sizes::Dynamic => Some(SizeChanges::new(&form.graph, &inputs)?),
        Sizes::Static { .. } | Sizes::DynamicBatch => None,
    };
    let file = File { model, options, form: &form, shapes: &shapes, changes: changes.as_ref(), ending };
    let (graph, inputs, outputs) = file.graph()?;
    let opset = OperatorSetIdProto { domain: Some(String::new()), version: OPSET };
    let proto = ModelProto {
        ir_version: IR_VERSION,
        producer_name: "model-factory".to_owned(),
        producer_version: env!("CARGO_PKG_VERSION").to_owned(),
        graph: Some(graph),
        opset_import: vec![opset],
        metadata_props: metadata(model, options, ending),
    };
    Ok(Exported { model: proto, inputs, outputs, refusals: form.refusals })
}

/// Refuses options that do not match the model.
fn check(model: &Model, options: &Options) -> Result<(), ExportError> {
    if let Sizes::Static { batch } = options.sizes
        && !(1..=LARGEST_EXTENT).contains(&batch)
    {
        let message = format!("batch size: expected 1 to {LARGEST_EXTENT}, found {batch}");
        return Err(ExportError::Options(message));
    }
    if options.as_image
        && let Some((_, node)) = model.graph.inputs().find(|(_, node)| node.shape.rank() != 1)
    {
        let message = format!("as image: expected a series [N, C, T] as input, found {}", node.shape);
        return Err(ExportError::Options(message));
    }
    Ok(())
}

/// Everything that a file is written from.
struct File<'m> {
    model: &'m Model,
    options: &'m Options,
    form: &'m Merged,
    shapes: &'m Table<Shape>,
    changes: Option<&'m SizeChanges>,
    ending: Ending<'m>,
}

impl File<'_> {
    /// The graph with its inputs and outputs.
    fn graph(&self) -> Result<(GraphProto, Vec<TensorInfo>, Vec<TensorInfo>), ExportError> {
        let graph = &self.form.graph;
        let mut writer = Writer::default();
        for parameter in graph.parameters() {
            writer.unique(&parameter.name);
        }
        let inputs: Vec<String> = graph.inputs().map(|(_, node)| writer.unique(&node.name)).collect();
        let outputs: Vec<String> = self.output_names().iter().map(|name| writer.unique(name)).collect();
        let tensors = self.nodes(&mut writer, &inputs, &outputs)?;
        self.endings(&mut writer, &tensors, &outputs);

        let [inputs, outputs] = self.interface(&inputs, &outputs);
        let proto = GraphProto {
            node: writer.nodes,
            name: "model".to_owned(),
            initializer: writer.initializers,
            input: inputs.iter().map(value_info).collect(),
            output: outputs.iter().map(value_info).collect(),
        };
        Ok((proto, inputs, outputs))
    }

    /// The names in the graph, except for probabilities.
    fn output_names(&self) -> Vec<String> {
        let mut names: Vec<String> =
            self.form.graph.outputs().iter().map(|output| output.name.clone()).collect();
        if let (Ending::Probabilities(_), Some(main)) = (self.ending, names.first_mut()) {
            *main = "probabilities".to_owned();
        }
        names
    }

    /// Writes the nodes that the outputs need, and returns the name of each value.
    fn nodes(
        &self,
        writer: &mut Writer,
        inputs: &[String],
        outputs: &[String],
    ) -> Result<Table<String>, ExportError> {
        let graph = &self.form.graph;
        let lowering = Lowering {
            graph,
            weights: &self.form.weights,
            shapes: self.shapes,
            changes: self.changes,
            as_image: self.options.as_image,
        };
        let needed: BTreeSet<Value> =
            Schedule::new(graph).instructions().iter().map(|instruction| instruction.value).collect();
        let mut given = inputs.iter();
        let mut tensors: Table<String> = Table::new();
        for (value, node) in graph.nodes() {
            let tensor = if let Op::Input { .. } = node.op {
                let name = given.next().cloned().unwrap_or_default();
                self.input(writer, name, tensors.is_empty(), node.shape.rank())?
            } else if !needed.contains(&value) {
                String::new()
            } else {
                let output = self.output_of(value, outputs);
                let output = output.unwrap_or_else(|| writer.unique(&node.name));
                let read: Vec<&str> = node.inputs.iter().map(|input| tensors[*input].as_str()).collect();
                lowering.node(writer, value, &read, &output)?
            };
            tensors.push(tensor);
        }
        Ok(tensors)
    }

    /// The name of the tensor that the graph reads as this input, after its normalization.
    fn input(
        &self,
        writer: &mut Writer,
        name: String,
        is_first: bool,
        rank: usize,
    ) -> Result<String, ExportError> {
        if !(is_first && self.options.raw_input) {
            return Ok(name);
        }
        normalize(writer, &self.model.normalization, &name, rank + usize::from(self.options.as_image))
    }

    /// The first output with this value, unless further nodes change it.
    fn output_of(&self, value: Value, outputs: &[String]) -> Option<String> {
        let index = self.form.graph.outputs().iter().position(|output| output.value == value)?;
        if index == 0 && self.ending.adds_nodes() { None } else { Some(outputs[index].clone()) }
    }

    /// Writes the nodes after those of the graph: the end of the main output, and copies of values whose name differs
    /// from that of the output.
    fn endings(&self, writer: &mut Writer, tensors: &Table<String>, outputs: &[String]) {
        for (index, (output, name)) in self.form.graph.outputs().iter().zip(outputs).enumerate() {
            let tensor = &tensors[output.value];
            if index == 0 && self.ending.adds_nodes() {
                let shape = &self.shapes[output.value];
                let rank = shape.rank() + usize::from(self.options.as_image && shape.rank() == 1);
                self.ending.write(writer, tensor, name, rank);
            } else if tensor != name {
                writer.node(name, "Identity", &[tensor], name, vec![]);
            }
        }
    }

    /// The inputs and outputs.
    fn interface(&self, inputs: &[String], outputs: &[String]) -> [Vec<TensorInfo>; 2] {
        let graph = &self.form.graph;
        let Some((first, _)) = graph.inputs().next() else { return [Vec::new(), Vec::new()] };
        let interface = Interface {
            sizes: self.options.sizes,
            changes: self.changes,
            as_image: self.options.as_image,
            input: first,
        };
        let inputs = graph.inputs().zip(inputs).map(|((value, _), name)| {
            let shape = &self.shapes[value];
            interface.tensor(name, value, shape, shape.channels)
        });
        let outputs = graph.outputs().iter().zip(outputs).enumerate().map(|(index, (output, name))| {
            let shape = &self.shapes[output.value];
            let channels = if index == 0 { self.ending.channels(shape.channels) } else { shape.channels };
            interface.tensor(name, output.value, shape, channels)
        });
        [inputs.collect(), outputs.collect()]
    }
}
