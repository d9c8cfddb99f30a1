//! Exact parameter counts. None are published; these are counted on reference models or by hand.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use graph::{Graph, Weights};
use unext::{Config, PRESETS};

fn build(config: &Config, input: &[usize]) -> Graph {
    let graph = unext::graph(config, graph::Shape::new(input[0], &input[1..])).unwrap();
    graph.verify().unwrap();
    graph
}

/// Counted on a model that was built with helia-edge 0.6.2 (41,146 with running statistics).
#[test]
fn helia_edges_network() {
    let cost = build(&Config::helia_edge(), &[1, 800]).cost().unwrap();
    assert_eq!(cost.trainable, 39_776);
}

/// Counted by hand: a stem, MBConv blocks with an expansion and a squeeze-excite divisor of 4, and a 1×1
/// convolution at the end.
#[test]
fn the_smallest_preset_by_formula() {
    // Expansion, depthwise, squeeze-excite, projection; each norm has two parameters per channel.
    let block = |input: u64, out: u64, expand: u64| {
        let (wide, squeezed) = (input * expand, input / 4);
        wide * (input + 2) + wide * (3 + 2) + squeezed * (2 * wide + 1) + wide + out * (wide + 2)
    };
    let micro = [8, 16, 24, 32];
    let down: u64 = (0..4).map(|i| block(if i == 0 { 8 } else { micro[i - 1] }, micro[i], 2)).sum();
    let up: u64 = (0..3).map(|i| block(micro[i] + micro[i + 1], micro[i], 2)).sum();
    let stem = 8 * (3 + 2);
    let head = 2 * (8 + 1);
    let graph = build(&Config::micro(), &[1, 100]);
    assert_eq!(graph.cost().unwrap().trainable, stem + down + up + head);
    let merged = graph::merge(&graph, &Weights::initial(&graph, 0));
    assert_eq!(merged.refusals, []);
    assert!(merged.graph.nodes().all(|(_, node)| node.op.name() != "batch_norm"));
    assert!(merged.graph.nodes().all(|(_, node)| graph.find(&node.name).is_some()));
}

#[test]
fn every_preset_supports_series_and_images() {
    for (name, config) in PRESETS {
        let series = build(&config(), &[6, 100]);
        let image = build(&config(), &[6, 64, 64]);
        let names = |graph: &Graph| graph.parameters().map(|p| p.name).collect::<Vec<_>>();
        assert_eq!(names(&series), names(&image), "{name}: the names for series and images are equal");
        assert!(series.cost().unwrap().trainable < image.cost().unwrap().trainable, "{name}");
    }
}
