//! Nets that several test files build.

#![allow(dead_code, reason = "each test file uses a part")]

use std::sync::{Mutex, MutexGuard, PoisonError};

use graph::{
    Activation, BatchNorm, BuildError, Conv, ConvTranspose, Crop, DropUnit, Graph, GroupNorm, Linear, Noise,
    Op, Padding, Pool, Scope, Shape, UpsampleMode, Value,
};
use tch::nn::VarStore;
use tch::{Device, Kind, Tensor};
use torch::Net;

/// Keeps other tests of this program from libtorch's random state, and runs it on one thread, until the
/// result is dropped.
pub(crate) fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    tch::set_num_threads(1);
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A net in a store of its own, whose only node besides its input is made by `node`.
pub(crate) fn one(shape: &[usize], node: impl Fn(Scope<'_>, Value) -> Result<Value, BuildError>) -> Net {
    net(Graph::build(|g| {
        let x = g.input("x", Shape::new(shape[0], &shape[1..]))?;
        let y = node(g, x)?;
        g.output("y", y)
    })
    .unwrap())
}

/// The net of a graph, in a store of its own.
pub(crate) fn net(graph: Graph) -> Net {
    Net::new(&VarStore::new(Device::Cpu).root(), graph).unwrap()
}

/// Every operation that has parameters, and every other one but `select` and `reverse`, on a series
/// (`[N, 4, 12]`) or an image (`[N, 4, 12, 12]`); 3 classes, and two named features.
pub(crate) fn everything(rank: usize) -> Graph {
    let space = vec![12; rank];
    Graph::build(|g| {
        let x = g.input("x", Shape::new(4, space))?;
        let x = g.conv("stem", x, Conv { padding: Padding::Same, ..Conv::new(8, 3) })?;
        let x = g.batch_norm("bn", x, BatchNorm::default())?;
        let x = g.activation("act", x, Activation::Silu)?;
        let wn = Conv {
            weight_norm: true,
            bias: true,
            groups: 2,
            padding: Padding::Causal,
            dilation: 2.into(),
            ..Conv::new(8, 3)
        };
        let y = g.conv("normed", x, wn)?;
        let y = g.layer_norm("ln", y, 1e-6)?;
        let y = g.dropout("drop", y, 0.25, DropUnit::Channel)?;
        let x = g.add("add", &[x, y])?;
        let down =
            g.max_pool("down", x, Pool { kernel: 2.into(), stride: 2.into(), padding: Padding::Valid })?;
        let half = down;
        let down = g.group_norm("gn", down, GroupNorm { groups: 4, eps: 1e-5, affine: true })?;
        let down = g.position_norm("pn", down, 1e-3)?;
        let up = g.conv_transpose(
            "up",
            down,
            ConvTranspose { bias: true, groups: 2, ..ConvTranspose::new(8, 3, 2) },
        )?;
        let gate = g.global_mean("se.pool", up)?;
        let gate = g.conv("se.fc", gate, Conv { bias: true, ..Conv::new(8, 1) })?;
        let gate = g.activation("se.gate", gate, Activation::HardSigmoid)?;
        let up = g.multiply("se", up, gate)?;
        let part = g.slice("slice", up, 2, 4)?;
        let x = g.concat("cat", &[x, part])?;
        let pool = Pool { kernel: 3.into(), stride: 2.into(), padding: Padding::Same };
        let small = g.average_pool("avg", x, pool, false)?;
        let large = g.upsample("large", small, 2, UpsampleMode::Linear { align_corners: false })?;
        let x = g.crop_or_pad("crop_or_pad", large, x)?;
        let x = g.softmax("softmax", x)?;
        let x = g.conv("wide", x, Conv { bias: true, ..Conv::new(6, 3) })?;
        let full = x;
        let x = g.average_pool(
            "shrink",
            x,
            Pool { kernel: 4.into(), stride: 4.into(), padding: Padding::Valid },
            true,
        )?;
        let x = g.flatten("flatten", x)?;
        let x = g.op("hidden", Op::Linear(Linear { out: 5, bias: false }), &[x])?;
        let x = g.batch_norm("hidden.bn", x, BatchNorm { affine: false, ..BatchNorm::default() })?;
        let x = g.dropout("hidden.drop", x, 0.1, DropUnit::Element)?;
        let x = g.linear("fc", x, 3)?;
        g.output("logits", x)?;
        g.output("half", half)?;
        g.output("full", full)
    })
    .unwrap()
}

/// A small classifier of series with two parts: `layer1` and `layer10`, each conv, norm, relu.
pub(crate) fn classifier() -> Graph {
    Graph::build(|g| {
        let mut x = g.input("x", [2, 16])?;
        for layer in ["layer1", "layer10"] {
            let s = g / layer;
            x = s.conv("conv", x, Conv::new(8, 3))?;
            x = s.batch_norm("bn", x, BatchNorm::default())?;
            x = s.activation("relu", x, Activation::Relu)?;
        }
        let x = g.global_mean("pool", x)?;
        let x = g.flatten("flatten", x)?;
        let x = g.linear("fc", x, 2)?;
        g.output("logits", x)
    })
    .unwrap()
}

/// A transposed convolution of one channel in and out.
pub(crate) fn enlarge(kernel: usize, stride: usize, crop: Crop) -> ConvTranspose {
    ConvTranspose { crop, ..ConvTranspose::new(1, kernel, stride) }
}

/// The same numbers for the same name.
pub(crate) fn noise(name: &str, shape: &[i64]) -> Tensor {
    let noise = Noise::of(name);
    let values: Vec<f64> =
        (0..shape.iter().product::<i64>()).map(|i| noise.normal(i.cast_unsigned())).collect();
    Tensor::from_slice(&values).to_kind(Kind::Float).reshape(shape)
}

/// `0, 1, 2, …`
pub(crate) fn ramp(shape: &[i64]) -> Tensor {
    Tensor::arange(shape.iter().product::<i64>(), (Kind::Float, Device::Cpu)).reshape(shape)
}

/// All elements, in order.
pub(crate) fn flat(tensor: &Tensor) -> Vec<f32> {
    Vec::try_from(tensor.detach().reshape([-1])).unwrap()
}

/// Checks that elements are within 1e-5 of those expected.
#[track_caller]
pub(crate) fn check(found: &Tensor, shape: &[i64], expected: &[f32]) {
    assert_eq!(found.size(), shape);
    let values = flat(found);
    let close = values.iter().zip(expected).all(|(a, b)| (a - b).abs() <= 1e-5 * (1.0 + b.abs()));
    assert!(values.len() == expected.len() && close, "{values:?} instead of {expected:?}");
}
