//! Every preset of every family builds for series and images and has a cost. Presets with up to 50 million
//! parameters also run, merge to the same function and take a training step; the larger ones are checked
//! by `cargo run --release -p benches --bin presets -- --large`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use benches::presets::{self, LARGE};
use factory::Factory;

#[test]
fn every_preset_builds_and_has_a_cost_for_series_and_images() {
    let factory = Factory::builtin();
    for case in presets::cases(&factory, &presets::small_inputs()) {
        let graph = case.graph(&factory).unwrap();
        graph.verify().unwrap();
        let cost = graph.cost().unwrap();
        assert!(cost.trainable > 0 && cost.macs > 0, "{case}");
    }
}

#[test]
fn every_preset_runs_merges_and_trains() {
    let factory = Factory::builtin();
    let mut checked = 0;
    for case in presets::cases(&factory, &presets::small_inputs()) {
        let graph = case.graph(&factory).unwrap();
        if graph.cost().unwrap().trainable <= LARGE {
            presets::exercise(&case, graph).unwrap();
            checked += 1;
        }
    }
    assert!(checked > 60, "expected more than 60 presets, found {checked}");
}
