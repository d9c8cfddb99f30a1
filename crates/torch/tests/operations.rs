//! Operations without windows: normalizations, activations, changes of size.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

mod common;

use common::{check, net, noise, one, ramp};
use graph::{Activation, BatchNorm, BuildError, Graph, GroupNorm, Scope, TimeStep, UpsampleMode, Value};
use tch::nn::VarStore;
use tch::{Device, Kind, Tensor};
use torch::Net;

/// The output of one operation for `x`, whose batch may have any size.
fn run(x: &Tensor, node: impl Fn(Scope<'_>, Value) -> Result<Value, BuildError>) -> Tensor {
    let shape: Vec<usize> = x.size()[1..].iter().map(|n| usize::try_from(*n).unwrap()).collect();
    one(&shape, node).run(x, false).unwrap()
}

fn series(values: &[f32]) -> Tensor {
    Tensor::from_slice(values).reshape([1, 1, -1])
}

/// The first input cropped or padded to the size of the second.
fn fitted(x: &Tensor, like: &[i64]) -> Tensor {
    let size = |n: i64| usize::try_from(n).unwrap();
    let graph = Graph::build(|g| {
        let shape =
            |x: &[i64]| graph::Shape::new(size(x[0]), x[1..].iter().map(|n| size(*n)).collect::<Vec<_>>());
        let a = g.input("a", shape(&x.size()[1..]))?;
        let b = g.input("b", shape(&like[1..]))?;
        let y = g.crop_or_pad("crop_or_pad", a, b)?;
        g.output("y", y)
    });
    let outputs = net(graph.unwrap()).run_all(&[x, &ramp(like)], false).unwrap();
    outputs.into_iter().next().unwrap().1
}

#[test]
fn the_smaller_half_of_the_surplus_is_before() {
    check(&fitted(&series(&[1., 2.]), &[1, 3, 5]), &[1, 1, 5], &[0., 1., 2., 0., 0.]);
    check(&fitted(&series(&[1., 2., 3., 4., 5.]), &[1, 3, 2]), &[1, 1, 2], &[2., 3.]);
    check(&fitted(&series(&[1., 2.]), &[1, 1, 2]), &[1, 1, 2], &[1., 2.]);
    // One axis is cropped, the other padded.
    check(&fitted(&ramp(&[1, 1, 3, 1]), &[1, 1, 2, 2]), &[1, 1, 2, 2], &[0., 0., 1., 0.]);
}

#[test]
fn nearest_upsampling_copies_exactly() {
    check(
        &run(&series(&[1., 2.]), |g, x| g.upsample("up", x, 3, UpsampleMode::Nearest)),
        &[1, 1, 6],
        &[1., 1., 1., 2., 2., 2.],
    );
    let image = run(&ramp(&[1, 1, 1, 2]), |g, x| g.upsample("up", x, [2, 3], UpsampleMode::Nearest));
    check(&image, &[1, 1, 2, 6], &[0., 0., 0., 1., 1., 1., 0., 0., 0., 1., 1., 1.]);
}

#[test]
fn nearest_upsampling_is_exact_at_any_factor() {
    for factor in 1..=64 {
        let x = ramp(&[1, 1, 7]);
        let found = run(&x, |g, x| g.upsample("up", x, factor, UpsampleMode::Nearest));
        let copies = x.repeat_interleave_self_int(i64::try_from(factor).unwrap(), 2, None);
        assert_eq!(found, copies, "factor {factor}");
    }
}

#[test]
fn linear_upsampling_with_and_without_aligned_corners() {
    let up = |align_corners, x: &Tensor| {
        run(x, |g, v| g.upsample("up", v, 2, UpsampleMode::Linear { align_corners }))
    };
    check(&up(false, &series(&[0., 4.])), &[1, 1, 4], &[0., 1., 3., 4.]);
    check(&up(true, &series(&[0., 3.])), &[1, 1, 4], &[0., 1., 2., 3.]);
    let image = ramp(&[1, 1, 1, 2]) * 4;
    check(&up(false, &image), &[1, 1, 2, 4], &[0., 1., 3., 4., 0., 1., 3., 4.]);
    check(&up(true, &series(&[5.])), &[1, 1, 2], &[5., 5.]);
}

#[test]
fn position_norm_takes_statistics_over_positions() {
    // Two channels of mean 1 and 10, deviations 1 and 2: both become -1, 1.
    let x = Tensor::from_slice(&[0f32, 2., 8., 12.]).reshape([1, 2, 2]);
    check(&run(&x, |g, x| g.position_norm("norm", x, 0.0)), &[1, 2, 2], &[-1., 1., -1., 1.]);
    let image = Tensor::from_slice(&[0f32, 2., 8., 12.]).reshape([1, 2, 1, 2]);
    check(
        &run(&image, |g, x| g.position_norm("norm", x, 3.0)),
        &[1, 2, 1, 2],
        &[-0.5, 0.5, -0.755_929, 0.755_929],
    );
    let net = one(&[2, 5], |g, x| g.position_norm("norm", x, 0.0));
    assert_eq!(net.weights().get("norm.weight").unwrap().shape(), [5]);
}

#[test]
fn layer_norm_takes_statistics_over_channels() {
    // Positions (0, 8) and (2, 12).
    let x = Tensor::from_slice(&[0f32, 2., 8., 12.]).reshape([1, 2, 2]);
    check(&run(&x, |g, x| g.layer_norm("norm", x, 0.0)), &[1, 2, 2], &[-1., -1., 1., 1.]);
    let vector = Tensor::from_slice(&[0f32, 2., 8., 12.]).reshape([1, 4, 1]);
    let found = run(&vector, |g, x| {
        let x = g.flatten("flatten", x)?;
        g.layer_norm("norm", x, 0.0)
    });
    let deviation = 22.75f32.sqrt();
    check(&found, &[1, 4], &[-5.5, -3.5, 2.5, 6.5].map(|v| v / deviation));
}

#[test]
fn group_norm_takes_statistics_over_groups_and_positions() {
    let x = Tensor::from_slice(&[0f32, 2., 8., 12.]).reshape([1, 2, 2]);
    let norm = |groups| GroupNorm { groups, eps: 0.0, affine: groups == 1 };
    check(&run(&x, |g, x| g.group_norm("norm", x, norm(2))), &[1, 2, 2], &[-1., 1., -1., 1.]);
    let deviation = 22.75f32.sqrt();
    let expected = [-5.5, -3.5, 2.5, 6.5].map(|v| v / deviation);
    check(&run(&x, |g, x| g.group_norm("norm", x, norm(1))), &[1, 2, 2], &expected);
}

#[test]
fn batch_norm_starts_as_the_identity() {
    let norm = BatchNorm { eps: 0.0, affine: false, ..BatchNorm::default() };
    for shape in [&[2, 3, 4][..], &[2, 3, 2, 2]] {
        let x = ramp(shape);
        assert_eq!(run(&x, |g, x| g.batch_norm("norm", x, norm)), x);
    }
}

#[test]
fn softmax_is_over_channels() {
    let x = Tensor::from_slice(&[0f32, 0., 3f32.ln(), 0.]).reshape([1, 2, 2]);
    check(&run(&x, |g, x| g.softmax("softmax", x)), &[1, 2, 2], &[0.25, 0.5, 0.75, 0.5]);
}

#[test]
fn steps_and_order_of_a_series() {
    let select = |step, x: &Tensor| run(x, |g, v| g.select("select", v, step));
    let x = ramp(&[1, 2, 4]);
    check(&select(TimeStep::First, &x), &[1, 2], &[0., 4.]);
    check(&select(TimeStep::Middle, &x), &[1, 2], &[2., 6.]);
    check(&select(TimeStep::Last, &x), &[1, 2], &[3., 7.]);
    check(&run(&x, |g, v| g.reverse("reverse", v)), &[1, 2, 4], &[3., 2., 1., 0., 7., 6., 5., 4.]);
}

#[test]
fn channels_are_outermost_in_a_flattened_vector() {
    let x = ramp(&[1, 2, 2, 2]);
    let found = run(&x, |g, x| {
        let x = g.slice("slice", x, 1, 1)?;
        let x = g.concat("concat", &[x, x])?;
        g.flatten("flatten", x)
    });
    check(&found, &[1, 8], &[4., 5., 6., 7., 4., 5., 6., 7.]);
}

#[test]
fn sums_and_gates() {
    let x = ramp(&[1, 2, 2]);
    check(&run(&x, |g, x| g.add("sum", &[x, x, x, x])), &[1, 2, 2], &[0., 4., 8., 12.]);
    check(&run(&x, |g, x| g.add("sum", &[x])), &[1, 2, 2], &[0., 1., 2., 3.]);
    let gated = run(&x, |g, x| {
        let gate = g.global_mean("mean", x)?;
        g.multiply("gate", x, gate)
    });
    check(&gated, &[1, 2, 2], &[0., 0.5, 5., 7.5]);
}

#[test]
fn adding_in_place_touches_no_input() {
    let x = ramp(&[1, 1, 3]);
    let _ = run(&x, |g, x| g.add("sum", &[x, x, x]));
    check(&x, &[1, 1, 3], &[0., 1., 2.]);
}

#[test]
fn activations_are_the_textbook_functions() {
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    let softplus = |x: f64| x.exp().ln_1p();
    let relu6 = |x: f64| x.clamp(0.0, 6.0);
    let (scale, alpha) = Activation::SELU;
    let elu = |x: f64, alpha: f64| if x > 0.0 { x } else { alpha * x.exp_m1() };
    let mut all = Activation::ALL.to_vec();
    all.extend([Activation::LeakyRelu { slope: 0.2 }, Activation::Elu { alpha: 0.5 }]);
    let points: [f64; 9] = [-8.0, -3.0, -1.0, -0.25, 0.0, 0.25, 1.0, 3.0, 7.0];
    // x * Phi(x) from a table of the normal distribution.
    let gelu = [
        -4.976e-15,
        -0.004_049_694,
        -0.158_655_254,
        -0.100_323_4,
        0.0,
        0.149_676_6,
        0.841_344_746,
        2.995_950_306,
        7.0,
    ];
    for activation in all {
        let expected = points.iter().zip(gelu).map(|(&x, gelu)| match activation {
            Activation::Relu => x.max(0.0),
            Activation::Relu6 => relu6(x),
            Activation::LeakyRelu { slope } => x.max(slope * x),
            Activation::Elu { alpha } => elu(x, alpha),
            Activation::Selu => scale * elu(x, alpha),
            Activation::Gelu => gelu,
            Activation::GeluTanh => {
                0.5 * x * (1.0 + ((2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x.powi(3))).tanh())
            }
            Activation::Silu => x * sigmoid(x),
            Activation::HardSwish => x * relu6(x + 3.0) / 6.0,
            Activation::Sigmoid => sigmoid(x),
            Activation::HardSigmoid => relu6(x + 3.0) / 6.0,
            Activation::Tanh => x.tanh(),
            Activation::Softplus => softplus(x),
            Activation::Mish => x * softplus(x).tanh(),
        });
        let expected: Vec<f64> = expected.collect();
        let x = Tensor::from_slice(&points).to_kind(Kind::Float).reshape([1, 1, -1]);
        let found = run(&x, |g, v| g.activation("act", v, activation));
        let error = (found.reshape([-1]) - Tensor::from_slice(&expected)).abs().max();
        assert!(f64::try_from(&error).unwrap() < 1e-6, "{activation}: {found} instead of {expected:?}");
    }
}

#[test]
fn slopes_have_the_usual_gradients() {
    for (activation, expected) in [
        (Activation::LeakyRelu { slope: 0.2 }, [0.2, 0.2, 1.0]),
        (Activation::Elu { alpha: 0.5 }, [0.5 * (-1f32).exp(), 0.5, 1.0]),
    ] {
        let x = series(&[-1., 0., 100.]).set_requires_grad(true);
        run(&x, |g, v| g.activation("act", v, activation)).sum(Kind::Float).backward();
        check(&x.grad(), &[1, 1, 3], &expected);
    }
}

#[test]
fn a_net_may_have_another_kind() {
    let x = noise("x", &[2, 4, 12]);
    let single = common::net(common::everything(1)).run(&x, false).unwrap();
    for (kind, tolerance) in [(Kind::Double, 1e-5), (Kind::Half, 1e-2), (Kind::BFloat16, 5e-2)] {
        let mut store = VarStore::new(Device::Cpu);
        store.set_kind(kind);
        let net = Net::new(&store.root(), common::everything(1)).unwrap();
        let found = net.run(&x.to_kind(kind), false).unwrap();
        assert_eq!(found.kind(), kind);
        let difference = (found.to_kind(Kind::Float) - &single).norm() / single.norm();
        assert!(f64::try_from(&difference).unwrap() < tolerance, "{kind:?}: {difference}");
        assert!(net.merged().is_ok(), "{kind:?}");
    }
}
