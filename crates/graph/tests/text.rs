//! The text dump: readable, complete, stable.

#![allow(clippy::too_many_lines, reason = "tables of cases")]

use expect_test::{Expect, expect};
use graph::{
    Activation, BatchNorm, BuildError, Conv, ConvTranspose, Crop, DropUnit, Graph, GroupNorm, Linear, Op,
    Padding, Pool, Scope, Shape, TimeStep, UpsampleMode, Value,
};

fn check(model: impl FnOnce(Scope<'_>) -> Result<(), BuildError>, text: &Expect) {
    let graph = Graph::build(model).expect("the graph can be built");
    graph.verify().expect("a graph that is built is legal");
    text.assert_eq(&graph.text());
}

#[test]
fn images() {
    check(
        |g| {
            let x = g.input("image", [3, 64, 48])?;
            let stem = Conv { stride: 2.into(), padding: Padding::Same, ..Conv::new(16, [7, 3]) };
            let x = g.conv("stem.conv", x, stem)?;
            let x = g.batch_norm("stem.bn", x, BatchNorm { eps: 1e-3, ..BatchNorm::default() })?;
            let x = g.activation("stem.act", x, Activation::Silu)?;
            let pool = Pool { kernel: 3.into(), stride: 2.into(), padding: Padding::Symmetric };
            let down = g.max_pool("pool", x, pool)?;
            let gate = g.global_mean("se.mean", down)?;
            let gate = g.conv("se.fc", gate, Conv { bias: true, ..Conv::new(16, 1) })?;
            let gate = g.activation("se.gate", gate, Activation::HardSigmoid)?;
            let down = g.multiply("se.scale", down, gate)?;
            let up = g.upsample("up", down, 2, UpsampleMode::Linear { align_corners: true })?;
            let up = g.crop_or_pad("crop_or_pad", up, x)?;
            let both = g.concat("concat", &[x, up])?;
            let mean = g.global_mean("mean", both)?;
            let flat = g.flatten("flatten", mean)?;
            let flat = g.dropout("drop", flat, 0.2, DropUnit::Element)?;
            let logits = g.linear("fc", flat, 10)?;
            g.output("logits", logits)?;
            g.output("features.2", both)
        },
        &expect![[r#"
            graph 1
            %0 = input "image" : [N, 3, 64, 48]
            %1 = conv "stem.conv" (%0) out=16 kernel=[7, 3] stride=2 padding=same : [N, 16, 32, 24]
            %2 = batch_norm "stem.bn" (%1) eps=0.001 : [N, 16, 32, 24]
            %3 = activation "stem.act" (%2) silu : [N, 16, 32, 24]
            %4 = max_pool "pool" (%3) kernel=3 stride=2 padding=symmetric : [N, 16, 16, 12]
            %5 = global_mean "se.mean" (%4) : [N, 16, 1, 1]
            %6 = conv "se.fc" (%5) out=16 kernel=1 padding=symmetric bias : [N, 16, 1, 1]
            %7 = activation "se.gate" (%6) hard_sigmoid : [N, 16, 1, 1]
            %8 = multiply "se.scale" (%4, %7) : [N, 16, 16, 12]
            %9 = upsample "up" (%8) factor=2 linear align_corners : [N, 16, 32, 24]
            %10 = crop_or_pad "crop_or_pad" (%9, %3) : [N, 16, 32, 24]
            %11 = concat "concat" (%3, %10) : [N, 32, 32, 24]
            %12 = global_mean "mean" (%11) : [N, 32, 1, 1]
            %13 = flatten "flatten" (%12) : [N, 32]
            %14 = dropout "drop" (%13) p=0.2 element : [N, 32]
            %15 = linear "fc" (%14) out=10 bias : [N, 10]
            output "logits" = %15
            output "features.2" = %11
        "#]],
    );
}

#[test]
fn series() {
    check(
        |g| {
            let x = g.input("signal", [6, 100])?;
            let causal = Conv { padding: Padding::Causal, weight_norm: true, bias: true, ..Conv::new(12, 5) };
            let a = g.conv("a", x, Conv { dilation: 4.into(), groups: 2, ..causal })?;
            let a = g.layer_norm("norm1", a, 1e-6)?;
            let a = g.group_norm("norm2", a, GroupNorm { groups: 3, eps: 1e-5, affine: false })?;
            let a = g.position_norm("norm3", a, 1e-3)?;
            let a = g.batch_norm(
                "norm4",
                a,
                BatchNorm { momentum: 0.01, affine: false, ..BatchNorm::default() },
            )?;
            let explicit = Padding::Explicit { before: 1.into(), after: 2.into() };
            let pool = Pool { kernel: 4.into(), stride: 2.into(), padding: explicit };
            let b = g.average_pool("pool", a, pool, true)?;
            let pool = Pool { padding: Padding::Valid, ..pool };
            let c = g.average_pool("pool2", a, pool, false)?;
            let c = g.upsample("nearest", c, 1, UpsampleMode::Nearest)?;
            let c = g.upsample("linear", c, 1, UpsampleMode::Linear { align_corners: false })?;
            let up = ConvTranspose { crop: Crop::Causal, bias: true, ..ConvTranspose::new(12, 4, 2) };
            let b = g.conv_transpose("up", b, up)?;
            let b =
                g.conv_transpose("up2", b, ConvTranspose { groups: 4, ..ConvTranspose::new(12, 3, 1) })?;
            let b = g.crop_or_pad("crop_or_pad", b, c)?;
            let sum = g.add("sum", &[b, c, b])?;
            let left = g.slice("left", sum, 0, 6)?;
            let left = g.activation("leaky", left, Activation::LeakyRelu { slope: 0.2 })?;
            let back = g.reverse("back", left)?;
            let back = g.dropout("path", back, 0.05, DropUnit::Path)?;
            let back = g.dropout("channel", back, 0.05, DropUnit::Channel)?;
            let last = g.select("last", back, TimeStep::Last)?;
            let first = g.select("first", back, TimeStep::First)?;
            let middle = g.select("middle", back, TimeStep::Middle)?;
            let steps = g.concat("steps", &[first, middle, last])?;
            let y = g.op("fc", Op::Linear(Linear { out: 2, bias: false }), &[steps])?;
            let y = g.softmax("softmax", y)?;
            g.output("probabilities", y)
        },
        &expect![[r#"
            graph 1
            %0 = input "signal" : [N, 6, 100]
            %1 = conv "a" (%0) out=12 kernel=5 dilation=4 groups=2 padding=causal bias weight_norm : [N, 12, 100]
            %2 = layer_norm "norm1" (%1) eps=1e-6 : [N, 12, 100]
            %3 = group_norm "norm2" (%2) groups=3 eps=1e-5 affine=false : [N, 12, 100]
            %4 = position_norm "norm3" (%3) eps=0.001 : [N, 12, 100]
            %5 = batch_norm "norm4" (%4) momentum=0.01 affine=false : [N, 12, 100]
            %6 = average_pool "pool" (%5) kernel=4 stride=2 padding=1+2 count_padding : [N, 12, 50]
            %7 = average_pool "pool2" (%5) kernel=4 stride=2 padding=valid : [N, 12, 49]
            %8 = upsample "nearest" (%7) factor=1 nearest : [N, 12, 49]
            %9 = upsample "linear" (%8) factor=1 linear : [N, 12, 49]
            %10 = conv_transpose "up" (%6) out=12 kernel=4 stride=2 crop=causal bias : [N, 12, 100]
            %11 = conv_transpose "up2" (%10) out=12 kernel=3 stride=1 groups=4 crop=same : [N, 12, 100]
            %12 = crop_or_pad "crop_or_pad" (%11, %9) : [N, 12, 49]
            %13 = add "sum" (%12, %9, %12) : [N, 12, 49]
            %14 = slice "left" (%13) start=0 length=6 : [N, 6, 49]
            %15 = activation "leaky" (%14) leaky_relu(0.2) : [N, 6, 49]
            %16 = reverse "back" (%15) : [N, 6, 49]
            %17 = dropout "path" (%16) p=0.05 path : [N, 6, 49]
            %18 = dropout "channel" (%17) p=0.05 channel : [N, 6, 49]
            %19 = select "last" (%18) last : [N, 6]
            %20 = select "first" (%18) first : [N, 6]
            %21 = select "middle" (%18) middle : [N, 6]
            %22 = concat "steps" (%20, %21, %19) : [N, 18]
            %23 = linear "fc" (%22) out=2 : [N, 2]
            %24 = softmax "softmax" (%23) : [N, 2]
            output "probabilities" = %24
        "#]],
    );
}

/// Changing one attribute changes the text.
#[test]
fn every_attribute_shows() {
    fn text(op: &Op, shape: impl Into<Shape>) -> String {
        let shape = shape.into();
        let graph = Graph::build(|g| {
            let x: Value = g.input("x", shape)?;
            let inputs = if *op == Op::Add { vec![x, x] } else { vec![x] };
            let y = g.op("y", op.clone(), &inputs)?;
            g.output("y", y)
        });
        graph.expect("the graph can be built").text()
    }
    let conv = Conv { padding: Padding::Explicit { before: 4.into(), after: 4.into() }, ..Conv::new(8, 1) };
    let asymmetric = Padding::Explicit { before: 4.into(), after: 5.into() };
    let up = ConvTranspose::new(8, 2, 2);
    let norm = BatchNorm::default();
    let group = GroupNorm { groups: 2, eps: 1e-5, affine: true };
    let pool = Pool { kernel: 2.into(), stride: 2.into(), padding: Padding::Valid };
    let average = |pool, count_padding| Op::AveragePool { pool, count_padding };
    let upsample = |factor: usize, mode| Op::Upsample { factor: factor.into(), mode };
    let linear = |align_corners| UpsampleMode::Linear { align_corners };
    let dropout = |p, unit| Op::Dropout { p, unit };
    #[rustfmt::skip]
    let ops = vec![
        Op::Conv(conv),
        Op::Conv(Conv { out: 16, ..conv }),
        Op::Conv(Conv { kernel: 2.into(), ..conv }),
        Op::Conv(Conv { kernel: [1, 2].into(), ..conv }),
        Op::Conv(Conv { stride: 2.into(), ..conv }),
        Op::Conv(Conv { dilation: 2.into(), ..conv }),
        Op::Conv(Conv { groups: 2, ..conv }),
        Op::Conv(Conv { padding: Padding::Causal, ..conv }),
        Op::Conv(Conv { padding: Padding::Same, ..conv }),
        Op::Conv(Conv { padding: Padding::Symmetric, ..conv }),
        Op::Conv(Conv { padding: Padding::Valid, ..conv }),
        Op::Conv(Conv { padding: asymmetric, ..conv }),
        Op::Conv(Conv { bias: true, ..conv }),
        Op::Conv(Conv { weight_norm: true, ..conv }),
        Op::ConvTranspose(up),
        Op::ConvTranspose(ConvTranspose { out: 4, ..up }),
        Op::ConvTranspose(ConvTranspose { kernel: 3.into(), ..up }),
        Op::ConvTranspose(ConvTranspose { stride: 1.into(), ..up }),
        Op::ConvTranspose(ConvTranspose { groups: 4, ..up }),
        Op::ConvTranspose(ConvTranspose { crop: Crop::Causal, ..up }),
        Op::ConvTranspose(ConvTranspose { bias: true, ..up }),
        Op::BatchNorm(norm),
        Op::BatchNorm(BatchNorm { eps: 1e-3, ..norm }),
        Op::BatchNorm(BatchNorm { momentum: 0.01, ..norm }),
        Op::BatchNorm(BatchNorm { affine: false, ..norm }),
        Op::LayerNorm { eps: 1e-5 },
        Op::LayerNorm { eps: 1e-6 },
        Op::PositionNorm { eps: 1e-5 },
        Op::PositionNorm { eps: 1e-6 },
        Op::GroupNorm(group),
        Op::GroupNorm(GroupNorm { groups: 4, ..group }),
        Op::GroupNorm(GroupNorm { eps: 1e-6, ..group }),
        Op::GroupNorm(GroupNorm { affine: false, ..group }),
        Op::Activation(Activation::LeakyRelu { slope: 0.1 }),
        Op::Activation(Activation::LeakyRelu { slope: 0.1 + f64::EPSILON }),
        Op::Activation(Activation::Elu { alpha: 0.5 }),
        Op::Softmax,
        Op::Add,
        Op::Concat,
        Op::Slice { start: 0, length: 2 },
        Op::Slice { start: 1, length: 2 },
        Op::Slice { start: 1, length: 3 },
        Op::MaxPool(pool),
        Op::MaxPool(Pool { kernel: 3.into(), ..pool }),
        Op::MaxPool(Pool { stride: 1.into(), ..pool }),
        Op::MaxPool(Pool { padding: Padding::Same, ..pool }),
        average(pool, false),
        average(pool, true),
        average(Pool { kernel: 3.into(), ..pool }, true),
        Op::GlobalMean,
        upsample(2, UpsampleMode::Nearest),
        upsample(3, UpsampleMode::Nearest),
        upsample(2, linear(false)),
        upsample(2, linear(true)),
        dropout(0.1, DropUnit::Element),
        dropout(0.2, DropUnit::Element),
        dropout(0.1, DropUnit::Channel),
        dropout(0.1, DropUnit::Path),
        Op::Flatten,
    ];
    let mut texts: Vec<_> = ops.iter().map(|op| text(op, [8, 9, 12])).collect();
    texts.extend(Activation::ALL.map(|activation| text(&Op::Activation(activation), [8, 9, 12])));
    let steps = [TimeStep::First, TimeStep::Middle, TimeStep::Last];
    texts.extend(steps.map(|step| text(&Op::Select(step), [8, 9])));
    texts.push(text(&Op::Reverse, [8, 9]));
    let count = texts.len();
    texts.sort_unstable();
    texts.dedup();
    assert_eq!(texts.len(), count, "two graphs that differ in one attribute have the same text");
}

/// Order of inputs, output names and their values are part of the text.
#[test]
fn order_and_outputs_show() {
    let build = |flip: bool, name: &str, early: bool| {
        let graph = Graph::build(|g| {
            let a = g.input("a", [2, 8])?;
            let b = g.input("b", [2, 8])?;
            let parts = if flip { [b, a] } else { [a, b] };
            let y = g.concat("y", &parts)?;
            g.output(name, if early { a } else { y })
        });
        graph.expect("the graph can be built").text()
    };
    let first = build(false, "out", false);
    assert_eq!(first, build(false, "out", false));
    for other in [build(true, "out", false), build(false, "other", false), build(false, "out", true)] {
        assert_ne!(first, other);
    }
}
