//! Presets have exactly the published numbers of parameters and multiply-accumulates.

use efficientnetv2::{Config, PRESETS};
use graph::{Graph, Op};

/// A published variant: name, parameters, Keras's total with running statistics, MACs at several image
/// sizes, and number of entries in PyTorch's state dict.
type Fact = (&'static str, u64, Option<u64>, &'static [(usize, Macs)], Option<usize>);

/// Multiply-accumulates in units of 10⁶.
type Macs = u64;

/// Counted on models built by timm 1.0.31, torchvision 0.28 and Keras 3.15, which agree.
#[rustfmt::skip]
const FACTS: [Fact; 11] = [
    // name                  parameters   in Keras           MACs                                        keys
    ("efficientnetv2_s",     21_458_488,  Some(21_612_360),  &[(300, 5_308), (384, 8_366), (224, 2_850)],    Some(782)),
    ("efficientnetv2_m",     54_139_356,  Some(54_431_388),  &[(384, 15_737), (480, 24_582), (224, 5_362)],  Some(1120)),
    ("efficientnetv2_l",     118_515_272, Some(119_027_848), &[(384, 35_899), (480, 56_080), (224, 12_231)], Some(1548)),
    ("efficientnetv2_xl",    208_119_808, None,              &[(384, 52_529), (512, 93_353), (224, 17_902)], None),
    ("efficientnetv2_b0",    7_139_704,   Some(7_200_312),   &[(192, 528), (224, 718)],                      Some(420)),
    ("efficientnetv2_b1",    8_141_052,   Some(8_212_124),   &[(192, 747), (240, 1_197), (224, 1_016)],      None),
    ("efficientnetv2_b2",    10_096_086,  Some(10_178_374),  &[(208, 1_043), (260, 1_698), (224, 1_169)],    Some(538)),
    ("efficientnetv2_b3",    14_358_406,  Some(14_467_622),  &[(240, 1_908), (300, 3_011), (224, 1_610)],    None),
    ("efficientnetv2_rw_t",  13_649_388,  None,              &[],                                            Some(760)),
    // timm's results-imagenet.csv: 23.94 M and 53.24 M.
    ("efficientnetv2_rw_s",  23_941_296,  None,              &[],                                            None),
    ("efficientnetv2_rw_m",  53_236_442,  None,              &[],                                            None),
];

fn preset(name: &str) -> Config {
    PRESETS.iter().find(|(preset, _)| *preset == name).expect("a preset").1()
}

fn image(config: &Config, size: usize) -> Graph {
    efficientnetv2::graph(config, [3, size, size]).expect("a network")
}

#[test]
fn published_presets_have_the_published_numbers() {
    for (name, parameters, keras, macs, keys) in FACTS {
        let graph = image(&preset(name), 224);
        graph.verify().unwrap();
        let cost = graph.cost().unwrap();
        assert_eq!(cost.trainable, parameters, "{name}");
        if let Some(keras) = keras {
            assert_eq!(cost.trainable + cost.statistics, keras, "{name}");
        }
        if let Some(keys) = keys {
            // A batch norm's count of batches is in the state dict, but is not a parameter here.
            let counters = graph.nodes().filter(|(_, node)| matches!(node.op, Op::BatchNorm(_))).count();
            assert_eq!(graph.parameters().count() + counters, keys, "{name}");
        }
        for &(size, macs) in macs {
            let found = graph.cost_at(&[[3, size, size].into()]).unwrap().macs;
            assert_eq!((found + 500_000) / 1_000_000, macs, "{name} at {size}");
        }
    }
}

#[test]
fn presets_of_other_packages_differ_only_in_padding_and_eps() {
    for (name, config) in PRESETS.iter().filter(|(name, _)| *name != "micro") {
        let plain = name.replace("tf_", "").replace("efficientnet_v2", "efficientnetv2");
        let (found, plain) = (config(), preset(&plain));
        let expected = Config { padding: found.padding, norm_eps: found.norm_eps, ..plain };
        assert_eq!(found, expected, "{name}");
    }
    let tensorflow = preset("tf_efficientnetv2_b0");
    assert_eq!(
        (tensorflow.padding, tensorflow.norm_eps.to_bits()),
        (graph::Padding::Same, 1e-3f64.to_bits())
    );
    assert_eq!(preset("efficientnet_v2_s").norm_eps.to_bits(), 1e-3f64.to_bits());
}

/// The widths and depths of B0 to B3 in Keras. With the 10 % guard, B3's first stage would have 24 channels.
#[test]
fn multipliers_round_to_eights() {
    let widths =
        |config: &Config| -> Vec<usize> { config.scaled().stages.iter().map(|s| s.channels).collect() };
    let depths = |config: &Config| -> Vec<usize> { config.scaled().stages.iter().map(|s| s.depth).collect() };
    assert_eq!(widths(&Config::b2()), [16, 32, 56, 104, 120, 208]);
    assert_eq!(widths(&Config::b3()), [16, 40, 56, 112, 136, 232]);
    assert_eq!(depths(&Config::b1()), [2, 3, 3, 4, 6, 9]);
    assert_eq!(depths(&Config::b2()), [2, 3, 3, 4, 6, 10]);
    assert_eq!(depths(&Config::b3()), [2, 3, 3, 5, 7, 12]);
    let guarded = Config { round_limit: 0.9, ..Config::b3() };
    assert_eq!(widths(&guarded)[0], 24);
    assert_eq!(Config::b3().scaled().head.unwrap().channels, 1536);
    // A scaled config is not scaled again.
    assert_eq!(Config::b3().scaled().scaled(), Config::b3().scaled());
}

#[test]
fn every_preset_supports_series() {
    for (name, config) in PRESETS {
        let series = efficientnetv2::graph(&config(), [6, 100]).unwrap();
        series.verify().unwrap();
        let image = efficientnetv2::graph(&config(), [6, 64, 64]).unwrap();
        let names = |graph: &Graph| graph.parameters().map(|p| p.name).collect::<Vec<_>>();
        assert_eq!(names(&series), names(&image), "{name}: the names for series and images are equal");
        assert!(series.cost().unwrap().trainable < image.cost().unwrap().trainable, "{name}");
    }
}
