//! Summaries: folding keeps the sums.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use factory::Factory;
use report::{Layer, Summary};

#[test]
fn folded_layers_add_up() {
    let factory = Factory::builtin();
    for name in factory::models::names() {
        let graph = factory.build_ready(name).unwrap().graph;
        let whole = Summary::of(&graph, None).unwrap();
        assert_eq!(whole.layers.len(), graph.nodes().len(), "{name}");
        for depth in 1..6 {
            let folded = Summary::of(&graph, Some(depth)).unwrap();
            let sum = |of: fn(&Layer) -> u64| folded.layers.iter().map(of).sum::<u64>();
            assert_eq!(sum(|layer| layer.trainable), whole.totals.trainable, "{name}");
            assert_eq!(sum(|layer| layer.statistics), whole.totals.statistics, "{name}");
            assert_eq!(sum(|layer| layer.macs), whole.totals.macs, "{name}");
            assert_eq!(sum(|layer| layer.memory), whole.layers.iter().map(|layer| layer.memory).sum::<u64>());
            assert!(folded.layers.iter().all(|layer| layer.name.split('.').count() <= depth));
            assert_eq!(folded.totals, whole.totals);
        }
    }
}
