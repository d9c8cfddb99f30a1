//! EfficientNetV2 from the terms of torchvision, timm, helia-edge and SleepKit.

use dialects::reference::{self, ForeignModel};
use expect_test::expect;
use serde_json::{Value as Json, json};

const IMAGE: [usize; 4] = [1, 3, 64, 64];

fn model(system: &str, spec: &Json, input: &[usize]) -> Result<ForeignModel, String> {
    reference::graph(system, "efficientnetv2", spec, input).map_err(|error| error.to_string())
}

fn parameters(system: &str, spec: &Json) -> Result<u64, String> {
    Ok(model(system, spec, &IMAGE)?.graph.cost().map_err(|error| error.to_string())?.trainable)
}

fn error(system: &str, spec: &Json) -> String {
    model(system, spec, &[1, 1, 64]).map(|_| ()).expect_err("a wrong spec")
}

/// timm 1.0.31 and torchvision 0.28 built and counted.
#[test]
fn models_of_timm_and_torchvision() {
    let timm = |model: &str, kwargs: Json| parameters("timm", &json!({ "model": model, "kwargs": kwargs }));
    assert_eq!(timm("tf_efficientnetv2_b0.in1k", json!({})), Ok(7_139_704));
    assert_eq!(timm("tf_efficientnetv2_b2", json!({ "num_classes": 20 })), Ok(8_715_266));
    assert_eq!(
        timm("efficientnetv2_rw_t", json!({ "drop_rate": 0.1, "drop_path_rate": 0.1 })),
        Ok(13_649_388)
    );
    assert_eq!(timm("tf_efficientnetv2_b0", json!({ "depth_multiplier": 1.1 })), Ok(8_141_052));
    assert_eq!(timm("tf_efficientnetv2_s", json!({ "num_classes": 0 })), Ok(21_458_488 - 1000 * 1281));
    let torchvision =
        json!({ "model": "efficientnet_v2_s", "kwargs": { "num_classes": 10, "dropout": 0.5 } });
    assert_eq!(parameters("torchvision", &torchvision), Ok(21_458_488 - 990 * 1281));
    expect![[r#"the model "efficientnetv2_xs" is not supported"#]]
        .assert_eq(&parameters("timm", &json!({ "model": "efficientnetv2_xs" })).unwrap_err());
    expect![[r#"the argument se_layer = "eca" is not supported"#]]
        .assert_eq(&timm("efficientnetv2_s", json!({ "se_layer": "eca" })).unwrap_err());
    expect![[r#"the model "efficientnet_b0" is not supported"#]]
        .assert_eq(&parameters("torchvision", &json!({ "model": "efficientnet_b0" })).unwrap_err());
}

fn blocks(block: &Json) -> Json {
    json!({ "params": { "input_filters": 10, "blocks": [block] }, "num_classes": 3 })
}

#[test]
fn filters_are_rounded_to_eights_and_unset_parameters_have_their_defaults() {
    let spec = blocks(&json!({ "filters": 13, "ex_ratio": 1.5, "se_ratio": 2 }));
    let model = model("helia-edge", &spec, &[1, 2, 90]).unwrap();
    let channels = |name: &str| model.graph.node(model.graph.find(name).unwrap()).shape.channels;
    assert_eq!((channels("conv_stem"), channels("blocks.0.0.conv_pw")), (16, 24));
    assert_eq!((channels("blocks.0.0.se.conv_reduce"), channels("blocks.0.0.conv_pwl")), (8, 16));
    // An integer kernel is k × k, and a series meets its middle row.
    let stem = &model.renames[0];
    assert_eq!(stem.theirs, "stem.conv/kernel");
    expect!["Convolution(Image { row: 1, of: 3 })"].assert_eq(&format!("{:?}", stem.layout));
}

#[test]
fn only_helia_edges_lists_of_equal_numbers_have_a_strided_convolution() {
    let pools = |system: &str, kernel: Json| {
        let spec = blocks(&json!({ "filters": 16, "kernel_size": kernel, "strides": 2 }));
        let graph = model(system, &spec, &IMAGE).unwrap().graph;
        graph.find("blocks.0.0.pool").is_some()
    };
    assert!(pools("helia-edge", json!(3)));
    assert!(pools("helia-edge", json!([1, 3])));
    assert!(!pools("helia-edge", json!([3, 3])));
    assert!(pools("sleepkit", json!([3, 3])));
}

#[test]
fn the_neck_of_helia_edge_has_the_output_activation_or_none() {
    let neck = |system: &str, activation: Json| {
        let params = json!({ "output_filters": 16, "output_activation": activation, "use_logits": false,
                             "blocks": [{ "filters": 8 }] });
        let graph = model(system, &json!({ "params": params, "num_classes": 3 }), &[1, 8, 50]).unwrap().graph;
        let line = |name: &str| graph.find(name).map(|value| graph.node(value).op.name());
        (line("act2"), line("output_act"))
    };
    assert_eq!(neck("helia-edge", Json::Null), (None, Some("softmax")));
    assert_eq!(neck("helia-edge", json!("relu")), (Some("activation"), Some("activation")));
    assert_eq!(neck("sleepkit", Json::Null), (Some("activation"), Some("softmax")));
}

#[test]
fn errors_name_the_path() {
    expect!["params.blocks[0].kernel: unknown key; known keys: filters, depth, ex_ratio, kernel_size, strides, se_ratio, activation, bn_momentum, droprate, norm"].assert_eq(&error("helia-edge", &blocks(&json!({ "filters": 8, "kernel": 3 }))));
    expect![[r#"params.blocks[0].filters: expected a non-negative integer, found "many""#]]
        .assert_eq(&error("helia-edge", &blocks(&json!({ "filters": "many" }))));
    expect!["activation softmax is not supported"]
        .assert_eq(&error("helia-edge", &blocks(&json!({ "filters": 8, "activation": "softmax" }))));
    expect!["params.blocks[0].activation: expected an activation, found `rely`; known activations: relu, relu6, leaky_relu, elu, selu, gelu, gelu_tanh, silu, hard_swish, sigmoid, hard_sigmoid, tanh, softplus, mish, softmax"].assert_eq(&error("helia-edge", &blocks(&json!({ "filters": 8, "activation": "rely" }))));
    expect!["blocks.0.0.se.conv_reduce: expected a squeeze width of at least 1, found 0: expanded channels / 32, with 16 input and 16 expanded channels"].assert_eq(&error("helia-edge", &blocks(&json!({ "filters": 8, "se_ratio": 32 }))));
    expect!["blocks.0.0.conv_dw: conv of [N, 16, 32]: kernel: expected one number or [1, n] for a series, found [3, 5]"].assert_eq(&error("helia-edge", &blocks(&json!({ "filters": 8, "kernel_size": [3, 5] }))));
    expect!["num_classes: missing, but `include_top` requires it"]
        .assert_eq(&error("sleepkit", &json!({ "params": { "blocks": [] } })));
    expect!["stages[0].channels: expected 1 to 16777216 channels, found 1000000000"]
        .assert_eq(&error("sleepkit", &blocks(&json!({ "filters": 1_000_000_000 }))));
}
