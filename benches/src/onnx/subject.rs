//! The verified models: presets with weights that move every output.

use anyhow::{Context, Result, ensure};
use factory::Factory;
use graph::{Array, Forward, Graph, Shape};
use model::Model;
use torch::Net;
use torch::tch::Device;
use torch::tch::nn::VarStore;

use super::verify::TOLERANCE;
use super::weights::weights;
use crate::parity::{Fill, FillRole};
use crate::presets;

/// Largest number of trainable parameters of a verified model.
pub const LARGEST: u64 = 60_000_000;
/// Presets of each family and rank that `--quick` keeps: those with the fewest parameters.
const QUICK: usize = 2;
/// Samples in the second batch.
pub(super) const SECOND_BATCH: usize = 3;

/// A model to verify.
#[derive(Debug)]
pub(super) struct Subject {
    /// Family, preset and input, such as `resnet/resnet18 [N, 6, 100]`.
    pub(super) name: String,
    /// Number of trainable parameters.
    pub(super) parameters: u64,
    family: String,
    graph: Graph,
}

/// The choice of models.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Only models and operations whose name contains this text.
    pub filter: Option<String>,
    /// Only the smallest models of each family, and one graph for each operation.
    pub quick: bool,
    /// Images of 224 by 224 pixels instead of 64 by 64.
    pub full_size: bool,
}

impl Selection {
    /// Whether the filter selects what has this name.
    pub(super) fn includes(&self, name: &str) -> bool {
        self.filter.as_ref().is_none_or(|filter| name.contains(filter))
    }
}

/// Inputs, and the outputs that libtorch computes for them.
#[derive(Clone, Debug)]
pub(super) struct Run {
    /// The inputs of the graph.
    pub(super) inputs: Vec<Array>,
    /// The outputs of the graph.
    pub(super) outputs: Vec<Array>,
}

/// The runs of a model.
#[derive(Debug)]
pub(super) struct Runs {
    /// One sample of the size that the graph was built for.
    pub(super) one: Run,
    /// More samples of this size.
    pub(super) batch: Run,
    /// Samples of other sizes.
    pub(super) resized: Vec<Run>,
    /// Whether the graph accepts one size only.
    pub(super) has_one_size: bool,
}

/// The models of the selection, by family, rank and size.
///
/// # Errors
/// If a preset cannot be built.
pub(super) fn subjects(factory: &Factory, selection: &Selection) -> Result<Vec<Subject>> {
    let side = if selection.full_size { 224 } else { 64 };
    let inputs = [Shape::new(6, [100]), Shape::new(3, [side, side])];
    let mut subjects = Vec::new();
    for input in inputs {
        for case in presets::cases(factory, &[input]) {
            let graph = case.graph(factory)?;
            let parameters = graph.cost()?.trainable;
            if parameters <= LARGEST {
                let family = case.family().to_owned();
                subjects.push(Subject { name: case.to_string(), parameters, family, graph });
            }
        }
    }
    let rank = |subject: &Subject| subject.input().rank();
    subjects.sort_by_key(|subject| (subject.family.clone(), rank(subject), subject.parameters));
    if selection.quick {
        let mut kept: Vec<Subject> = Vec::new();
        for subject in subjects {
            let is_alike = |other: &&Subject| other.family == subject.family && rank(other) == rank(&subject);
            if kept.iter().filter(is_alike).count() < QUICK {
                kept.push(subject);
            }
        }
        subjects = kept;
    }
    subjects.retain(|subject| selection.includes(&subject.name));
    Ok(subjects)
}

impl Subject {
    fn input(&self) -> Shape {
        self.graph.inputs().next().map_or_else(|| Shape::new(0, []), |(_, node)| node.shape.clone())
    }

    /// The model, with weights as those of [`weights`].
    ///
    /// # Errors
    /// If the weights cannot be made.
    pub(super) fn model(&self) -> Result<Model> {
        Ok(Model::new(self.graph.clone(), weights(&self.graph, &self.input())?))
    }

    /// Runs the model on libtorch.
    ///
    /// # Errors
    /// If it cannot be run, or if its outputs are not finite or do not depend on the input.
    pub(super) fn runs(&self, model: &Model) -> Result<Runs> {
        let store = VarStore::new(Device::Cpu);
        let mut net = Net::with_weights(&store.root(), model.graph.clone(), &model.weights)?;
        let input = self.input();
        let one = run(&mut net, 1, &input)?;
        let batch = run(&mut net, SECOND_BATCH, &input)?;
        for output in &batch.outputs {
            check_dependence(output)?;
        }
        let mut resized = Vec::new();
        if let Some(size) = other_size(&self.graph, &input) {
            resized.push(run(&mut net, SECOND_BATCH, &size)?);
        }
        Ok(Runs { one, batch, has_one_size: resized.is_empty(), resized })
    }
}

/// Runs a network on a batch of this size and shape.
///
/// # Errors
/// If the network refuses it.
pub(super) fn run(net: &mut dyn Forward, batch: usize, shape: &Shape) -> Result<Run> {
    let dims = [&[batch], shape.dims().as_slice()].concat();
    let inputs = vec![Fill::default().array("input", &dims, FillRole::Input)?];
    let outputs = net.forward(&inputs).with_context(|| format!("at {shape}"))?;
    Ok(Run { inputs, outputs })
}

/// Checks that the outputs of two samples differ by ten times the accepted difference of readers. Otherwise equal
/// outputs would prove nothing.
fn check_dependence(output: &Array) -> Result<()> {
    let size = output.data().len() / SECOND_BATCH;
    let [first, second] = [0, 1].map(|sample| &output.data()[sample * size..(sample + 1) * size]);
    let largest = first.iter().fold(0.0, |largest: f32, value| largest.max(value.abs()));
    let difference = first.iter().zip(second).fold(0.0, |largest: f32, (a, b)| largest.max((a - b).abs()));
    ensure!(
        largest.is_finite() && f64::from(difference) > 10.0 * TOLERANCE * f64::from(largest),
        "expected outputs that depend on the input, found samples that differ by {difference:e} of {largest:e}"
    );
    Ok(())
}

/// A size that differs in each axis and that the graph accepts.
pub(super) fn other_size(graph: &Graph, input: &Shape) -> Option<Shape> {
    let larger = input.space.iter().enumerate().map(|(axis, size)| size + size / (2 + axis) + 1);
    let doubled = input.space.iter().map(|size| 2 * size);
    let candidates: [Vec<usize>; 2] = [larger.collect(), doubled.collect()];
    let mut shapes = candidates.into_iter().map(|space| Shape::new(input.channels, space));
    shapes.find(|shape| graph.shapes_for(std::slice::from_ref(shape)).is_ok())
}
