//! Weights of untrained models whose outputs are as well conditioned as those of trained ones.
//!
//! Weights are functions of their names. The running statistics are those of a batch, as after training, so that
//! values keep their magnitude through any number of layers and branches.

use anyhow::Result;
use graph::{Array, Graph, Op, Role, Shape, Weights, single};
use torch::tch::nn::VarStore;
use torch::tch::{self, Device};
use torch::{Net, tensor};

use crate::parity::{Fill, FillRole};

/// Samples in the batch of the running statistics.
const BATCH: usize = 8;
/// Added to the variances, because a channel that is constant in the batch may differ elsewhere.
const LEAST_VARIANCE: f64 = 0.05;
/// The part of the squared mean that is added to the variance: with all of it, the outputs of deep networks hardly depend
/// on the input.
const MEAN_SHARE: f64 = 0.25;

/// Weights for `graph`, whose running statistics are those of a batch of inputs of this shape.
///
/// # Errors
/// If a parameter is too large, or if libtorch cannot run the graph.
pub(super) fn weights(graph: &Graph, input: &Shape) -> Result<Weights> {
    // Rectifiers halve the variance; this gain keeps it.
    let fill = Fill { weight_gain: 2.0_f64.sqrt(), ..Fill::default() };
    let mut weights = Weights::default();
    for parameter in graph.parameters() {
        let role = match parameter.role {
            Role::Weight => FillRole::Weight(u32::try_from(parameter.fan_in())?),
            Role::Scale | Role::Length => FillRole::Scale,
            Role::Bias => FillRole::Bias,
            // In training, a batch moves them by its own statistics times the momentum.
            Role::Mean | Role::Variance => FillRole::Bookkeeping,
        };
        let array = fill.array(&parameter.name, &parameter.shape, role)?;
        weights.insert(parameter.name, array);
    }
    let store = VarStore::new(Device::Cpu);
    let net = Net::with_weights(&store.root(), graph.clone(), &weights)?;
    let dims = [&[BATCH], input.dims().as_slice()].concat();
    let batch = tensor(&fill.array("statistics", &dims, FillRole::Input)?)?;
    // Dropout is random.
    tch::manual_seed(0);
    drop(tch::no_grad(|| net.run(&batch, true))?);
    let moved = net.weights();
    for (value, node) in graph.nodes() {
        let Op::BatchNorm(norm) = node.op else { continue };
        let batch = moved.of(graph, value);
        let (Some(mean), Some(variance)) = (batch.get(Role::Mean), batch.get(Role::Variance)) else {
            continue;
        };
        let [mean, variance] = [mean, variance].map(|array| {
            let statistics = array.data().iter().map(|moved| f64::from(*moved) / norm.momentum);
            statistics.collect::<Vec<f64>>()
        });
        for parameter in graph.parameters_of(node) {
            let statistic = |i: usize| match parameter.role {
                Role::Mean => mean[i],
                // With random weights, the samples of a batch become alike in deep layers; norms that divide by what
                // is left would amplify rounding errors. So a part of the mean is included.
                _ => variance[i] + MEAN_SHARE * mean[i] * mean[i] + LEAST_VARIANCE,
            };
            if !parameter.role.is_trainable() {
                let array = Array::from_fn(parameter.shape, |i| single(statistic(i)));
                weights.insert(parameter.name, array);
            }
        }
    }
    Ok(weights)
}

#[cfg(test)]
mod tests {
    use graph::BatchNorm;

    use super::*;

    #[test]
    fn running_statistics_are_those_of_a_batch() {
        let graph = Graph::build(|g| {
            let x = g.input("x", [1, 50])?;
            let x = g.batch_norm("first", x, BatchNorm { momentum: 0.01, ..BatchNorm::default() })?;
            g.output("y", g.batch_norm("second", x, BatchNorm::default())?)
        });
        let weights = weights(&graph.unwrap(), &Shape::new(1, [50])).unwrap();
        let get = |name: &str| f64::from(weights.get(name).unwrap().data()[0]);
        // The input is uniform in [-1, 1).
        assert!(get("first.running_mean").abs() < 0.1, "{}", get("first.running_mean"));
        assert!(
            (get("first.running_var") - 1.0 / 3.0 - LEAST_VARIANCE).abs() < 0.05,
            "{}",
            get("first.running_var")
        );
        let scale = get("first.weight");
        assert!((get("second.running_mean") - get("first.bias")).abs() < 0.01);
        assert!((get("second.running_var") - scale * scale - LEAST_VARIANCE).abs() < 0.02);
    }
}
