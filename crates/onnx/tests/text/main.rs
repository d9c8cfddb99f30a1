//! The text form of exports: of a small block for each operation, and of a network with everything in its file.
//! `UPDATE_EXPECT=1` rewrites the files; read the difference.

use expect_test::{ExpectFile, expect_file};
use graph::{
    Activation, BatchNorm, BuildError, Conv, ConvTranspose, Crop, Graph, GroupNorm, Op, Padding, Pool, Scope,
    Shape, TimeStep, UpsampleMode, Value, Weights,
};
use model::{Model, Normalization, Source, Task};
use onnx::{Options, Sizes};

type Build<'b> = &'b dyn Fn(Scope<'_>, Value) -> Result<Value, BuildError>;

/// The texts of the exports of one block, unmerged, with a dynamic batch and with dynamic sizes.
fn block(name: &str, input: impl Into<Shape>, build: Build<'_>) -> String {
    let graph = Graph::build(|g| {
        let x = g.input("x", input)?;
        g.output("y", build(g / name, x)?)
    });
    let graph = graph.expect("a valid graph");
    let weights = Weights::initial(&graph, 0);
    let model = Model::new(graph, weights);
    let text = |sizes| {
        let exported = onnx::export(&model, &Options { merged: false, sizes, ..Options::default() });
        exported.map_or_else(|error| error.to_string(), |exported| exported.to_string())
    };
    let [fixed, dynamic] = [Sizes::DynamicBatch, Sizes::Dynamic].map(text);
    let (fixed_ends, fixed_nodes) = ends_and_nodes(&fixed);
    let (dynamic_ends, dynamic_nodes) = ends_and_nodes(&dynamic);
    let dynamic_nodes = if dynamic_nodes == fixed_nodes { "the same nodes\n" } else { &dynamic_nodes };
    format!("## {name}\n{fixed_ends}{fixed_nodes}### with dynamic sizes\n{dynamic_ends}{dynamic_nodes}\n")
}

/// The lines of inputs and outputs, and those of nodes and arrays.
fn ends_and_nodes(text: &str) -> (String, String) {
    let (mut ends, mut nodes) = (String::new(), String::new());
    for line in text.lines() {
        if line.starts_with("input ") || line.starts_with("output ") {
            ends.push_str(&format!("{line}\n"));
        } else if !line.starts_with("ir ") && !line.starts_with("metadata ") {
            nodes.push_str(&format!("{line}\n"));
        }
    }
    (ends, nodes)
}

/// Convolutions with each padding, a stride and a dilation.
fn convs() -> String {
    let conv = |padding| Conv { stride: 2.into(), padding, ..Conv::new(2, 3) };
    let explicit = Padding::Explicit { before: 1.into(), after: 0.into() };
    let paddings = [
        ("same", Padding::Same),
        ("symmetric", Padding::Symmetric),
        ("causal", Padding::Causal),
        ("valid", Padding::Valid),
        ("explicit", explicit),
    ];
    let mut texts: Vec<String> =
        paddings.map(|(name, padding)| block(name, [2, 12], &|g, x| g.conv("conv", x, conv(padding)))).into();
    let dilated = Conv { dilation: 2.into(), groups: 2, bias: true, ..conv(Padding::Same) };
    texts.push(block("dilated", [2, 12], &|g, x| g.conv("conv", x, dilated)));
    texts.push(block("image", [2, 8, 9], &|g, x| {
        g.conv("conv", x, Conv { bias: true, ..Conv::new(2, [3, 5]) })
    }));
    let normed = Conv { weight_norm: true, ..Conv::new(2, 3) };
    texts.push(block("weight_norm", [2, 12], &|g, x| g.conv("conv", x, normed)));
    texts.concat()
}

fn transposed_convs() -> String {
    [("same", Crop::Same), ("causal", Crop::Causal)]
        .map(|(name, crop)| {
            let conv = ConvTranspose { crop, bias: true, ..ConvTranspose::new(2, 5, 2) };
            block(name, [2, 6], &|g, x| g.conv_transpose("conv", x, conv))
        })
        .concat()
}

fn norms() -> String {
    let group = |groups, affine| GroupNorm { groups, eps: 1e-3, affine };
    [
        block("batch_norm", [2, 6], &|g, x| g.batch_norm("norm", x, BatchNorm::default())),
        block("plain_batch_norm", [2, 6], &|g, x| {
            g.batch_norm("norm", x, BatchNorm { affine: false, ..BatchNorm::default() })
        }),
        block("layer_norm", [2, 6], &|g, x| g.layer_norm("norm", x, 1e-5)),
        block("group_norm", [4, 6], &|g, x| g.group_norm("norm", x, group(2, true))),
        block("plain_group_norm", [4, 6], &|g, x| g.group_norm("norm", x, group(2, false))),
        block("instance_norm", [4, 6], &|g, x| g.group_norm("norm", x, group(4, true))),
        block("position_norm", [2, 6], &|g, x| g.position_norm("norm", x, 1e-3)),
    ]
    .concat()
}

fn activations() -> String {
    Activation::ALL
        .map(|activation| block(activation.name(), [2, 6], &|g, x| g.activation("act", x, activation)))
        .concat()
}

fn pools() -> String {
    let pool = |padding| Pool { kernel: 3.into(), stride: 2.into(), padding };
    let average = |padding, count_padding| Op::AveragePool { pool: pool(padding), count_padding };
    [
        block("max", [2, 8], &|g, x| g.op("pool", Op::MaxPool(pool(Padding::Symmetric)), &[x])),
        block("max_same", [2, 8], &|g, x| g.op("pool", Op::MaxPool(pool(Padding::Same)), &[x])),
        block("average", [2, 8, 9], &|g, x| g.op("pool", average(Padding::Symmetric, true), &[x])),
        block("average_same", [2, 8, 9], &|g, x| g.op("pool", average(Padding::Same, false), &[x])),
        block("global_mean", [2, 8, 9], &|g, x| g.global_mean("mean", x)),
    ]
    .concat()
}

fn sizes() -> String {
    let linear = |align_corners| UpsampleMode::Linear { align_corners };
    let mut texts: Vec<String> =
        [("nearest", UpsampleMode::Nearest), ("linear", linear(false)), ("linear_corners", linear(true))]
            .map(|(name, mode)| block(name, [2, 6], &|g, x| g.upsample("up", x, 2, mode)))
            .into();
    // Half of the size and twice that: equal for an even size, and one more for an odd one.
    let restored = |g: Scope<'_>, x| {
        let down = g.conv("down", x, Conv { stride: 2.into(), ..Conv::new(2, 3) })?;
        g.upsample("up", down, 2, UpsampleMode::Nearest)
    };
    texts.push(block("crop", [2, 7], &|g, x| g.op("like", Op::CropOrPad, &[restored(g, x)?, x])));
    texts.push(block("pad", [2, 7], &|g, x| g.op("like", Op::CropOrPad, &[x, restored(g, x)?])));
    let steps = [("first", TimeStep::First), ("middle", TimeStep::Middle), ("last", TimeStep::Last)];
    texts.extend(steps.map(|(name, step)| block(name, [2, 6], &|g, x| g.op("step", Op::Select(step), &[x]))));
    texts.push(block("reverse", [2, 6], &|g, x| g.op("reverse", Op::Reverse, &[x])));
    texts.push(block("flatten", [2, 6], &|g, x| g.flatten("flatten", x)));
    texts.concat()
}

