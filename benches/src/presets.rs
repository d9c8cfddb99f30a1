//! A check of every preset: run, merge to the same function, and take a training step.

use std::fmt;

use anyhow::{Context, Result, ensure};
use factory::Factory;
use graph::{Graph, Shape};
use torch::Net;
use torch::tch::{Device, Kind, Tensor, nn, no_grad, set_num_threads};

/// Number of trainable parameters above which a preset is checked only by the program `presets --large`.
pub const LARGE: u64 = 50_000_000;

/// Presets that reduce a series to a single time step, which images do not have.
const SERIES_ONLY: [(&str, &str); 1] = [("tcn", "bai")];

/// A preset and the shape of its input.
#[derive(Clone, Debug)]
pub struct Case {
    family: String,
    preset: String,
    input: Shape,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{} {}", self.family, self.preset, self.input)
    }
}

/// A small series and a small image.
pub fn small_inputs() -> [Shape; 2] {
    [Shape::new(3, [64]), Shape::new(3, [64, 64])]
}

/// Every preset with each of these inputs, except for images and the presets in `SERIES_ONLY`.
pub fn cases(factory: &Factory, inputs: &[Shape]) -> Vec<Case> {
    let mut cases = Vec::new();
    for family in factory.list() {
        for preset in family.presets() {
            let series_only = SERIES_ONLY.contains(&(family.name(), preset));
            for input in inputs {
                if input.rank() > 1 && series_only {
                    continue;
                }
                cases.push(Case {
                    family: family.name().to_owned(),
                    preset: preset.to_owned(),
                    input: input.clone(),
                });
            }
        }
    }
    cases
}

impl Case {
    /// Name of the family.
    pub fn family(&self) -> &str {
        &self.family
    }

    /// Shape of the input.
    pub fn input(&self) -> &Shape {
        &self.input
    }

    /// Builds the preset's graph for this input, with ten classes.
    ///
    /// # Errors
    /// If the graph cannot be built; names the case.
    pub fn graph(&self, factory: &Factory) -> Result<Graph> {
        let Self { family, preset, input } = self;
        let model = factory.preset(family, preset, input.clone(), Some(10));
        Ok(model.with_context(|| self.to_string())?.graph)
    }
}

/// Runs `graph`, merges it, compares the outputs, and computes the gradients of a loss.
///
/// # Errors
/// Names the case and the check that failed.
pub fn exercise(case: &Case, graph: Graph) -> Result<()> {
    // On a busy machine, threads cost far more than they gain on inputs this small.
    set_num_threads(1);
    let dims: Vec<i64> =
        [2].into_iter().chain(case.input.dims()).map(i64::try_from).collect::<Result<_, _>>()?;
    let store = nn::VarStore::new(Device::Cpu);
    let net = Net::new(&store.root(), graph).with_context(|| case.to_string())?;
    let x = Tensor::rand(dims, (Kind::Float, Device::Cpu));
    // `merged` compares the outputs of both networks.
    let merged = net.merged().with_context(|| case.to_string())?;
    let answer = no_grad(|| merged.net.run(&x, false)).with_context(|| case.to_string())?;
    ensure!(
        answer.size()[0] == 2,
        "{case}: expected an output of 2 samples, found shape {:?}",
        answer.size()
    );

    let loss = net.run(&x, true).with_context(|| case.to_string())?.square().mean(Kind::Float);
    loss.backward();
    for (name, parameter) in net.trainable() {
        let gradient = parameter.grad();
        ensure!(gradient.defined(), "{case}: `{name}` has no gradient");
        let finite = gradient.isfinite().all().int64_value(&[]) == 1;
        ensure!(finite, "{case}: the gradient of `{name}` is not finite");
    }
    Ok(())
}
