//! MobileOne from the terms of timm, helia-edge and SleepKit.

use dialects::reference::{self, ForeignModel};
use expect_test::expect;
use serde_json::{Value as Json, json};

fn model(system: &str, spec: &Json, input: &[usize]) -> Result<ForeignModel, String> {
    reference::graph(system, "mobileone", spec, input).map_err(|error| error.to_string())
}

fn parameters(system: &str, spec: &Json, input: &[usize]) -> Result<u64, String> {
    Ok(model(system, spec, input)?.graph.cost().map_err(|error| error.to_string())?.trainable)
}

/// timm 1.0.31 built and counted.
#[test]
fn models_of_timm() {
    let timm = |spec: Json| parameters("timm", &spec, &[1, 3, 64, 64]);
    assert_eq!(timm(json!({ "model": "mobileone_s0" })), Ok(5_293_272));
    assert_eq!(
        timm(json!({ "model": "mobileone_s1.apple_in1k", "kwargs": { "inference_mode": true } })),
        Ok(4_764_840)
    );
    let merged = json!({ "model": "mobileone_s0", "kwargs": { "num_classes": 10 }, "reparameterized_before_fill": true });
    assert_eq!(timm(merged), Ok(1_063_754));
    expect![[r#"the model "mobileone_u0" is not supported"#]]
        .assert_eq(&timm(json!({ "model": "mobileone_u0" })).unwrap_err());
    expect!["the argument dilation = 2 is not supported"]
        .assert_eq(&timm(json!({ "model": "mobileone_s0", "kwargs": { "dilation": 2 } })).unwrap_err());
}

/// Counted in Keras 3.15 with sleepkit 0.3.0: 572,165 trainable.
#[test]
fn sleepkits_micro_variant() {
    let spec = json!({ "preset": "MobileOneU0", "num_classes": 5 });
    assert_eq!(parameters("sleepkit", &spec, &[1, 1, 400]), Ok(572_165));
    expect![[r#"the preset "MobileOneU9" is not supported"#]]
        .assert_eq(&model("sleepkit", &json!({ "preset": "MobileOneU9" }), &[1, 1, 400]).unwrap_err());
}

fn spec(block: &Json, inference: bool) -> Json {
    let params = json!({
        "input_filters": 8, "input_kernel_size": [1, 7], "input_strides": [1, 2], "input_padding": [0, 3],
        "blocks": [block]
    });
    json!({ "params": params, "num_classes": 4, "inference_mode": inference })
}

#[test]
fn branches_pool_in_training_and_stride_in_inference() {
    let block = json!({ "filters": 16, "kernel_size": [1, 5], "padding": [0, 2], "strides": [1, 2],
                        "se_ratio": 2, "se_depth": 1, "num_conv_branches": 3 });
    let trained = model("helia-edge", &spec(&block, false), &[1, 2, 100]).unwrap();
    let text = trained.graph.text();
    let lines: String =
        text.lines().filter(|line| line.contains("max_pool")).map(|line| format!("{line}\n")).collect();
    expect![[r#"
        %9 = max_pool "stages.0.0.conv_kxk.0.pool" (%8) kernel=2 stride=2 padding=same : [N, 8, 25]
        %12 = max_pool "stages.0.0.conv_kxk.1.pool" (%11) kernel=2 stride=2 padding=same : [N, 8, 25]
        %15 = max_pool "stages.0.0.conv_kxk.2.pool" (%14) kernel=2 stride=2 padding=same : [N, 8, 25]
        %18 = max_pool "stages.0.0.conv_scale.pool" (%17) kernel=2 stride=2 padding=same : [N, 8, 25]
    "#]]
    .assert_eq(&lines);
    let inference = model("sleepkit", &spec(&block, true), &[1, 2, 100]).unwrap();
    let conv = inference.graph.find("stages.0.0.reparam_conv").unwrap();
    assert_eq!(inference.graph.node(conv).shape.to_string(), "[N, 8, 25]");
    assert_eq!(inference.renames[0].theirs, "M0.B0.D0.DW.conv/kernel");
}

#[test]
fn errors_name_the_path() {
    let error =
        |block: Json| model("helia-edge", &spec(&block, false), &[1, 2, 100]).map(|_| ()).unwrap_err();
    expect!["params.blocks[0].dilation: unknown key; known keys: filters, depth, kernel_size, strides, padding, se_ratio, se_depth, num_conv_branches, activation"].assert_eq(&error(json!({ "filters": 16, "dilation": 2 })));
    expect![[
        r#"params.blocks[0].strides: expected a whole number, or a list of one or two of them, found "two""#
    ]]
    .assert_eq(&error(json!({ "filters": 16, "strides": "two" })));
    // Padding that does not go with the kernel: the branches differ in shape there, too.
    expect!["stages.0.0.reparam_conv: expected a kernel with a tap aligned with the 1x1 branch (an odd kernel with symmetric padding, or any kernel with causal padding), found kernel [1, 5] with stride 1, dilation 1 and 0 padding"].assert_eq(&error(json!({ "filters": 16, "kernel_size": [1, 5], "padding": 0 })));
    expect!["stages[0].branches: expected 1 to 64 branches, found 0"]
        .assert_eq(&error(json!({ "filters": 16, "padding": 1, "num_conv_branches": 0 })));
}
