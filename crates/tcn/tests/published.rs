//! Exact numbers of parameters and multiply-accumulates, published or counted on the reference models.

use graph::{Graph, Weights};
use tcn::{Config, Output, PRESETS};

struct Fact {
    preset: &'static str,
    input: [usize; 2],
    parameters: u64,
    /// Parameters after merging, which leaves no norms, no weight norm and one branch.
    merged: u64,
    macs: u64,
}

/// `bai`: the paper's Table 1 has 70K (sequential MNIST). The exact number follows from the authors' code
/// (locuslab/TCN): 16 convolutions, each with a direction (1×7 or 25×7 per output channel), a length and a
/// bias; a projection from 1 to 25 channels; and a classifier from 25 to 10. `mb`: the example from
/// helia-edge's documentation (helia-edge 0.6.2), counted by Keras, whose FLOPs are twice our MACs. `lg` and
/// `sm` are our own networks, summed by hand.
#[rustfmt::skip]
const FACTS: [Fact; 4] = [
    Fact { preset: "bai", input: [1, 784], parameters: 66_910, merged: 66_510, macs: 51_607_050 },
    Fact { preset: "lg",  input: [6, 100], parameters: 62_624, merged: 62_272, macs: 6_192_000 },
    Fact { preset: "mb",  input: [1, 800], parameters: 2_649,  merged: 2_519,  macs: 1_534_816 },
    Fact { preset: "sm",  input: [6, 100], parameters: 3_182,  merged: 3_000,  macs: 281_800 },
];

#[test]
fn presets_have_the_published_numbers() {
    for Fact { preset, input, parameters, merged, macs } in FACTS {
        let (_, config) = PRESETS.iter().find(|(name, _)| *name == preset).unwrap();
        let graph = tcn::graph(&config(), input).unwrap();
        graph.verify().unwrap();
        let cost = graph.cost().unwrap();
        let after = graph::merge(&graph, &Weights::initial(&graph, 0)).graph.cost().unwrap();
        assert_eq!((cost.trainable, after.trainable, cost.macs), (parameters, merged, macs), "{preset}");
    }
}

#[test]
fn every_preset_is_in_the_table() {
    let mut facts = FACTS.iter().map(|fact| fact.preset);
    assert!(PRESETS.iter().map(|(name, _)| *name).eq(facts.by_ref()));
}

#[test]
fn every_preset_supports_images() {
    for (name, config) in PRESETS {
        // Only a series has a time step to select.
        let config = Config { output: Output::EverySample, ..config() };
        let series = tcn::graph(&config, [6, 100]).unwrap();
        let image = tcn::graph(&config, [6, 24, 32]).unwrap();
        image.verify().unwrap();
        let names = |graph: &Graph| graph.parameters().map(|p| p.name).collect::<Vec<_>>();
        assert_eq!(names(&series), names(&image), "{name}: the names for images and series are equal");
        assert!(series.cost().unwrap().trainable < image.cost().unwrap().trainable, "{name}");
        assert_eq!(image.output_shape().space, [24, 32], "{name}");
    }
}
