//! Merged networks compute the same outputs as unmerged ones, for every kernel, stride, dilation and padding,
//! and for series and images.

use graph::reference::{Tensor, run};
use graph::{Array, Graph, Noise, Padding, Role, Shape, Weights, merge};
use mobileone::{Config, PRESETS, Stage, Stem};

/// Random weights whose running statistics differ from those of a new network.
fn weights(graph: &Graph, seed: u64) -> Weights {
    let array = |parameter: graph::Parameter| {
        let noise = Noise::of(&format!("{seed} {}", parameter.name));
        let fan_in = parameter.fan_in() as f64;
        let value = |i: usize| match parameter.role {
            Role::Weight => noise.normal(i as u64) / fan_in.sqrt(),
            // Keeps sums of branches about as large as their input.
            Role::Scale | Role::Length => 0.2 + 0.3 * noise.uniform(i as u64),
            Role::Variance => 0.5 + noise.uniform(i as u64),
            Role::Bias | Role::Mean => noise.uniform(i as u64) - 0.5,
        };
        #[expect(clippy::cast_possible_truncation, reason = "weights are f32")]
        let array = Array::from_fn(parameter.shape.clone(), |i| value(i) as f32);
        (parameter.name, array)
    };
    graph.parameters().map(array).collect()
}

fn check(config: &Config, shape: impl Into<Shape>, sizes: &[&[usize]], what: &str) {
    let shape = shape.into();
    let trained = mobileone::graph(config, shape.clone()).expect("a network");
    let weights = weights(&trained, 7);
    let merged = merge(&trained, &weights);
    assert_eq!(merged.refusals, [], "{what}");
    let built =
        mobileone::graph(&Config { inference: true, ..config.clone() }, shape.clone()).expect("a network");
    assert!(merged.weights.compare(&built).is_exact(), "{what}");
    for size in sizes {
        let x = Tensor::noise("x", 2, Shape::new(shape.channels, *size));
        let expected = run(&trained, &weights, std::slice::from_ref(&x)).expect("a network");
        for graph in [&merged.graph, &built] {
            let found = run(graph, &merged.weights, std::slice::from_ref(&x)).expect("a network");
            for (expected, found) in expected[0].data.iter().zip(&found[0].data) {
                assert!(
                    (expected - found).abs() < 1e-5 * (1.0 + expected.abs()),
                    "{what}: {expected} and {found}"
                );
            }
        }
    }
}

#[test]
fn every_kernel_stride_dilation_and_padding() {
    for kernel in [1, 2, 3, 5, 7] {
        for (stride, dilation) in [(1, 1), (2, 1), (1, 3), (3, 2)] {
            for padding in [Padding::Symmetric, Padding::Causal, Padding::Same] {
                // At every size, one tap of the kernel must read what a 1×1 branch reads.
                let is_symmetric = padding == Padding::Symmetric;
                let has_no_center =
                    kernel % 2 == 0 && padding != Padding::Causal && (dilation % 2 == 1 || is_symmetric);
                let depends_on_size = padding == Padding::Same && stride > 1 && kernel > 1;
                if has_no_center || depends_on_size {
                    continue;
                }
                let stage = Stage {
                    kernel: kernel.into(),
                    stride: stride.into(),
                    dilation: dilation.into(),
                    padding,
                    branches: 2,
                    se_divisor: Some(2.0),
                    se_depth: 1,
                    ..Stage::new(6, 2)
                };
                let stem = Stem { channels: 4, padding: Padding::Symmetric, ..Config::micro().stem };
                let config = Config { classes: Some(3), stem, stages: vec![stage], ..Config::micro() };
                let what = format!("kernel {kernel}, stride {stride}, dilation {dilation}, {padding}");
                check(&config, [3, 40], &[&[40], &[41], &[67]], &what);
                check(&config, [3, 12, 15], &[&[12, 15], &[13, 9]], &what);
            }
        }
    }
}

#[test]
fn presets_compute_the_same_when_merged() {
    for (name, config) in PRESETS.iter().filter(|(name, _)| ["micro", "mobileone_u0"].contains(name)) {
        check(&config(), [6, 100], &[&[100], &[77]], name);
    }
    let s0 = Config { stages: Config::s0().stages[..2].to_vec(), ..Config::s0() };
    check(&s0, [3, 32, 32], &[&[32, 32], &[33, 20]], "the first half of S0");
}
