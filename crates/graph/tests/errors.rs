//! What can be wrong with a graph, and the sentence that says so.

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
            zero: conv of [N, 6, 20]: output channels is 0, at least 1 is needed
            many: conv of [N, 6, 20]: output channels is 1000000000, at most 16777216 is supported
            in: conv of [N, 6, 20]: 6 input channels cannot be divided into 4 groups of equal size
            out: conv of [N, 6, 20]: 8 output channels cannot be divided into 3 groups of equal size
            none: conv of [N, 6, 20]: 6 input channels cannot be divided into 0 groups of equal size
            kernel: conv of [N, 6, 20]: kernel is 0, at least 1 is needed
            stride: conv of [N, 6, 20]: stride is 0, at least 1 is needed
            dilation: conv of [N, 6, 20]: dilation is 0, at least 1 is needed
            long: conv of [N, 6, 20]: a window of 21 does not fit on the time axis: 20 elements, padding 0 before and 0 after
            dilated: conv of [N, 6, 20]: a window of 28 does not fit on the time axis: 20 elements, padding 0 before and 0 after
            image: conv of [N, 6, 20]: kernel [3, 5] is for images; a series has one axis and needs one number, or [1, n]
            pad: conv of [N, 6, 20]: padding [1, 3] is for images; a series has one axis and needs one number, or [0, n]
            vast: conv of [N, 6, 20]: padding is 18446744073709551615, at most 16777216 is supported
            up: conv_transpose of [N, 6, 20]: kernel 2 is smaller than stride 3 and would leave gaps
            up: conv_transpose of [N, 6, 20]: 6 input channels cannot be divided into 4 groups of equal size
            up: conv_transpose of [N, 6, 20]: kernel [3, 1] is for images; a series has one axis and needs one number, or [1, n]
            wide: conv of [N, 6, 20, 30]: a window of 31 does not fit on the width axis: 30 elements, padding 0 before and 0 after
            high: conv of [N, 6, 20, 30]: a window of 25 does not fit on the height axis: 20 elements, padding 0 before and 0 after
            up: conv_transpose of [N, 6, 20, 30]: kernel 2 is smaller than stride 4 and would leave gaps
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
            pool: max_pool of [N, 6, 20]: padding of the time axis, 3 before and 0 after, must be less than the kernel, 3, or a window could hold padding only
            pool: average_pool of [N, 6, 20]: kernel is 0, at least 1 is needed
            pool: average_pool of [N, 6, 20]: padding of the time axis, 2 before and 0 after, must be less than the kernel, 2, or a window could hold padding only
            pool: average_pool of [N, 6, 20]: kernel [3, 2] is for images; a series has one axis and needs one number, or [1, n]
            up: upsample of [N, 6, 20]: factor is 0, at least 1 is needed
            up2: upsample of [N, 6, 335544320]: a value of shape [N, 6, 5629499534213120] is too large to be computed
            pool: max_pool of [N, 6, 20, 30]: padding of the width axis, 3 before and 0 after, must be less than the kernel, 3, or a window could hold padding only
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
            norm: batch_norm of [N, 6, 20]: eps -1e-5 is not a finite number of at least 0
            norm: batch_norm of [N, 6, 20]: momentum 2 is not within 0 and 1
            norm: batch_norm of [N, 6, 20]: momentum NaN is not within 0 and 1
            norm: layer_norm of [N, 6, 20]: eps NaN is not a finite number of at least 0
            norm: position_norm of [N, 6, 20]: eps inf is not a finite number of at least 0
            norm: group_norm of [N, 6, 20]: 6 channels cannot be divided into 4 groups of equal size
            norm: group_norm of [N, 6, 20]: 6 channels cannot be divided into 0 groups of equal size
            act: activation of [N, 6, 20]: leaky_relu(NaN) needs a finite number
            drop: dropout of [N, 6, 20]: probability 1 is not within 0 and 1, 1 excluded
            drop: dropout of [N, 6, 20]: probability -0.1 is not within 0 and 1, 1 excluded
            slice: slice of [N, 6, 20]: 3 channels from channel 4 reach past the 6 there are
            slice: slice of [N, 6, 20]: length is 0, at least 1 is needed
            slice: slice of [N, 6, 20]: length is 18446744073709551615, at most 16777216 is supported
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
            fc: linear of [N, 6, 20]: a feature vector [N, C] is needed; select a step or flatten first
            fc: linear of [N, 6]: output features is 0, at least 1 is needed
            conv: conv of [N, 6]: a series or an image is needed, not a feature vector
            again: flatten of [N, 120]: a series or an image is needed, not a feature vector
            mean: global_mean of [N, 120]: a series or an image is needed, not a feature vector
            select: select of [N, 6, 20, 30]: a series [N, C, T] is needed
            reverse: reverse of [N, 6, 20, 30]: a series [N, C, T] is needed
            fc: linear of [N, 6, 20, 30]: a feature vector [N, C] is needed; select a step or flatten first
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
            sum: add of [N, 6, 20] and [N, 6, 20] and [N, 8, 20]: [N, 6, 20] and [N, 8, 20] cannot be added; equal shapes are needed
            concat: concat of [N, 6, 20] and [N, 6, 1]: [N, 6, 20] and [N, 6, 1] cannot be joined; only channels may differ
            gate: multiply of [N, 6, 20] and [N, 8, 20]: the second needs the channels of the first, and on each axis its size or 1
            gate: multiply of [N, 6, 1] and [N, 6, 20]: the second needs the channels of the first, and on each axis its size or 1
            gate: multiply of [N, 6, 20] and [N, 6]: [N, 6, 20] and [N, 6] differ in the number of axes
            crop_or_pad: crop_or_pad of [N, 6, 20] and [N, 120]: [N, 6, 20] and [N, 120] differ in the number of axes
            sum: add: at least 1 input is needed, 0 given
            concat: concat: at least 1 input is needed, 0 given
            gate: multiply of [N, 6, 20]: 2 inputs are needed, 1 given
            gate: multiply of [N, 6, 20] and [N, 6, 20] and [N, 6, 20]: 2 inputs are needed, 3 given
            fc: linear of [N, 6, 20] and [N, 6, 20]: 1 input is needed, 2 given
            conv: conv: 1 input is needed, 0 given
            input: input: an input is added by its shape; `Scope::input` does
            vector: input: a series [N, C, T] or an image [N, C, H, W] is needed, not [N, 3]
            none: input: channels is 0, at least 1 is needed
            empty: input: size is 0, at least 1 is needed
            volume: input: a series [N, C, T] or an image [N, C, H, W] is needed, not [N, 3, 4, 4, 4]
            vast: input: a value of shape [N, 1048576, 1048576, 1048576] is too large to be computed
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
            x: the name is taken by an earlier node
            "": a name needs parts of letters, digits, `_`, `-`, `/` and `:`, joined by single dots
            "a..b": a name needs parts of letters, digits, `_`, `-`, `/` and `:`, joined by single dots
            "a b": a name needs parts of letters, digits, `_`, `-`, `/` and `:`, joined by single dots
            "line\nbreak": a name needs parts of letters, digits, `_`, `-`, `/` and `:`, joined by single dots
            "stage..1.y": a name needs parts of letters, digits, `_`, `-`, `/` and `:`, joined by single dots
            twice: the name of this output is taken
            "two words": a name needs parts of letters, digits, `_`, `-`, `/` and `:`, joined by single dots
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
    expect!["reverse: %1 is not a value of this graph"].assert_eq(&built.unwrap_err().to_string());
    let built = Graph::build(|g| {
        g.input("x", [6, 20])?;
        g.output("y", foreign)
    });
    expect!["y: %1 is not a value of this graph"].assert_eq(&built.unwrap_err().to_string());
    expect!["graph: no output is named; at least one is needed"]
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
            graph: 0 inputs given, 1 needed
            graph: 2 inputs given, 1 needed
            signal: input: a series [N, C, T] is needed, not [N, 6, 20, 20]
            signal: input: 6 channels are needed, not the 5 of [N, 5, 20]
            signal: input: a series [N, C, T] or an image [N, C, H, W] is needed, not [N, 6]
            signal: input: size is 0, at least 1 is needed
            conv: conv of [N, 6, 4]: a window of 5 does not fit on the time axis: 4 elements, padding 0 before and 0 after
        "#]],
    );
    check(
        |g, x| g.position_norm("norm", x, 1e-5),
        &[&[[6, 21].into()]],
        expect![[r#"
        norm: position_norm of [N, 6, 21]: its parameters are bound to the size it was built for, [N, 6, 20]
    "#]],
    );
    check(
        |g, x| g.flatten("flatten", x).and_then(|x| g.linear("fc", x, 3)),
        &[&[[6, 21].into()]],
        expect![[r#"
        fc: linear of [N, 126]: its parameters are bound to the size it was built for, [N, 120]
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
            sum: add of [N, 6, 17] and [N, 6, 16]: [N, 6, 17] and [N, 6, 16] cannot be added; equal shapes are needed
        "#]],
    );
}
