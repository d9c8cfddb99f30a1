//! Presets have exactly the published numbers of parameters, multiply-accumulates and checkpoint entries.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use graph::Op;
use resnet::PRESETS;

/// A published variant: name, parameters, MACs at 224×224, and number of entries in its state dict.
type Fact = (&'static str, u64, Macs, Option<usize>);

enum Macs {
    /// The exact number.
    Exact(u64),
    /// In units of 10⁶, as published.
    Millions(u64),
}
use Macs::{Exact, Millions};

/// From torchvision 0.28's model metadata (`num_params`, `_ops`) and `state_dict()`. The variants that only
/// timm has are counted on models built by timm 1.0.31.
#[rustfmt::skip]
const FACTS: [Fact; 23] = [
    // name              parameters   MACs                     keys
    ("resnet18",         11_689_512,  Exact(1_814_073_344),    Some(122)),
    ("resnet34",         21_797_672,  Exact(3_663_761_408),    Some(218)),
    ("resnet50",         25_557_032,  Exact(4_089_184_256),    Some(320)),
    ("resnet101",        44_549_160,  Exact(7_801_405_440),    Some(626)),
    ("resnet152",        60_192_808,  Exact(11_513_626_624),   Some(932)),
    ("resnext50_32x4d",  25_028_904,  Exact(4_230_479_872),    Some(320)),
    ("resnext101_32x8d", 88_791_336,  Exact(16_414_015_488),   Some(626)),
    ("resnext101_64x4d", 83_455_272,  Exact(15_460_270_080),   Some(626)),
    ("wide_resnet50_2",  68_883_240,  Exact(11_398_021_120),   Some(320)),
    ("wide_resnet101_2", 126_886_696, Exact(22_753_050_624),   Some(626)),
    ("resnet10t",        5_435_488,   Millions(1_097),         None),
    ("resnet14t",        10_081_632,  Millions(1_677),         None),
    ("resnet18d",        11_708_744,  Millions(2_054),         None),
    ("resnet26",         15_995_176,  Millions(2_342),         None),
    ("resnet26d",        16_014_408,  Millions(2_582),         None),
    ("resnet34d",        21_816_904,  Millions(3_903),         None),
    ("resnet50d",        25_576_264,  Millions(4_329),         None),
    ("resnet50t",        25_573_728,  Millions(4_297),         None),
    ("resnet101d",       44_568_392,  Millions(8_041),         None),
    ("resnet152d",       60_212_040,  Millions(11_753),        None),
    ("resnet200d",       64_693_064,  Millions(15_247),        None),
    ("seresnet50",       28_088_024,  Millions(4_092),         None),
    ("resnetrs50",       35_691_912,  Millions(4_454),         None),
];

#[test]
fn published_presets_have_the_published_numbers() {
    for (name, parameters, macs, keys) in FACTS {
        let (_, config) = PRESETS.iter().find(|(preset, _)| *preset == name).unwrap();
        let graph = resnet::graph(&config(), [3, 224, 224]).unwrap();
        graph.verify().unwrap();
        let cost = graph.cost().unwrap();
        assert_eq!(cost.trainable, parameters, "{name}");
        match macs {
            Exact(macs) => assert_eq!(cost.macs, macs, "{name}"),
            Millions(macs) => assert_eq!((cost.macs + 500_000) / 1_000_000, macs, "{name}"),
        }
        if let Some(keys) = keys {
            // A batch norm's count of batches is in the state dict, but is not a parameter here.
            let counters = graph.nodes().filter(|(_, node)| matches!(node.op, Op::BatchNorm(_))).count();
            assert_eq!(graph.parameters().count() + counters, keys, "{name}");
        }
    }
}

#[test]
fn every_preset_except_our_own_is_in_the_table() {
    let missing: Vec<_> = PRESETS
        .iter()
        .filter(|(name, _)| !FACTS.iter().any(|fact| fact.0 == *name))
        .map(|(name, _)| *name)
        .collect();
    assert_eq!(missing, ["micro"]);
}

#[test]
fn every_preset_supports_series() {
    for (name, config) in PRESETS {
        let graph = resnet::graph(&config(), [6, 100]).unwrap();
        graph.verify().unwrap();
        let image = resnet::graph(&config(), [6, 64, 64]).unwrap();
        let names = |graph: &graph::Graph| graph.parameters().map(|p| p.name).collect::<Vec<_>>();
        assert_eq!(names(&graph), names(&image), "{name}: the names for series and images are equal");
        assert!(graph.cost().unwrap().trainable < image.cost().unwrap().trainable, "{name}");
    }
}
