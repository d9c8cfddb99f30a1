//! What every preset must be able to do: run, merge to the same function, learn a step.

use std::fmt;

use anyhow::{Context, Result, ensure};
use factory::Factory;
use graph::{Graph, Shape};
use torch::Net;
use torch::tch::{Device, Kind, Tensor, nn, no_grad, set_num_threads};

/// Trainable parameters above which a preset is exercised by a command of its own only.
pub const LARGE: u64 = 50_000_000;

/// Presets that end in one step of a series, which an image does not have.
const SERIES_ONLY: [(&str, &str); 1] = [("tcn", "bai")];

/// A preset and the input that it is exercised with.
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

/// Every preset with a small series and, but for those of one step of a series, a small image.
pub fn cases(factory: &Factory) -> Vec<Case> {
    let inputs = [Shape::new(3, [64]), Shape::new(3, [64, 64])];
    let case = |family: &factory::Family, preset: &str, input: &Shape| Case {
        family: family.name().to_owned(),
        preset: preset.to_owned(),
        input: input.clone(),
    };
    factory
        .list()
        .flat_map(|family| family.presets().map(move |preset| (family, preset)))
        .flat_map(|(family, preset)| inputs.each_ref().map(|input| case(family, preset, input)))
        .filter(|case| {
            case.input.rank() == 1 || !SERIES_ONLY.contains(&(case.family.as_str(), case.preset.as_str()))
        })
        .collect()
}

impl Case {
    /// The preset's graph for this input, for ten classes.
    ///
    /// # Errors
    /// Names the case.
    pub fn graph(&self, factory: &Factory) -> Result<Graph> {
        let Self { family, preset, input } = self;
        let model = factory.preset(family, preset, input.clone(), Some(10));
        Ok(model.with_context(|| self.to_string())?.graph)
    }
}

/// Runs `graph`, merges it, compares both, and takes one step of gradient descent.
///
/// # Errors
/// Names the case, and what it did not do.
pub fn exercise(case: &Case, graph: Graph) -> Result<()> {
    // On values this small threads cost a hundred times what they give, on a busy machine.
    set_num_threads(1);
    let dims: Vec<i64> =
        [2].into_iter().chain(case.input.dims()).map(i64::try_from).collect::<Result<_, _>>()?;
    let store = nn::VarStore::new(Device::Cpu);
    let net = Net::new(&store.root(), graph).with_context(|| case.to_string())?;
    let x = Tensor::rand(dims, (Kind::Float, Device::Cpu));
    // The merged net compares itself with the unmerged one.
    let merged = net.merged().with_context(|| case.to_string())?;
    let answer = no_grad(|| merged.net.run(&x, false)).with_context(|| case.to_string())?;
    ensure!(answer.size()[0] == 2, "{case}: {:?} for two samples", answer.size());

    let loss = net.run(&x, true).with_context(|| case.to_string())?.square().mean(Kind::Float);
    loss.backward();
    for (name, parameter) in net.trainable() {
        let gradient = parameter.grad();
        ensure!(gradient.defined(), "{case}: no gradient reaches {name}");
        let finite = gradient.isfinite().all().int64_value(&[]) == 1;
        ensure!(finite, "{case}: the gradient of {name} is not finite");
    }
    Ok(())
}
