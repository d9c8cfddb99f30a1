//! U-Nets of other packages, from their own parameters.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use dialects::reference;
use expect_test::expect;
use serde_json::{Value as Json, json};

fn model(system: &str, spec: &Json, input: &[usize]) -> Result<reference::ForeignModel, String> {
    reference::graph(system, "unet", spec, input).map_err(|error| error.to_string())
}

fn parameters(system: &str, spec: &Json, input: &[usize]) -> Result<u64, String> {
    let cost = model(system, spec, input)?.graph.cost().map_err(|error| error.to_string())?;
    Ok(cost.trainable)
}

/// The example of helia-edge's documentation; `separable` is their `seperable` rightly spelt.
fn example(separable: &str) -> Json {
    let block = |filters| {
        json!({ "filters": filters, "depth": 2, "ddepth": 1, "kernel": [1, 5], "pool": [1, 3],
                "strides": [1, 2], "skip": true, separable: true })
    };
    json!({
        "params": {
            "blocks": [block(12), block(24), block(32), block(48)],
            "output_kernel_size": [1, 5], "include_top": true, "use_logits": true, "model_name": "unet",
        },
        "num_classes": 5,
    })
}

/// Built and counted by helia-edge 0.6.2: 35,466 with the statistics of norms.
#[test]
fn the_example_of_the_documentation() {
    for system in ["helia-edge", "sleepkit"] {
        assert_eq!(parameters(system, &example("seperable"), &[1, 1, 800]), Ok(34_306));
        assert_eq!(parameters(system, &example("separable"), &[1, 1, 800]), Ok(34_306));
    }
    let preset = unet::graph(&unet::Config::sleepkit(), [1, 800]).unwrap();
    assert_eq!(model("helia-edge", &example("separable"), &[1, 1, 800]).unwrap().graph, preset);
}

/// The graph of `blocks` for a series of 3 channels.
fn text(system: &str, blocks: &Json) -> String {
    let spec = json!({ "params": { "blocks": blocks, "include_top": false } });
    model(system, &spec, &[1, 3, 24]).unwrap().graph.text()
}

#[test]
fn the_encoders_last_dilation_stays_on_in_the_decoder() {
    let blocks = json!([
        { "filters": 4, "strides": [1, 2], "norm": null },
        { "filters": 6, "strides": [1, 2], "depth": 3, "ddepth": 1, "dilation": [1, 2], "norm": null },
    ]);
    let text = text("helia-edge", &blocks);
    let dilated: Vec<_> = text.lines().filter(|line| line.contains("dilation")).collect();
    expect![[r#"
        %8 = conv "enc2.conv2" (%7) out=6 kernel=3 dilation=2 padding=same bias : [N, 6, 12]
        %10 = conv "enc2.conv3" (%9) out=6 kernel=3 dilation=4 padding=same bias : [N, 6, 12]
        %15 = conv "dec1.conv1" (%14) out=6 kernel=3 dilation=4 padding=same bias : [N, 6, 6]
        %26 = conv "dec2.conv1" (%25) out=4 kernel=3 dilation=4 padding=same bias : [N, 4, 12]"#]]
    .assert_eq(&dilated.join("\n"));
}

#[test]
fn activations_are_helia_edges_only() {
    let blocks = json!([{ "filters": 4, "activation": "leaky_relu", "norm": null }]);
    assert!(text("helia-edge", &blocks).contains("leaky_relu(0.2)"));
    assert!(!text("helia-edge", &blocks).contains("relu6"));
    assert!(text("sleepkit", &blocks).contains("relu6"));
}

/// One number is a k×k kernel there, whose middle row is the kernel here.
#[test]
fn a_square_kernel_of_a_series_has_one_row_that_meets_data() {
    let spec = |kernel: Json| {
        let blocks =
            json!([{ "filters": 4, "kernel": kernel, "strides": [1, 2], "dilation": 2, "depth": 2 }]);
        json!({ "params": { "blocks": blocks }, "num_classes": 2 })
    };
    let rows = |kernel: Json| {
        let model = model("helia-edge", &spec(kernel), &[1, 3, 20])?;
        let kernel = model.renames.iter().find(|rename| rename.theirs == "ENC1_D2_conv/kernel");
        let kernel = kernel.ok_or("no such kernel")?;
        assert_eq!(kernel.ours, "enc1.conv2.weight");
        Ok::<_, String>(kernel.layout.shape(&[4, 4, 5]))
    };
    assert_eq!(rows(json!(5)), Ok(vec![5, 5, 4, 4]));
    assert_eq!(rows(json!([1, 5])), Ok(vec![1, 5, 4, 4]));
    assert_eq!(rows(json!([3, 5])), Ok(vec![3, 5, 4, 4]));
    expect!["enc1.conv2: no row of a kernel 4 with dilation 2 and same padding meets a series of height 1; use an odd kernel or no dilation"]
        .assert_eq(&rows(json!(4)).unwrap_err());
}

#[test]
fn the_plain_network_by_its_constructor() {
    let count = |kwargs: Json| parameters("self-written-unet", &json!({ "kwargs": kwargs }), &[1, 3, 64, 64]);
    assert_eq!(count(json!({ "n_channels": 3, "n_classes": 2 })), Ok(31_037_698));
    assert_eq!(count(json!({ "n_classes": 4, "bilinear": true, "base": 16 })), Ok(1_080_980));
    expect!["n_channels: expected 3 because of the input, found 1"]
        .assert_eq(&count(json!({ "n_channels": 1 })).unwrap_err());
    expect!["the argument depth = 3 is not supported"].assert_eq(&count(json!({ "depth": 3 })).unwrap_err());
    expect!["blocks[0].channels: expected 1 to 16777216 channels, found 1000000000"]
        .assert_eq(&count(json!({ "base": 1_000_000_000 })).unwrap_err());
}

#[test]
fn wrong_parameters_are_named_by_their_path() {
    let error =
        |params: Json| parameters("helia-edge", &json!({ "params": params }), &[1, 3, 24]).unwrap_err();
    expect!["params.blocks[1].dilatoin: unknown key; use `dilation`"]
        .assert_eq(&error(json!({ "blocks": [{ "filters": 4 }, { "filters": 4, "dilatoin": 2 }] })));
    expect!["params.blocks[0].norm: expected one of `batch`, `layer`, found `group`"]
        .assert_eq(&error(json!({ "blocks": [{ "filters": 4, "norm": "group" }] })));
    expect!["params.blocks[0].filters: expected a non-negative integer, found -4"]
        .assert_eq(&error(json!({ "blocks": [{ "filters": -4 }] })));
    expect!["num_classes: missing, but `include_top` requires it"]
        .assert_eq(&error(json!({ "blocks": [{ "filters": 4 }] })));
    expect!["blocks: expected 1 to 16 blocks, found 0"]
        .assert_eq(&error(json!({ "blocks": [], "num_classes": 2 })));
    expect!["blocks[0].depth: expected at least 1, found 0"]
        .assert_eq(&error(json!({ "blocks": [{ "filters": 4, "depth": 0 }], "num_classes": 2 })));
    expect!["blocks[0].decoder_depth: the origin gives two layers one name where this is above 1; no weights exist"].assert_eq(&error(json!({ "blocks": [{ "filters": 4, "ddepth": 2 }], "num_classes": 2 })));
}
