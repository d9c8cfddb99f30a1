//! Every way in which a graph can be invalid, with its message.

use std::fmt::Write;

use expect_test::{Expect, expect};
use graph::{
    Activation, BatchNorm, BuildError, Conv, ConvTranspose, DropUnit, Extent, Graph, GroupNorm, Linear, Op,
    Padding, Pool, Scope, Shape, TimeStep, UpsampleMode, Value,
};

type Built = Result<Value, BuildError>;
type Model = fn(Scope<'_>, Value) -> Built;

/// The messages of models given a series `[N, 6, 20]` and an image `[N, 6, 20, 30]`.
fn check(on_series: &[Model], on_images: &[Model], messages: &Expect) {
    let mut text = String::new();
    let mut message = |shape: Shape, model: &Model| {
        let graph = Graph::build(|g| {
            let x = g.input("x", shape)?;
            let y = model(g, x)?;
            g.output("out", y)
        });
        writeln!(text, "{}", graph.expect_err("the graph is wrong")).expect("strings can be written to");
    };
    on_series.iter().for_each(|model| message([6, 20].into(), model));
    on_images.iter().for_each(|model| message([6, 20, 30].into(), model));
    messages.assert_eq(&text);
}

fn pool(kernel: impl Into<Extent>, before: usize) -> Pool {
    let padding = Padding::Explicit { before: before.into(), after: 0.into() };
    Pool { kernel: kernel.into(), stride: 1.into(), padding }
}

#[test]
fn convolutions() {
    check(
        &[
            |g, x| g.conv("zero", x, Conv::new(0, 3)),
            |g, x| g.conv("many", x, Conv::new(1_000_000_000, 3)),
            |g, x| g.conv("in", x, Conv { groups: 4, ..Conv::new(8, 3) }),
            |g, x| g.conv("out", x, Conv { groups: 3, ..Conv::new(8, 3) }),
            |g, x| g.conv("none", x, Conv { groups: 0, ..Conv::new(8, 3) }),
            |g, x| g.conv("kernel", x, Conv::new(8, 0)),
            |g, x| g.conv("stride", x, Conv { stride: 0.into(), ..Conv::new(8, 3) }),
            |g, x| g.conv("dilation", x, Conv { dilation: 0.into(), ..Conv::new(8, 3) }),
            |g, x| g.conv("long", x, Conv { padding: Padding::Valid, ..Conv::new(8, 21) }),
            |g, x| {
                g.conv("dilated", x, Conv { padding: Padding::Valid, dilation: 9.into(), ..Conv::new(8, 4) })
            },
            |g, x| g.conv("image", x, Conv::new(8, [3, 5])),
            |g, x| g.conv("pad", x, Conv { padding: Padding::both([1, 3]), ..Conv::new(8, 3) }),
            |g, x| g.conv("vast", x, Conv { padding: Padding::both(usize::MAX), ..Conv::new(8, 3) }),
            |g, x| g.conv_transpose("up", x, ConvTranspose::new(8, 2, 3)),
            |g, x| g.conv_transpose("up", x, ConvTranspose { groups: 4, ..ConvTranspose::new(8, 3, 3) }),
            |g, x| g.conv_transpose("up", x, ConvTranspose::new(8, [3, 1], 1)),
        ],
        &[
            |g, x| g.conv("wide", x, Conv { padding: Padding::Valid, ..Conv::new(8, [3, 31]) }),
            |g, x| g.conv("high", x, Conv { padding: Padding::Valid, ..Conv::new(8, [25, 3]) }),
            |g, x| g.conv_transpose("up", x, ConvTranspose::new(8, [4, 2], [2, 4])),
        ],
        &expect![[r#"
            zero: conv of [N, 6, 20]: output channels: expected at least 1, found 0
            many: conv of [N, 6, 20]: output channels: expected at most 16777216, found 1000000000
            in: conv of [N, 6, 20]: 6 input channels are not divisible by 4 groups
            out: conv of [N, 6, 20]: 8 output channels are not divisible by 3 groups
            none: conv of [N, 6, 20]: 6 input channels are not divisible by 0 groups
            kernel: conv of [N, 6, 20]: kernel: expected at least 1, found 0
            stride: conv of [N, 6, 20]: stride: expected at least 1, found 0
            dilation: conv of [N, 6, 20]: dilation: expected at least 1, found 0
            long: conv of [N, 6, 20]: a window of 21 does not fit on the time axis: 20 elements, padding 0 before and 0 after
            dilated: conv of [N, 6, 20]: a window of 28 does not fit on the time axis: 20 elements, padding 0 before and 0 after
            image: conv of [N, 6, 20]: kernel: expected one number or [1, n] for a series, found [3, 5]
            pad: conv of [N, 6, 20]: padding: expected one number or [0, n] for a series, found [1, 3]
            vast: conv of [N, 6, 20]: padding: expected at most 16777216, found 18446744073709551615
            up: conv_transpose of [N, 6, 20]: expected a kernel of at least the stride, 3, found 2, which leaves gaps
            up: conv_transpose of [N, 6, 20]: 6 input channels are not divisible by 4 groups
            up: conv_transpose of [N, 6, 20]: kernel: expected one number or [1, n] for a series, found [3, 1]
            wide: conv of [N, 6, 20, 30]: a window of 31 does not fit on the width axis: 30 elements, padding 0 before and 0 after
            high: conv of [N, 6, 20, 30]: a window of 25 does not fit on the height axis: 20 elements, padding 0 before and 0 after
            up: conv_transpose of [N, 6, 20, 30]: expected a kernel of at least the stride, 4, found 2, which leaves gaps
        "#]],
    );
}

#[test]
fn pools() {
    check(
        &[
            |g, x| g.max_pool("pool", x, pool(3, 3)),
            |g, x| g.average_pool("pool", x, pool(0, 0), false),
            |g, x| g.average_pool("pool", x, pool([2, 2], 2), true),
            |g, x| g.average_pool("pool", x, pool([3, 2], 0), true),
            |g, x| g.upsample("up", x, 0, UpsampleMode::Nearest),
            |g, x| {
                g.upsample("up", x, 1 << 24, UpsampleMode::Nearest)
                    .and_then(|x| g.upsample("up2", x, 1 << 24, UpsampleMode::Nearest))
            },
        ],
        &[|g, x| g.max_pool("pool", x, pool([5, 3], 3)), |g, x| g.max_pool("pool", x, pool(21, 0))],
        &expect![[r#"
            pool: max_pool of [N, 6, 20]: expected padding below the kernel, 3, on the time axis, found 3 before and 0 after; a window could hold padding only
            pool: average_pool of [N, 6, 20]: kernel: expected at least 1, found 0
            pool: average_pool of [N, 6, 20]: expected padding below the kernel, 2, on the time axis, found 2 before and 0 after; a window could hold padding only
            pool: average_pool of [N, 6, 20]: kernel: expected one number or [1, n] for a series, found [3, 2]
            up: upsample of [N, 6, 20]: factor: expected at least 1, found 0
            up2: upsample of [N, 6, 335544320]: expected at most 2^40 elements in one sample, found [N, 6, 5629499534213120]
            pool: max_pool of [N, 6, 20, 30]: expected padding below the kernel, 3, on the width axis, found 3 before and 0 after; a window could hold padding only
            pool: max_pool of [N, 6, 20, 30]: a window of 21 does not fit on the height axis: 20 elements, padding 0 before and 0 after
        "#]],
    );
}

#[test]
fn norms_and_points() {
    check(
        &[
            |g, x| g.batch_norm("norm", x, BatchNorm { eps: -1e-5, ..BatchNorm::default() }),
            |g, x| g.batch_norm("norm", x, BatchNorm { momentum: 2.0, ..BatchNorm::default() }),
            |g, x| g.batch_norm("norm", x, BatchNorm { momentum: f64::NAN, ..BatchNorm::default() }),
            |g, x| g.layer_norm("norm", x, f64::NAN),
            |g, x| g.position_norm("norm", x, f64::INFINITY),
            |g, x| g.group_norm("norm", x, GroupNorm { groups: 4, eps: 1e-5, affine: true }),
            |g, x| g.group_norm("norm", x, GroupNorm { groups: 0, eps: 1e-5, affine: true }),
            |g, x| g.activation("act", x, Activation::LeakyRelu { slope: f64::NAN }),
            |g, x| g.dropout("drop", x, 1.0, DropUnit::Element),
            |g, x| g.dropout("drop", x, -0.1, DropUnit::Path),
            |g, x| g.slice("slice", x, 4, 3),
            |g, x| g.slice("slice", x, 0, 0),
            |g, x| g.slice("slice", x, usize::MAX, usize::MAX),
        ],
        &[],
        &expect![[r#"
            norm: batch_norm of [N, 6, 20]: expected a finite, non-negative eps, found -1e-5
            norm: batch_norm of [N, 6, 20]: expected a momentum in [0, 1], found 2
            norm: batch_norm of [N, 6, 20]: expected a momentum in [0, 1], found NaN
            norm: layer_norm of [N, 6, 20]: expected a finite, non-negative eps, found NaN
            norm: position_norm of [N, 6, 20]: expected a finite, non-negative eps, found inf
            norm: group_norm of [N, 6, 20]: 6 channels are not divisible by 4 groups
            norm: group_norm of [N, 6, 20]: 6 channels are not divisible by 0 groups
            act: activation of [N, 6, 20]: expected a finite parameter, found leaky_relu(NaN)
            drop: dropout of [N, 6, 20]: expected a probability in [0, 1), found 1
            drop: dropout of [N, 6, 20]: expected a probability in [0, 1), found -0.1
            slice: slice of [N, 6, 20]: expected a range within 6 channels, found 3 from 4
            slice: slice of [N, 6, 20]: length: expected at least 1, found 0
            slice: slice of [N, 6, 20]: length: expected at most 16777216, found 18446744073709551615
        "#]],
    );
}

#[test]
fn ranks() {
    check(
        &[
            |g, x| g.linear("fc", x, 10),
            |g, x| g.select("select", x, TimeStep::Last).and_then(|x| g.linear("fc", x, 0)),
            |g, x| g.select("select", x, TimeStep::Last).and_then(|x| g.conv("conv", x, Conv::new(8, 3))),
            |g, x| g.flatten("flat", x).and_then(|x| g.flatten("again", x)),
            |g, x| g.flatten("flat", x).and_then(|x| g.global_mean("mean", x)),
        ],
        &[
            |g, x| g.select("select", x, TimeStep::Last),
            |g, x| g.reverse("reverse", x),
            |g, x| g.linear("fc", x, 10),
        ],
        &expect![[r#"
            fc: linear of [N, 6, 20]: expected a feature vector [N, C], found [N, 6, 20]; select a step or flatten first
            fc: linear of [N, 6]: output features: expected at least 1, found 0
            conv: conv of [N, 6]: expected a series or an image, found a feature vector
            again: flatten of [N, 120]: expected a series or an image, found a feature vector
            mean: global_mean of [N, 120]: expected a series or an image, found a feature vector
            select: select of [N, 6, 20, 30]: expected a series [N, C, T], found [N, 6, 20, 30]
            reverse: reverse of [N, 6, 20, 30]: expected a series [N, C, T], found [N, 6, 20, 30]
            fc: linear of [N, 6, 20, 30]: expected a feature vector [N, C], found [N, 6, 20, 30]; select a step or flatten first
        "#]],
    );
}

#[test]
fn inputs_that_do_not_go_together() {
    check(
        &[
            |g, x| g.conv("conv", x, Conv::new(8, 3)).and_then(|y| g.add("sum", &[x, x, y])),
            |g, x| g.global_mean("mean", x).and_then(|y| g.concat("concat", &[x, y])),
            |g, x| g.conv("conv", x, Conv::new(8, 1)).and_then(|y| g.multiply("gate", x, y)),
            |g, x| g.global_mean("mean", x).and_then(|y| g.multiply("gate", y, x)),
            |g, x| g.select("last", x, TimeStep::Last).and_then(|y| g.multiply("gate", x, y)),
            |g, x| g.flatten("flat", x).and_then(|y| g.crop_or_pad("crop_or_pad", x, y)),
            |g, _| g.add("sum", &[]),
            |g, _| g.concat("concat", &[]),
            |g, x| g.op("gate", Op::Multiply, &[x]),
            |g, x| g.op("gate", Op::Multiply, &[x, x, x]),
            |g, x| g.op("fc", Op::Linear(Linear { out: 3, bias: true }), &[x, x]),
            |g, _| g.op("conv", Op::Conv(Conv::new(8, 3)), &[]),
            |g, _| g.op("input", Op::Input { channels: 3, rank: 1 }, &[]),
            |g, _| g.input("vector", [3]),
            |g, _| g.input("none", [0, 3]),
            |g, _| g.input("empty", [3, 0]),
            |g, _| g.input("volume", Shape::new(3, [4, 4, 4])),
            |g, _| g.input("vast", [1 << 20, 1 << 20, 1 << 20]),
        ],
        &[],
        &expect![[r#"
            sum: add of [N, 6, 20] and [N, 6, 20] and [N, 8, 20]: expected equal shapes, found [N, 6, 20] and [N, 8, 20]
            concat: concat of [N, 6, 20] and [N, 6, 1]: expected shapes that differ in channels only, found [N, 6, 20] and [N, 6, 1]
            gate: multiply of [N, 6, 20] and [N, 8, 20]: expected a factor with the channels of [N, 6, 20] and, on each axis, its size or 1, found [N, 8, 20]
            gate: multiply of [N, 6, 1] and [N, 6, 20]: expected a factor with the channels of [N, 6, 1] and, on each axis, its size or 1, found [N, 6, 20]
            gate: multiply of [N, 6, 20] and [N, 6]: expected equal numbers of axes, found [N, 6, 20] and [N, 6]
            crop_or_pad: crop_or_pad of [N, 6, 20] and [N, 120]: expected equal numbers of axes, found [N, 6, 20] and [N, 120]
            sum: add: expected at least 1 input, found 0
            concat: concat: expected at least 1 input, found 0
            gate: multiply of [N, 6, 20]: expected 2 inputs, found 1
            gate: multiply of [N, 6, 20] and [N, 6, 20] and [N, 6, 20]: expected 2 inputs, found 3
            fc: linear of [N, 6, 20] and [N, 6, 20]: expected 1 input, found 2
            conv: conv: expected 1 input, found 0
            input: expected `Scope::input`, which adds a model input by its shape
            vector: expected a series [N, C, T] or an image [N, C, H, W], found [N, 3]
            none: channels: expected at least 1, found 0
            empty: size: expected at least 1, found 0
            volume: expected a series [N, C, T] or an image [N, C, H, W], found [N, 3, 4, 4, 4]
            vast: expected at most 2^40 elements in one sample, found [N, 1048576, 1048576, 1048576]
        "#]],
    );
}

#[test]
fn names() {
    check(
        &[
            |g, x| g.softmax("x", x),
            |g, x| g.softmax("", x),
            |g, x| g.softmax("a..b", x),
            |g, x| g.softmax("a b", x),
            |g, x| g.softmax("line\nbreak", x),
            |g, x| (g / "stage." / "1").softmax("y", x),
            |g, x| g.output("twice", x).and_then(|()| g.output("twice", x)).map(|()| x),
            |g, x| g.output("two words", x).map(|()| x),
        ],
        &[],
        &expect![[r#"
            x: duplicate name; an earlier node has it
            "": expected a name of letters, digits, `_`, `-`, `/` and `:`, in parts joined by single dots
            "a..b": expected a name of letters, digits, `_`, `-`, `/` and `:`, in parts joined by single dots
            "a b": expected a name of letters, digits, `_`, `-`, `/` and `:`, in parts joined by single dots
            "line\nbreak": expected a name of letters, digits, `_`, `-`, `/` and `:`, in parts joined by single dots
            "stage..1.y": expected a name of letters, digits, `_`, `-`, `/` and `:`, in parts joined by single dots
            twice: duplicate name; an earlier output has it
            "two words": expected a name of letters, digits, `_`, `-`, `/` and `:`, in parts joined by single dots
        "#]],
    );
}

#[test]
fn values_of_other_graphs() {
    let other = Graph::build(|g| {
        let x = g.input("x", [6, 20])?;
        let y = g.softmax("softmax", x)?;
        g.output("y", y)
    });
    let foreign = other.unwrap().main_output().value;
    let built = Graph::build(|g| {
        g.input("x", [6, 20])?;
        g.reverse("reverse", foreign).map(drop)
    });
    expect!["reverse: expected a value of this graph, found %1"].assert_eq(&built.unwrap_err().to_string());
    let built = Graph::build(|g| {
        g.input("x", [6, 20])?;
        g.output("y", foreign)
    });
    expect!["y: expected a value of this graph, found %1"].assert_eq(&built.unwrap_err().to_string());
    expect!["graph: expected at least one output, found none"]
        .assert_eq(&Graph::build(|_| Ok(())).unwrap_err().to_string());
}

/// Sizes at which a graph cannot run.
#[test]
fn run_time() {
    let check = |model: Model, shapes: &[&[Shape]], messages: Expect| {
        let graph = Graph::build(|g| {
            let x = g.input("signal", [6, 20])?;
            let y = model(g, x)?;
            g.output("y", y)
        });
        let graph = graph.expect("the graph is right at its own size");
        let message =
            |shapes: &&[Shape]| format!("{}\n", graph.shapes_for(shapes).expect_err("the size is wrong"));
        messages.assert_eq(&shapes.iter().map(message).collect::<String>());
    };
    check(
        |g, x| g.conv("conv", x, Conv { padding: Padding::Valid, ..Conv::new(8, 5) }),
        &[
            &[],
            &[[6, 20].into(), [6, 20].into()],
            &[[6, 20, 20].into()],
            &[[5, 20].into()],
            &[[6].into()],
            &[[6, 0].into()],
            &[[6, 4].into()],
        ],
        expect![[r#"
            graph: expected 1 inputs, found 0
            graph: expected 1 inputs, found 2
            signal: expected a series [N, C, T], found [N, 6, 20, 20]
            signal: expected 6 channels, found 5 in [N, 5, 20]
            signal: expected a series [N, C, T] or an image [N, C, H, W], found [N, 6]
            signal: size: expected at least 1, found 0
            conv: conv of [N, 6, 4]: a window of 5 does not fit on the time axis: 4 elements, padding 0 before and 0 after
        "#]],
    );
    check(
        |g, x| g.position_norm("norm", x, 1e-5),
        &[&[[6, 21].into()]],
        expect![[r#"
            norm: position_norm of [N, 6, 21]: expected [N, 6, 20], the size the graph was built for, to which the parameters are bound
        "#]],
    );
    check(
        |g, x| g.flatten("flatten", x).and_then(|x| g.linear("fc", x, 3)),
        &[&[[6, 21].into()]],
        expect![[r#"
            fc: linear of [N, 126]: expected [N, 120], the size the graph was built for, to which the parameters are bound
        "#]],
    );
    check(
        |g, x| {
            let y = g.conv("conv", x, Conv { padding: Padding::Valid, ..Conv::new(6, 5) })?;
            let y = g.max_pool("pool", y, Pool { stride: 2.into(), ..pool(2, 0) })?;
            let y = g.upsample("up", y, 2, UpsampleMode::Nearest)?;
            let x = g.conv("skip", x, Conv { padding: Padding::Valid, ..Conv::new(6, 5) })?;
            g.add("sum", &[x, y])
        },
        &[&[[6, 21].into()]],
        expect![[r#"
            sum: add of [N, 6, 17] and [N, 6, 16]: expected equal shapes, found [N, 6, 17] and [N, 6, 16]
        "#]],
    );
}
