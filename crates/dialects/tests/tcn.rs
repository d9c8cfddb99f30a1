//! Temporal convolutional networks in the terms of helia-edge, SleepKit, keras-tcn and pytorch-tcn.

use dialects::reference::{self, ForeignModel};
use dialects::{Layout, Rows};
use expect_test::expect;
use graph::{Graph, Op, Padding, TimeStep};
use serde_json::{Value as Json, json};
use tcn::Config;

fn read(system: &str, spec: &Json, input: &[usize]) -> Result<ForeignModel, String> {
    let model = reference::graph(system, "tcn", spec, input).map_err(|error| error.to_string())?;
    model.graph.verify().map_err(|error| error.to_string())?;
    let mut ours: Vec<&str> = model.renames.iter().map(|rename| rename.ours.as_str()).collect();
    let mut parameters: Vec<String> = model.graph.parameters().map(|parameter| parameter.name).collect();
    ours.sort_unstable();
    parameters.sort_unstable();
    assert_eq!(ours, parameters, "every parameter has a name, and only one");
    Ok(model)
}

fn graph(system: &str, spec: &Json, input: &[usize]) -> Graph {
    read(system, spec, input).expect("the network can be built").graph
}

fn trainable(graph: &Graph) -> u64 {
    graph.cost().expect("a graph that is built is legal").trainable
}

/// The example in helia-edge's documentation.
fn example() -> Json {
    let block = |filters: usize, dilation: usize, se_ratio: usize| {
        json!({ "filters": filters, "kernel": [1, 3], "dilation": [1, dilation], "dropout": 0.1, "ex_ratio": 1,
                "se_ratio": se_ratio, "norm": "batch" })
    };
    json!({
        "input_kernel": [1, 3], "input_norm": "batch",
        "blocks": [block(8, 1, 0), block(16, 2, 0), block(24, 4, 4), block(32, 8, 4)],
        "output_kernel": [1, 3], "include_top": true, "use_logits": true, "model_name": "tcn",
    })
}

/// `params` with some keys changed, for five classes.
fn spec(changes: &Json) -> Json {
    let mut params = example();
    for (key, value) in changes.as_object().into_iter().flatten() {
        params[key] = value.clone();
    }
    json!({ "params": params, "num_classes": 5 })
}

#[test]
fn the_documented_example_is_the_preset() {
    for system in ["helia-edge", "sleepkit"] {
        let graph = graph(system, &spec(&json!({})), &[1, 1, 800]);
        assert_eq!(graph, tcn::graph(&Config::mb(), [1, 800]).unwrap(), "{system}");
    }
}

#[test]
fn parameters_change_the_network() {
    let input = [1, 1, 800];
    let build = |changes: Json| graph("helia-edge", &spec(&changes), &input);
    let count = |changes: Json| trainable(&build(changes));
    assert_eq!(count(json!({ "include_top": false })), 2_649 - (32 * 3 * 5 + 5));
    assert_eq!(count(json!({ "input_kernel": null })), 2_649 - 5);
    assert_eq!(count(json!({ "input_kernel": 0 })), 2_649 - 5);
    // A bias in place of the norm's two.
    assert_eq!(count(json!({ "input_norm": null })), 2_649 - 1);
    assert_eq!(build(json!({ "use_logits": false })).nodes().last().unwrap().1.op, Op::Softmax);
    let sigmoid = json!({ "output_activation": "sigmoid", "use_logits": false });
    assert_eq!(build(sigmoid.clone()).nodes().last().unwrap().1.op.name(), "activation");
    // SleepKit 0.3 has no such parameter.
    assert_eq!(graph("sleepkit", &spec(&sigmoid), &input).nodes().last().unwrap().1.op, Op::Softmax);
    // Newer parameters hold the classes.
    let params = json!({ "blocks": [{ "filters": 4, "norm": null }], "num_classes": 2, "family": "tcn" });
    let graph = graph("helia-edge", &json!({ "params": params }), &[1, 3, 50]);
    assert_eq!(*graph.output_shape(), [2, 50].into());
}

