//! Exact numbers of parameters and multiply-accumulates.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use graph::{Graph, Weights};
use unet::{Config, PRESETS};

/// A network, its input, and its trainable parameters.
type Fact = (&'static str, Config, &'static [usize], u64);

/// The plain networks are counted on milesial/Pytorch-UNet, whose parameter names we use. `sleepkit` is
/// counted on the example from helia-edge 0.6.2's documentation (35,466 with running statistics).
fn facts() -> [Fact; 6] {
    let classes = |classes, config| Config { classes: Some(classes), ..config };
    [
        ("unet, 2 classes", Config::unet(), &[3, 64, 64], 31_037_698),
        ("base 32, gray, 1 class", classes(1, Config::plain(32)), &[1, 224, 224], 7_762_465),
        ("base 8, 3 classes", classes(3, Config::plain(8)), &[3, 50, 70], 486_571),
        ("small, 4 classes", classes(4, Config::small()), &[3, 96, 64], 1_080_980),
        ("sleepkit, a series", Config::sleepkit(), &[1, 800], 34_306),
        ("sleepkit without classes", Config { classes: None, ..Config::sleepkit() }, &[1, 800], 34_306 - 305),
    ]
}

fn build(config: &Config, input: &[usize]) -> Graph {
    let graph = unet::graph(config, graph::Shape::new(input[0], &input[1..])).unwrap();
    graph.verify().unwrap();
    graph
}

#[test]
fn parameters_are_as_published() {
    for (name, config, input, parameters) in facts() {
        assert_eq!(build(&config, input).cost().unwrap().trainable, parameters, "{name}");
    }
}

/// Figure 1 counted by hand: two 3×3 convolutions at each level on the way down and two on the way up, a 2×2
/// transposed convolution between levels, and a 1×1 convolution at the end.
#[test]
fn the_papers_network_by_formula() {
    let (mut parameters, mut macs, mut norms) = (0, 0, 0);
    let mut conv = |kernel: u64, input: u64, out: u64, side: u64, norm: bool| {
        let weights = kernel * input * out;
        macs += weights * side * side;
        parameters += weights + if norm { 2 * out } else { out };
        norms += if norm { out } else { 0 };
    };
    let side = |level: u64| 96 >> level;
    let width = |level: u64| 64 << level;
    for level in 0..5 {
        let input = if level == 0 { 3 } else { width(level - 1) };
        conv(9, input, width(level), side(level), true);
        conv(9, width(level), width(level), side(level), true);
    }
    for level in 0..4 {
        // Each input position of the transposed convolution contributes to 2×2 outputs.
        conv(4, width(level + 1), width(level), side(level + 1), false);
        conv(9, 2 * width(level), width(level), side(level), true);
        conv(9, width(level), width(level), side(level), true);
    }
    conv(1, 64, 2, side(0), false);
    let graph = build(&Config::unet(), &[3, 96, 96]);
    let cost = graph.cost().unwrap();
    assert_eq!((cost.trainable, cost.macs), (parameters, macs));
    // Merging replaces the scale and shift of a norm by a bias.
    let merged = graph::merge(&graph, &Weights::initial(&graph, 0));
    assert_eq!(merged.refusals, []);
    let cost = merged.graph.cost().unwrap();
    assert_eq!((cost.trainable, cost.macs), (parameters - norms, macs));
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
