//! ResNet from the terms of helia-edge and SleepKit.

use dialects::reference::{self, ForeignModel};
use expect_test::expect;
use serde_json::{Value as Json, json};

fn model(system: &str, params: &Json, input: &[usize]) -> Result<ForeignModel, String> {
    let spec = json!({ "params": params, "num_classes": 4 });
    reference::graph(system, "resnet", &spec, input).map_err(|error| error.to_string())
}

fn params(block: &Json) -> Json {
    json!({ "input_filters": 8, "input_kernel_size": [1, 7], "input_strides": [1, 2],
            "blocks": [{ "filters": 8, "strides": [1, 2] }, block] })
}

fn lines(model: &ForeignModel, part: &str) -> String {
    let text = model.graph.text();
    text.lines().filter(|line| line.contains(part)).map(|line| format!("{line}\n")).collect()
}

#[test]
fn the_first_stage_keeps_its_size_and_a_bottleneck_has_no_reduction() {
    let block = json!({ "filters": 4, "kernel_size": [1, 5], "strides": [1, 3], "bottleneck": true });
    let model = model("sleepkit", &params(&block), &[1, 2, 60]).unwrap();
    expect![[r#"
        %1 = conv "conv1" (%0) out=8 kernel=7 stride=2 padding=same : [N, 8, 30]
        %4 = conv "layer1.0.conv1" (%3) out=8 kernel=3 padding=same : [N, 8, 30]
        %7 = conv "layer1.0.conv2" (%6) out=8 kernel=3 padding=same : [N, 8, 30]
        %11 = conv "layer2.0.conv2" (%10) out=4 kernel=5 stride=3 padding=same : [N, 4, 10]
        %14 = conv "layer2.0.conv3" (%13) out=16 kernel=1 padding=same : [N, 16, 10]
        %16 = conv "layer2.0.downsample.0" (%10) out=16 kernel=1 stride=3 padding=same : [N, 16, 10]
    "#]]
    .assert_eq(&lines(&model, " conv "));
    let theirs = |ours: &str| {
        let rename = model.renames.iter().find(|rename| rename.ours == ours).unwrap();
        rename.theirs.clone()
    };
    assert_eq!(theirs("layer1.0.conv2.weight"), "conv2d_2/kernel");
    assert_eq!(theirs("layer2.0.conv2.weight"), "conv2d_4/kernel", "conv2d_3 is dropped");
    assert_eq!(theirs("fc.weight"), "dense/kernel");
}

#[test]
fn activations_are_helia_edges_only() {
    let block = json!({ "filters": 8, "activation": "gelu" });
    let act = |system: &str| {
        let model = model(system, &params(&block), &[1, 2, 60]).unwrap();
        lines(&model, "\"layer2.0.relu\"")
    };
    assert!(act("helia-edge").contains(" gelu "));
    assert!(act("sleepkit").contains(" relu6 "));
}

#[test]
fn errors_name_the_path() {
    let error = |block: Json| model("helia-edge", &params(&block), &[1, 2, 60]).map(|_| ()).unwrap_err();
    expect!["params.blocks[1].botleneck: unknown key; use `bottleneck`"]
        .assert_eq(&error(json!({ "filters": 8, "botleneck": true })));
    expect!["params.blocks[1].filters: missing"].assert_eq(&error(json!({ "depth": 8 })));
    expect!["stages[1].depth: expected at most 1000 in total, found 1000000001"]
        .assert_eq(&error(json!({ "filters": 8, "depth": 1_000_000_000 })));
    expect![
        "layer2.0.conv1: conv of [N, 8, 30]: stride: expected one number or [1, n] for a series, found [2, 3]"
    ]
    .assert_eq(&error(json!({ "filters": 8, "strides": [2, 3] })));
    let no_classes = reference::graph(
        "sleepkit",
        "resnet",
        &json!({ "params": params(&json!({ "filters": 8 })) }),
        &[1, 2, 60],
    );
    expect!["num_classes: missing, but `include_top` requires it"]
        .assert_eq(&no_classes.unwrap_err().to_string());
}
