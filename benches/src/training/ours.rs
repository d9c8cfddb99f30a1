//! Training here, as one process.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use factory::Factory;
use torch::Net;
use torch::tch::nn::{self, OptimizerConfig};
use torch::tch::{self, Device, Reduction, Tensor};

use super::{NETWORKS, Said};

/// Steps before those that count.
const DROPPED: usize = 3;
/// Steps that count, at least.
const LEAST: usize = 3;

/// Trains the network on a batch for about so many seconds.
///
/// # Errors
/// A name that is not in [`NETWORKS`], or what libtorch refuses.
pub fn ours(name: &str, threads: usize, seconds: f64) -> Result<Said> {
    let network = NETWORKS.iter().find(|network| network.name == name);
    let network = network.with_context(|| format!("there is no network `{name}`"))?;
    tch::set_num_threads(i32::try_from(threads)?);
    torch::keep_freed_memory();
    let (factory, config) = (Factory::builtin(), network.config);
    let model = if config.contains('\n') { factory.build(config) } else { factory.build_ready(config) };
    let graph = model?.graph;
    let parameters = graph.cost()?.trainable;
    let store = nn::VarStore::new(Device::Cpu);
    let net = Net::new(&store.root(), graph)?;
    let (x, y) = batch(&net, network.batch)?;
    let mut step = stepper(&store, &net, &x, &y)?;
    for _ in 0..DROPPED {
        step()?;
    }
    let (start, mut steps) = (Instant::now(), 0);
    while steps < LEAST || start.elapsed() < Duration::from_secs_f64(seconds) {
        step()?;
        steps += 1;
    }
    let samples = steps as f64 * network.batch as f64;
    Ok(Said { parameters, samples_per_second: samples / start.elapsed().as_secs_f64() })
}

/// One step of gradient descent: the one place that says how.
fn stepper<'a>(
    store: &nn::VarStore,
    net: &'a Net,
    x: &'a Tensor,
    y: &'a Tensor,
) -> Result<impl FnMut() -> Result<()> + use<'a>> {
    let adam = nn::AdamW { beta1: 0.9, beta2: 0.999, wd: 0.01, eps: 1e-8, amsgrad: false };
    let mut optimizer = adam.build(store, 1e-3)?;
    Ok(move || {
        optimizer.zero_grad();
        let logits = net.run(x, true)?;
        logits.f_cross_entropy_loss::<&Tensor>(y, None, Reduction::Mean, -100, 0.0)?.backward();
        optimizer.step();
        Ok(())
    })
}

/// The batch of `peers/measure.py`.
fn batch(net: &Net, samples: i64) -> Result<(Tensor, Tensor)> {
    let graph = net.graph();
    let sizes = |shape: &graph::Shape| -> Result<Vec<i64>> {
        let dims = shape.dims().into_iter().map(i64::try_from);
        Ok(std::iter::once(Ok(samples)).chain(dims).collect::<Result<_, _>>()?)
    };
    let (_, input) = graph.inputs().next().context("a network without input")?;
    let dims = sizes(&input.shape)?;
    let mut labels = sizes(&graph.node(graph.main_output().value).shape)?;
    let classes = labels.remove(1);
    let value = |i: i64| (i * 7919 % 2001) as f32 / 1000.0 - 1.0;
    let x: Vec<f32> = (0..dims.iter().product()).map(value).collect();
    let y: Vec<i64> = (0..labels.iter().product()).map(|i: i64| i * 31 % classes).collect();
    Ok((Tensor::f_from_slice(&x)?.f_reshape(dims)?, Tensor::f_from_slice(&y)?.f_reshape(labels)?))
}
