//! Every preset of every family, for series and images: builds, is legal, costs; up to 50 million
//! parameters it also runs, merges to the same function and learns a step. The larger ones do so
//! in `cargo run --release -p benches --bin presets -- --large`.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use benches::presets::{self, LARGE};
use factory::Factory;

#[test]
fn every_preset_builds_and_costs_for_series_and_images() {
    let factory = Factory::builtin();
    for case in presets::cases(&factory) {
        let graph = case.graph(&factory).unwrap();
        graph.verify().unwrap();
        let cost = graph.cost().unwrap();
        assert!(cost.trainable > 0 && cost.macs > 0, "{case}");
    }
}

#[test]
fn every_preset_runs_merges_and_learns() {
    let factory = Factory::builtin();
    let mut checked = 0;
    for case in presets::cases(&factory) {
        let graph = case.graph(&factory).unwrap();
        if graph.cost().unwrap().trainable <= LARGE {
            presets::exercise(&case, graph).unwrap();
            checked += 1;
        }
    }
    assert!(checked > 60, "{checked} presets were exercised; there are more");
}
