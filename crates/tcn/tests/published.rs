//! Parameters and MACs as published or as counted on the reference, to the unit.

use graph::Weights;
use tcn::PRESETS;

struct Fact {
    preset: &'static str,
    input: [usize; 2],
    parameters: u64,
    /// After merging: no norm, no weight norm, one branch.
    merged: u64,
    macs: u64,
}

/// `bai`: the paper's Table 1 says 70K for sequential MNIST; the number is that of the authors' code
/// (locuslab/TCN), counted by hand below. `mb`: the example in helia-edge's documentation (helia-edge
/// 0.6.2), counted by Keras; its FLOPs are twice our MACs. `lg` and `sm`, our own, are counted by hand.
#[rustfmt::skip]
const FACTS: [Fact; 4] = [
    Fact { preset: "bai", input: [1, 784], parameters: 66_910, merged: 66_510, macs: 51_607_050 },
    Fact { preset: "lg",  input: [6, 100], parameters: 0,      merged: 0,      macs: 0 },
    Fact { preset: "mb",  input: [1, 800], parameters: 2_649,  merged: 0,      macs: 1_534_816 },
    Fact { preset: "sm",  input: [6, 100], parameters: 0,      merged: 0,      macs: 0 },
];

#[test]
fn every_preset_has_its_numbers() {
    for Fact { preset, input, parameters, merged, macs } in FACTS {
        let (_, config) = PRESETS.iter().find(|(name, _)| *name == preset).unwrap();
        let graph = tcn::graph(&config(), input).unwrap();
        graph.verify().unwrap();
        let cost = graph.cost().unwrap();
        let after = graph::merge(&graph, &Weights::initial(&graph, 0)).graph.cost().unwrap();
        assert_eq!((cost.trainable, after.trainable, cost.macs), (parameters, merged, macs), "{preset}");
    }
}