#[test]
fn defaults_are_those_of_the_packages() {
    // Kernel 3, dilation 1, norm over positions, ReLU6, no squeeze-excite.
    let spec = json!({ "params": { "blocks": [{ "filters": 4 }] }, "num_classes": 2 });
    let model = read("helia-edge", &spec, &[1, 4, 9]).unwrap();
    expect![[r#"
        graph 1
        %0 = input "input" : [N, 4, 9]
        %1 = conv "network.0.0.depthwise.conv" (%0) out=4 kernel=3 groups=4 padding=same : [N, 4, 9]
        %2 = position_norm "network.0.0.depthwise.norm" (%1) eps=0.001 : [N, 4, 9]
        %3 = activation "network.0.0.depthwise.act" (%2) relu6 : [N, 4, 9]
        %4 = conv "network.0.0.pointwise.conv" (%3) out=4 kernel=1 padding=symmetric : [N, 4, 9]
        %5 = position_norm "network.0.0.pointwise.norm" (%4) eps=0.001 : [N, 4, 9]
        %6 = activation "network.0.0.pointwise.act" (%5) relu6 : [N, 4, 9]
        %7 = add "network.0.add" (%6, %0) : [N, 4, 9]
        %8 = conv "projection_out" (%7) out=2 kernel=3 padding=same bias : [N, 2, 9]
        output "logits" = %8
    "#]]
    .assert_eq(&model.graph.text());
    assert_eq!(model.renames[0].layout, Layout::Depthwise(Rows::Image { row: 1, of: 3 }));
    // Parameters that a block ignores change nothing.
    let params = |kind: &str, block: Json| json!({ "params": { "block_type": kind, "blocks": [block] }, "num_classes": 2 });
    for (kind, block) in [
        ("lg", json!({ "filters": 4, "branch": 3, "ex_ratio": 2.5 })),
        ("sm", json!({ "filters": 4, "ex_ratio": 2.5 })),
    ] {
        let plain = graph("sleepkit", &params(kind, json!({ "filters": 4 })), &[1, 4, 9]);
        assert_eq!(graph("sleepkit", &params(kind, block), &[1, 4, 9]), plain);
    }
}

#[test]
fn of_keras_tcn() {
    let build = |kwargs: Json, classes: Json| {
        graph("keras-tcn", &json!({ "kwargs": kwargs, "num_classes": classes }), &[1, 3, 40])
    };
    // The package's defaults: 6 blocks of 64 filters, kernel 3, the last step.
    let default = build(json!({}), json!(null));
    let conv = |input: u64| 3 * input * 64 + 64;
    assert_eq!(trainable(&default), conv(3) + 11 * conv(64) + 3 * 64 + 64);
    assert_eq!(*default.output_shape(), [64].into());
    // The last sum is of branches alone, and has no activation.
    let last: Vec<_> =
        default.nodes().skip(default.nodes().len() - 2).map(|(_, node)| node.name.as_str()).collect();
    assert_eq!(last, ["skip_add", "select"]);
    let stacked = build(
        json!({ "nb_stacks": 2, "nb_filters": 8, "dilations": [1, 3], "use_skip_connections": false }),
        json!(2),
    );
    assert!(stacked.find("network.3.act").is_some() && stacked.find("network.4.act").is_none());
    let lists = build(
        json!({ "nb_filters": [4, 8], "dilations": [1, 2], "use_skip_connections": false, "padding": "same" }),
        json!(null),
    );
    assert_eq!(lists.node(lists.main_output().value).op, Op::Select(TimeStep::Middle));
    let norms = build(
        json!({ "nb_filters": 4, "dilations": [1], "use_layer_norm": true, "return_sequences": true }),
        json!(2),
    );
    assert!(
        norms
            .nodes()
            .any(|(_, node)| matches!(node.op, Op::LayerNorm { eps } if eps.to_bits() == 1e-3f64.to_bits()))
    );
}

#[test]
fn of_pytorch_tcn() {
    let build = |kwargs: Json| graph("pytorch-tcn", &json!({ "kwargs": kwargs }), &[1, 3, 40]);
    let paddings = |graph: &Graph| -> Vec<Padding> {
        graph
            .nodes()
            .filter_map(|(_, node)| match node.op {
                Op::Conv(conv) if conv.weight_norm => Some(conv.padding),
                _ => None,
            })
            .collect()
    };
    // Weight norm and causal by default; null stands for no norm.
    let default = build(json!({ "num_inputs": 3, "num_channels": [4, 4] }));
    assert_eq!(paddings(&default), [Padding::Causal; 4]);
    assert_eq!(
        paddings(&build(json!({ "num_inputs": 3, "num_channels": [4], "causal": false }))),
        [Padding::Same; 2]
    );
    assert_eq!(paddings(&build(json!({ "num_inputs": 3, "num_channels": [4, 4], "use_norm": null }))), []);
    let dilations = |kwargs: Json| -> Vec<usize> {
        let graph = build(kwargs);
        graph
            .nodes()
            .filter_map(|(_, node)| match node.op {
                Op::Conv(conv) if node.name.ends_with("conv1") => Some(conv.dilation.at(0)),
                _ => None,
            })
            .collect()
    };
    assert_eq!(dilations(json!({ "num_channels": [4, 4, 4, 4] })), [1, 2, 4, 8]);
    assert_eq!(dilations(json!({ "num_channels": [4, 4, 4, 4], "dilation_reset": 2 })), [1, 2, 1, 2]);
    assert_eq!(dilations(json!({ "num_channels": [4, 4, 4, 4], "dilation_reset": 7 })), [1, 2, 4, 1]);
    assert_eq!(dilations(json!({ "num_channels": [4, 4], "dilations": [3, 5] })), [3, 5]);
    let projected = build(
        json!({ "num_channels": [4, 6], "use_skip_connections": true, "use_gate": true, "output_projection": 2, "output_activation": "sigmoid" }),
    );
    assert!(projected.find("downsample_skip_connection.0").is_some());
    assert_eq!(*projected.output_shape(), [2, 40].into());
}

#[test]
#[rustfmt::skip]
fn wrong_parameters() {
    let ambiq = |changes: Json| read("sleepkit", &spec(&changes), &[1, 1, 40]).unwrap_err();
    expect!["params.blcoks: unknown key; use `blocks`"].assert_eq(&ambiq(json!({ "blcoks": [] })));
    expect!["blocks: expected at least one element, found an empty list"].assert_eq(&ambiq(json!({ "blocks": [] })));
    expect!["params.block_type: expected one of `lg`, `mb`, `sm`, found `xl`"].assert_eq(&ambiq(json!({ "block_type": "xl" })));
    expect!["params.blocks[1].dilatoin: unknown key; use `dilation`"].assert_eq(&ambiq(json!({ "blocks": [{ "filters": 8 }, { "filters": 8, "dilatoin": 4 }] })));
    expect!["params.blocks[0].kernel: expected a whole number, or a list of one or two of them, found a list of 3"].assert_eq(&ambiq(json!({ "blocks": [{ "filters": 8, "kernel": [1, 2, 3] }] })));
    expect!["params.blocks[0].norm: expected one of `batch`, `layer`, found `group`"].assert_eq(&ambiq(json!({ "blocks": [{ "filters": 8, "norm": "group" }] })));
    expect!["activation softmax is not supported"].assert_eq(&ambiq(json!({ "blocks": [{ "filters": 8, "activation": "softmax" }] })));
    expect!["params.blocks[0].activation: expected an activation, found `relu7`; known activations: relu, relu6, leaky_relu, elu, selu, gelu, gelu_tanh, silu, hard_swish, sigmoid, hard_sigmoid, tanh, softplus, mish, softmax"].assert_eq(&ambiq(json!({ "blocks": [{ "filters": 8, "activation": "relu7" }] })));
    expect!["network.0.0.depthwise.conv: no row of a kernel 4 with dilation 2 and same padding meets a series of height 1; use an odd kernel or no dilation"].assert_eq(&ambiq(json!({ "blocks": [{ "filters": 8, "kernel": 4, "dilation": 2 }] })));
    expect!["blocks[0].depth: expected at most 1000 in total, found 1000000000"].assert_eq(&ambiq(json!({ "blocks": [{ "filters": 8, "depth": 1_000_000_000 }] })));
    expect!["num_classes: missing, but `include_top` requires it"].assert_eq(&read("sleepkit", &json!({ "params": example() }), &[1, 1, 40]).unwrap_err());
    let keras = |kwargs: Json| read("keras-tcn", &json!({ "kwargs": kwargs }), &[1, 3, 40]).unwrap_err();
    expect!["nb_filters: expected a list of 6, as `dilations`, found a list of 1"].assert_eq(&keras(json!({ "nb_filters": [4] })));
    expect!["padding: expected `causal` or `same`, found `valid`"].assert_eq(&keras(json!({ "padding": "valid" })));
    expect!["use_layer_norm: expected `false` because `use_batch_norm` is `true`, found `true`"].assert_eq(&keras(json!({ "use_batch_norm": true, "use_layer_norm": true })));
    expect!["the argument use_weight_norm = true is not supported"].assert_eq(&keras(json!({ "use_weight_norm": true })));
    expect!["blocks[0].channels: expected 1 to 16777216 channels, found 1000000000"].assert_eq(&keras(json!({ "nb_filters": 1_000_000_000 })));
    let pytorch = |kwargs: Json| read("pytorch-tcn", &json!({ "kwargs": kwargs }), &[1, 3, 40]).unwrap_err();
    expect!["blocks: expected at least one element, found an empty list"].assert_eq(&pytorch(json!({})));
    expect!["num_inputs: expected 3 because of the input, found 4"].assert_eq(&pytorch(json!({ "num_inputs": 4, "num_channels": [4] })));
    expect!["dilations: expected a list of 1, as `num_channels`, found a list of 2"].assert_eq(&pytorch(json!({ "num_channels": [4], "dilations": [1, 2] })));
    expect!["dilation_reset: expected at least 1, found 0"].assert_eq(&pytorch(json!({ "num_channels": [4], "dilation_reset": 0 })));
    expect![[r#"the argument activation = "softmax" is not supported"#]].assert_eq(&pytorch(json!({ "num_channels": [4], "activation": "softmax" })));
    expect![[r#"the argument use_norm = "group_norm" is not supported"#]].assert_eq(&pytorch(json!({ "num_channels": [4], "use_norm": "group_norm" })));
    expect!["the argument lookahead is not supported"].assert_eq(&pytorch(json!({ "num_channels": [4], "lookahead": 2 })));
    expect!["the argument embedding_shapes = [[4]] is not supported"].assert_eq(&pytorch(json!({ "num_channels": [4], "embedding_shapes": [[4]] })));
    expect!["network.25.conv1: conv of [N, 4, 40]: dilation: expected at most 16777216, found 33554432"].assert_eq(&pytorch(json!({ "num_channels": vec![4; 70], "kernel_size": 3 })));
}
