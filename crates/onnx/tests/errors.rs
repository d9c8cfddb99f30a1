//! Models and options that are refused, each with one sentence.

use expect_test::{Expect, expect};
use graph::{Array, BuildError, Conv, Graph, Padding, Scope, Value, Weights};
use model::{Model, Normalization, Task};
use onnx::{ExportError, Options, Sizes};

fn model(
    input: impl Into<graph::Shape>,
    build: impl FnOnce(Scope<'_>, Value) -> Result<Value, BuildError>,
) -> Model {
    let graph = Graph::build(|g| {
        let x = g.input("signal", input)?;
        g.output("y", build(g, x)?)
    });
    let graph = graph.expect("a valid graph");
    let weights = Weights::initial(&graph, 0);
    Model::new(graph, weights)
}

fn classifier() -> Model {
    let model = model([2, 12], |g, x| {
        let x = g.conv("stem", x, Conv::new(4, 3))?;
        let x = g.flatten("flatten", g.global_mean("mean", x)?)?;
        g.linear("head", x, 3)
    });
    Model { task: Some(Task::Classification), ..model }
}

#[expect(clippy::needless_pass_by_value, reason = "an expectation is written where it is used")]
fn refused(model: &Model, options: &Options, message: Expect) {
    let error = onnx::export(model, options).map(|_| ()).expect_err("a refusal");
    let text = error.to_string();
    assert!(!text.contains('\n') && !text.ends_with('.'), "{text}");
    message.assert_eq(&text);
}

#[test]
fn a_node_that_is_bound_to_its_size_is_not_dynamic() {
    let dynamic = Options { sizes: Sizes::Dynamic, ..Options::default() };
    let linear = model([2, 12], |g, x| g.linear("head", g.flatten("flatten", x)?, 3));
    refused(
        &linear,
        &dynamic,
        expect![
            "head: its parameters are bound to the size that the graph was built for; choose a dynamic batch instead of dynamic sizes"
        ],
    );
    let norm = model([2, 12], |g, x| g.position_norm("norm", x, 1e-3));
    refused(
        &norm,
        &dynamic,
        expect![
            "norm: its parameters are bound to the size that the graph was built for; choose a dynamic batch instead of dynamic sizes"
        ],
    );
    // Two branches that have one step each, but only of a series of four.
    let branches = model([2, 4], |g, x| {
        let window = Conv { padding: Padding::Valid, ..Conv::new(2, 4) };
        let strided = g.conv("strided", x, Conv { stride: 4.into(), ..window })?;
        g.add("sum", &[strided, g.conv("plain", x, window)?])
    });
    refused(
        &branches,
        &dynamic,
        expect![
            "sum: add of [N, 2, 9] and [N, 2, 33]: expected equal shapes, found [N, 2, 9] and [N, 2, 33], for an input of [N, 2, 36]; choose a dynamic batch instead of dynamic sizes"
        ],
    );
}

#[test]
fn options_that_do_not_suit_the_model_are_refused() {
    let default = Options::default;
    refused(
        &classifier(),
        &Options { sizes: Sizes::Static { batch: 0 }, ..default() },
        expect!["batch size: expected 1 to 16777216, found 0"],
    );
    let further = vec!["stem".to_owned(), "stem.cnov".to_owned()];
    refused(
        &classifier(),
        &Options { further_outputs: further, ..default() },
        expect![
            "graph: expected the name of a node, a scope or an output, found `stem.cnov`; the graph has signal, stem, mean, flatten, head"
        ],
    );
    let shape = Some([3, 12].into());
    refused(
        &classifier(),
        &Options { input: shape, ..default() },
        expect!["signal: expected 2 channels, found 3 in [N, 3, 12]"],
    );
    let image = model([2, 8, 8], |g, x| g.conv("stem", x, Conv::new(4, 3)));
    refused(
        &image,
        &Options { as_image: true, ..default() },
        expect!["as image: expected a series [N, C, T] as input, found [N, 2, 8, 8]"],
    );
    let probabilities = Options { probabilities: true, ..default() };
    refused(
        &Model { task: None, ..classifier() },
        &probabilities,
        expect!["probabilities: expected a model that predicts classes, found one without a task"],
    );
    refused(
        &Model { task: Some(Task::Regression), ..classifier() },
        &probabilities,
        expect!["probabilities: expected a model that predicts classes, found one for regression"],
    );
}

#[test]
fn an_offset_that_single_precision_cannot_hold_is_refused() {
    let normalization = Normalization { mean: vec![0.0, 1.7e9], deviation: vec![1.0, 3600.0] };
    let model = Model { normalization, ..classifier() };
    assert!(onnx::export(&model, &Options::default()).is_ok());
    refused(
        &model,
        &Options { raw_input: true, ..Options::default() },
        expect![
            "raw input: expected a mean of at most 16384 deviations in each channel, found 472222 in channel 1, which f32 cannot normalize precisely; normalize the input in f64 instead"
        ],
    );
}

#[test]
fn units_that_single_precision_cannot_hold_are_refused() {
    let raw = Options { raw_input: true, ..Options::default() };
    for (mean, deviation) in [(0.0, 1e-40), (1e300, 1e299)] {
        let normalization = Normalization { mean: vec![0.0, mean], deviation: vec![1.0, deviation] };
        let found =
            format!("found {mean:e} and {deviation:e} in channel 1; convert the units in f64 instead");
        let expected = "raw input: expected a mean and a deviation in the range of f32";
        let message = format!("{expected}, {found}");
        let model = Model { normalization, ..classifier() };
        assert_eq!(onnx::export(&model, &raw).unwrap_err().to_string(), message);
    }
}

#[test]
fn models_whose_parts_do_not_agree_are_refused() {
    let mut missing = classifier();
    missing.weights.remove("head.weight");
    refused(
        &missing,
        &Options::default(),
        expect!["the weights do not match the graph: 2 weights match, 1 missing (first `head.weight`)"],
    );
    let mut misshapen = classifier();
    misshapen.weights.insert("head.weight", Array::from_fn([3, 5], |_| 0.0));
    refused(
        &misshapen,
        &Options::default(),
        expect![
            "the weights do not match the graph: 2 weights match, 1 of another shape (first `head.weight`: expected [3, 4], found [3, 5])"
        ],
    );
    for value in [f32::NAN, f32::INFINITY] {
        let mut model = classifier();
        model.weights.insert("head.weight", Array::from_fn([3, 4], |i| if i == 7 { value } else { 0.0 }));
        let error = onnx::export(&model, &Options::default()).unwrap_err();
        assert!(matches!(error, ExportError::Model(_)), "{error}");
        assert!(error.to_string().contains("head.weight"), "{error}");
    }
}

#[test]
fn a_file_above_two_gigabytes_is_refused_before_its_weights_are_looked_at() {
    // The graph alone: nothing of this size is allocated.
    let graph = Graph::build(|g| {
        let x = g.input("features", [60_000, 1])?;
        g.output("y", g.linear("wide", g.flatten("flatten", x)?, 10_000)?)
    });
    let model = Model::new(graph.unwrap(), Weights::default());
    refused(
        &model,
        &Options::default(),
        expect!["expected a file of at most 2 GB, the limit of the format, found 2.4 GB of weights"],
    );
}