fn joins() -> String {
    [
        block("linear", [2, 6], &|g, x| {
            g.linear("linear", g.flatten("flatten", g.global_mean("mean", x)?)?, 3)
        }),
        block("softmax", [2, 6], &|g, x| g.softmax("softmax", x)),
        block("add", [2, 6], &|g, x| g.add("sum", &[x, x, x])),
        block("multiply", [2, 6], &|g, x| g.op("gate", Op::Multiply, &[x, g.global_mean("mean", x)?])),
        block("concat", [2, 6], &|g, x| g.op("concat", Op::Concat, &[x, x])),
        block("slice", [4, 6], &|g, x| g.op("slice", Op::Slice { start: 1, length: 2 }, &[x])),
        block("dropout", [2, 6], &|g, x| g.dropout("drop", x, 0.5, graph::DropUnit::Element)),
    ]
    .concat()
}

#[test]
fn blocks_have_these_texts() {
    let texts: [(ExpectFile, String); 7] = [
        (expect_file!["./convolutions.txt"], convs()),
        (expect_file!["./transposed_convolutions.txt"], transposed_convs()),
        (expect_file!["./norms.txt"], norms()),
        (expect_file!["./activations.txt"], activations()),
        (expect_file!["./pools.txt"], pools()),
        (expect_file!["./sizes.txt"], sizes()),
        (expect_file!["./joins.txt"], joins()),
    ];
    for (file, text) in texts {
        file.assert_eq(&text);
    }
}

/// A trained classifier of series with all metadata.
fn classifier() -> Model {
    let graph = Graph::build(|g| {
        let x = g.input("signal", [2, 12])?;
        let x = g.conv("stem.conv", x, Conv { stride: 2.into(), ..Conv::new(4, 3) })?;
        let x = g.batch_norm("stem.norm", x, BatchNorm::default())?;
        let x = g.activation("stem.act", x, Activation::Silu)?;
        let x = g.flatten("flatten", g.global_mean("mean", x)?)?;
        g.output("logits", g.linear("head", x, 3)?)
    });
    let graph = graph.expect("a valid graph");
    let weights = Weights::initial(&graph, 0);
    Model {
        task: Some(Task::Classification),
        classes: ["rest", "walk", "run"].map(str::to_owned).to_vec(),
        channels: ["x", "y"].map(str::to_owned).to_vec(),
        normalization: Normalization { mean: vec![0.5, -1.0], deviation: vec![2.0, 0.25] },
        sampling_rate: Some(50.0),
        source: Some(Source { config: "name: activity\n".to_owned(), folder: None, fold: None }),
        ..Model::new(graph, weights)
    }
}

#[test]
fn a_classifier_has_this_text() {
    let all = Options {
        raw_input: true,
        probabilities: true,
        as_image: true,
        further_outputs: vec!["stem".to_owned()],
        ..Options::default()
    };
    let forms = [
        ("merged", Options::default()),
        (
            "as trained, one sample",
            Options { merged: false, sizes: Sizes::Static { batch: 1 }, ..Options::default() },
        ),
        ("with every option", all),
    ];
    let text = |(name, options): (&str, Options)| {
        format!("## {name}\n{}\n", onnx::export(&classifier(), &options).unwrap())
    };
    expect_file!["./classifier.txt"].assert_eq(&forms.map(text).concat());
}

#[test]
fn the_same_model_gives_the_same_bytes() {
    for sizes in [Sizes::Static { batch: 2 }, Sizes::DynamicBatch, Sizes::Dynamic] {
        let options = Options { sizes, raw_input: true, probabilities: true, ..Options::default() };
        let bytes = || onnx::export(&classifier(), &options).unwrap().to_bytes();
        assert_eq!(bytes(), bytes());
    }
}
