//! U-NeXt of helia-edge and SleepKit, from their own parameters.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use dialects::reference;
use expect_test::expect;
use serde_json::{Value as Json, json};

fn model(system: &str, spec: &Json) -> Result<reference::ForeignModel, String> {
    reference::graph(system, "unext", spec, &[1, 1, 800]).map_err(|error| error.to_string())
}

fn example(norm: &Json, expand: f64) -> Json {
    let block = |filters| {
        json!({ "filters": filters, "depth": 2, "ddepth": 1, "kernel": [1, 5], "pool": [1, 2],
                "strides": [1, 2], "expand_ratio": expand, "norm": norm })
    };
    let blocks = json!([block(12), block(24), block(32), block(48)]);
    json!({ "params": { "blocks": blocks, "output_kernel_size": [1, 5], "name": "unext" }, "num_classes": 5 })
}

/// Built and counted by helia-edge 0.6.2: 41,146 with the statistics of norms.
#[test]
fn helia_edges_network() {
    let found = model("helia-edge", &example(&json!("batch"), 1.0)).unwrap().graph;
    assert_eq!(found.cost().unwrap().trainable, 39_776);
    assert_eq!(found, unext::graph(&unext::Config::helia_edge(), [1, 800]).unwrap());
}

#[test]
fn sleepkits_norms_are_discarded_and_take_the_biases_with_them() {
    let normed = model("sleepkit", &example(&json!("layer"), 1.0)).unwrap();
    let plain = model("sleepkit", &example(&json!(null), 1.0)).unwrap();
    let biases = |model: &reference::ForeignModel| {
        model.graph.parameters().filter(|parameter| parameter.name.ends_with(".bias")).count()
    };
    assert!(normed.graph.nodes().all(|(_, node)| !node.op.name().ends_with("norm")));
    assert_eq!(biases(&normed), 1, "only the classes'");
    assert_eq!(plain.graph, unext::graph(&unext::Config::sleepkit(), [1, 800]).unwrap());
    assert_eq!(plain.renames[0].theirs, "ENC1.D1.DW/kernel");
}

#[test]
fn networks_of_no_package_are_refused() {
    let error = |system: &str, spec: &Json| model(system, spec).unwrap_err();
    expect!["blocks[0].expand_ratio: expected 1 because `kind` is `sleepkit`, found 2"]
        .assert_eq(&error("sleepkit", &example(&json!(null), 2.0)));
    expect!["params.blocks[0].norm: expected one of `batch`, `layer`, found `group`"]
        .assert_eq(&error("helia-edge", &example(&json!("group"), 1.0)));
    let unknown = json!({ "params": { "blocks": [{ "filters": 4, "dilation": 2 }] }, "num_classes": 5 });
    expect!["params.blocks[0].dilation: unknown key; known keys: filters, depth, ddepth, kernel, pool, strides, skip, expand_ratio, se_ratio, dropout, norm"].assert_eq(&error("helia-edge", &unknown));
}
