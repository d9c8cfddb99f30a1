//! Presets have exactly the published numbers of parameters and multiply-accumulates, before and after
//! merging.

use graph::{Graph, Op, Weights};
use mobileone::{Config, PRESETS};

/// A published variant: name, parameters before and after merging, MACs at 224×224 before and after merging,
/// and number of entries in PyTorch's state dict before merging.
type Fact = (&'static str, [u64; 2], [u64; 2], Option<usize>);

/// Counted on models built by timm 1.0.31. Table 3 has 2.1, 4.8, 7.8, 10.1 and 14.8 M parameters and 275,
/// 825, 1299, 1896 and 2978 M MACs for the merged models; it omits the squeeze-excite of S4.
#[rustfmt::skip]
const FACTS: [Fact; 5] = [
    // name           parameters: training, merged  MACs: training, merged         keys
    ("mobileone_s0", [5_293_272,  2_078_504],      [1_051_935_232, 275_110_400],   Some(1323)),
    ("mobileone_s1", [4_825_192,  4_764_840],      [830_062_080,   825_057_024],   Some(562)),
    ("mobileone_s2", [7_884_648,  7_808_168],      [1_304_027_392, 1_298_426_496], Some(562)),
    ("mobileone_s3", [10_170_600, 10_078_312],     [1_902_112_768, 1_895_790_592], None),
    ("mobileone_s4", [14_951_248, 14_838_352],     [2_986_802_432, 2_979_269_760], Some(610)),
];

fn preset(name: &str) -> Config {
    PRESETS.iter().find(|(preset, _)| *preset == name).expect("a preset").1()
}

fn image(config: &Config) -> Graph {
    mobileone::graph(config, [3, 224, 224]).expect("a network")
}

#[test]
fn published_presets_have_the_published_numbers() {
    for (name, parameters, macs, keys) in FACTS {
        let graph = image(&preset(name));
        graph.verify().unwrap();
        let cost = graph.cost().unwrap();
        let merged = graph::merge(&graph, &Weights::initial(&graph, 0));
        merged.graph.verify().unwrap();
        assert_eq!(merged.refusals, [], "{name}");
        let merged_cost = merged.graph.cost().unwrap();
        assert_eq!([cost.trainable, merged_cost.trainable], parameters, "{name}");
        assert_eq!([cost.macs, merged_cost.macs], macs, "{name}");
        if let Some(keys) = keys {
            // A batch norm's count of batches is in the state dict, but is not a parameter here.
            let counters = graph.nodes().filter(|(_, node)| matches!(node.op, Op::BatchNorm(_))).count();
            assert_eq!(graph.parameters().count() + counters, keys, "{name}");
        }
    }
}

#[test]
fn the_inference_form_equals_the_merged_network() {
    for (name, config) in PRESETS {
        for size in [vec![6, 100], vec![6, 64, 64]] {
            let shape = graph::Shape::new(size[0], &size[1..]);
            let trained = mobileone::graph(&config(), shape.clone()).unwrap();
            let merged = graph::merge(&trained, &Weights::initial(&trained, 0));
            let built = mobileone::graph(&Config { inference: true, ..config() }, shape).unwrap();
            let parameters = |graph: &Graph| graph.parameters().collect::<Vec<_>>();
            assert_eq!(parameters(&built), parameters(&merged.graph), "{name}");
            assert_eq!(built.text(), merged.graph.text(), "{name}");
        }
    }
}

#[test]
fn every_preset_supports_series() {
    for (name, config) in PRESETS {
        let series = mobileone::graph(&config(), [6, 100]).unwrap();
        series.verify().unwrap();
        let image = mobileone::graph(&config(), [6, 64, 64]).unwrap();
        let names = |graph: &Graph| graph.parameters().map(|p| p.name).collect::<Vec<_>>();
        assert_eq!(names(&series), names(&image), "{name}: the names for series and images are equal");
        assert!(series.cost().unwrap().trainable < image.cost().unwrap().trainable, "{name}");
    }
}
