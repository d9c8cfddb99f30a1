//! Large values in single precision have their channels innermost in memory. Outputs and gradients
//! equal those of double precision, which keeps them outermost.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

mod common;

use common::noise;
use graph::{
    Activation, BatchNorm, BuildError, Conv, ConvTranspose, Extent, Graph, GroupNorm, Padding, Pool, Scope,
    Shape, UpsampleMode, Value,
};
use tch::nn::VarStore;
use tch::{Device, Kind, Tensor};
use torch::Net;

/// Largest difference relative to the norm.
const TOLERANCE: f64 = 1e-4;

/// All outputs, then the gradient of the input, then those of all variables.
fn results(graph: &Graph, x: &Tensor, kind: Kind) -> Vec<(String, Tensor)> {
    let mut store = VarStore::new(Device::Cpu);
    store.set_kind(kind);
    let net = Net::new(&store.root(), graph.clone()).unwrap();
    let x = x.detach().to_kind(kind).copy().set_requires_grad(true);
    let mut found = net.outputs(&x, true).unwrap();
    let losses =
        found.iter().map(|(name, output)| (output * noise(name, &output.size()).to_kind(kind)).sum(kind));
    losses.reduce(|a, b| a + b).unwrap().backward();
    found.push(("input".to_owned(), x.grad()));
    let gradients = net.trainable().into_iter().map(|(name, variable)| (name, variable.grad()));
    found.extend(gradients);
    found
}

fn compare(title: &str, graph: &Graph, batch: usize) {
    tch::set_num_threads(1);
    let (_, input) = graph.inputs().next().unwrap();
    let dims: Vec<i64> =
        [batch].into_iter().chain(input.shape.dims()).map(|n| i64::try_from(n).unwrap()).collect();
    let x = noise("x", &dims);
    let single = results(graph, &x, Kind::Float);
    let double = results(graph, &x, Kind::Double);
    for ((name, single), (_, double)) in single.iter().zip(&double) {
        assert_eq!(single.size(), double.size(), "{title}: {name}");
        let off = (single.to_kind(Kind::Double) - double).norm() / double.norm().clamp_min(1e-9);
        let off = f64::try_from(off).unwrap();
        assert!(off < TOLERANCE, "{title}: {name} is off by {off:.1e}");
    }
}

/// The node among convolutions and a norm.
fn check(title: &str, shape: impl Into<Shape>, node: impl Fn(Scope<'_>, Value) -> Result<Value, BuildError>) {
    let graph = Graph::build(|g| {
        let x = g.input("x", shape)?;
        let x = g.conv("before", x, Conv::new(12, 3))?;
        let x = g.batch_norm("norm", x, BatchNorm::default())?;
        let x = g.activation("act1", x, Activation::Silu)?;
        let x = node(g, x)?;
        let x = g.activation("act2", x, Activation::Silu)?;
        let x = g.conv("after", x, Conv::new(5, 1))?;
        g.output("y", x)
    });
    compare(title, &graph.unwrap(), 32);
}

#[test]
fn dilated_depthwise_convolutions_of_series() {
    let paddings = [
        Padding::Same,
        Padding::Symmetric,
        Padding::Causal,
        Padding::Valid,
        Padding::Explicit { before: 3.into(), after: 8.into() },
    ];
    for padding in paddings {
        for (kernel, dilation, length) in [(7, 4, 240), (7, 4, 241), (4, 2, 239), (3, 16, 250), (2, 3, 300)] {
            for groups_times in [1, 2] {
                let conv = Conv {
                    groups: 12,
                    dilation: dilation.into(),
                    padding,
                    bias: true,
                    ..Conv::new(12 * groups_times, kernel)
                };
                let title = format!("{conv:?} of {length}");
                check(&title, [3, length], |g, x| g.conv("conv", x, conv));
            }
        }
    }
}

#[test]
fn strided_convolutions() {
    for kernel in [1, 3] {
        for padding in [Padding::Same, Padding::Explicit { before: 1.into(), after: 2.into() }] {
            for groups in [1, 12] {
                let conv = Conv { stride: 2.into(), padding, groups, ..Conv::new(24, kernel) };
                check(&format!("{conv:?} of a series"), [1, 301], |g, x| g.conv("conv", x, conv));
                let conv = Conv { stride: Extent::Each(2, 3), ..conv };
                check(&format!("{conv:?} of an image"), [1, 29, 31], |g, x| g.conv("conv", x, conv));
            }
        }
    }
}

/// The gradient of libtorch's own operation for this writes outside its memory.
#[test]
fn a_strided_pointwise_convolution_of_few_channels() {
    let graph = Graph::build(|g| {
        let x = g.input("x", [3, 224, 224])?;
        let y = g.conv("conv", x, Conv { stride: 2.into(), ..Conv::new(48, 1) })?;
        g.output("y", y)
    });
    compare("strided", &graph.unwrap(), 8);
}

#[test]
fn changes_of_size_and_norms() {
    let pool = Pool { kernel: 3.into(), stride: 2.into(), padding: Padding::Same };
    let group = GroupNorm { groups: 3, eps: 1e-5, affine: true };
    for shape in [Shape::new(1, [301]), Shape::new(2, [21, 20])] {
        let check = |title: &str, node: &dyn Fn(Scope<'_>, Value) -> Result<Value, BuildError>| {
            check(title, shape.clone(), node);
        };
        check("max pool", &|g, x| g.max_pool("node", x, pool));
        check("average pool", &|g, x| g.average_pool("node", x, pool, false));
        check("copies", &|g, x| g.upsample("node", x, 3, UpsampleMode::Nearest));
        check("nearest", &|g, x| g.upsample("node", x, 2, UpsampleMode::Nearest));
        check("linear", &|g, x| g.upsample("node", x, 2, UpsampleMode::Linear { align_corners: true }));
        check("transposed", &|g, x| g.conv_transpose("node", x, ConvTranspose::new(7, 3, 2)));
        check("concat", &|g, x| g.concat("node", &[x, g.slice("slice", x, 2, 5)?]));
        check("one channel", &|g, x| g.conv("node", g.slice("slice", x, 2, 1)?, Conv::new(8, 3)));
        check("layer norm", &|g, x| g.layer_norm("node", x, 1e-5));
        check("group norm", &|g, x| g.group_norm("node", x, group));
        check("position norm", &|g, x| g.position_norm("node", x, 1e-3));
        check("softmax", &|g, x| g.softmax("node", x));
    }
}
