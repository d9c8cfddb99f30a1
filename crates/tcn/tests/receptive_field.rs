//! Receptive fields: the computed ones match the effect of changing the input.

use expect_test::expect;
use graph::reference::{self, Tensor};
use graph::{Activation, Field, Graph, Padding, ReceptiveField, Weights};
use layers::Norm;
use tcn::{Block, Config, Kind, Output, PRESETS, Skips};

const LENGTH: usize = 64;

/// Returns, for each input sample, the first and the last output sample that change with it.
fn affected_outputs(graph: &Graph) -> Vec<Option<(usize, usize)>> {
    // With this seed, no unit of a narrow squeeze is dead.
    let weights = Weights::initial(graph, 1);
    let shape = graph.inputs().next().expect("a model has an input").1.shape.clone();
    let run = |changed: Option<usize>| {
        let mut input = Tensor::noise("signal", 1, shape.clone());
        if let Some(t) = changed {
            for channel in 0..shape.channels {
                input.data[channel * LENGTH + t] += 1.0;
            }
        }
        reference::run(graph, &weights, &[input]).expect("weights and an input of the graph").remove(0)
    };
    let before = run(None);
    (0..LENGTH)
        .map(|t| {
            let after = run(Some(t));
            let differ = |s: &usize| {
                (0..before.shape.channels)
                    .any(|c| before.data[c * LENGTH + s].to_bits() != after.data[c * LENGTH + s].to_bits())
            };
            let mut samples = (0..LENGTH).filter(differ);
            let first = samples.next()?;
            Some((first, samples.next_back().unwrap_or(first)))
        })
        .collect()
}

/// A network whose activation is softplus, so that no unit is dead.
fn network(kind: Kind, skips: Skips, padding: Padding) -> Config {
    let block = |(channels, dilation): (usize, usize)| Block {
        activation: Some(Activation::Softplus),
        ..Block::new(kind, channels, 3, dilation)
    };
    let blocks = [(4, 1), (4, 2), (5, 4)].map(block).to_vec();
    Config { blocks, skips, padding, ..Config::sm() }
}

#[test]
fn a_causal_network_sees_exactly_its_receptive_field() {
    for (kind, skips, steps) in [
        (Kind::Sm, Skips::None, 1 + 2 * (1 + 2 + 4)),
        (Kind::Mb, Skips::None, 1 + 2 * (1 + 2 + 4)),
        (Kind::Lg, Skips::None, 1 + 2 * 2 * (1 + 2 + 4)),
        (Kind::Residual, Skips::None, 1 + 2 * 2 * (1 + 2 + 4)),
        (Kind::Residual, Skips::Branches, 1 + 2 * 2 * (1 + 2 + 4)),
        (Kind::Residual, Skips::BranchesAndOutput, 1 + 2 * 2 * (1 + 2 + 4)),
    ] {
        let graph = tcn::graph(&network(kind, skips, Padding::Causal), [2, LENGTH]).unwrap();
        let ReceptiveField { axes, causal } = graph.receptive_field();
        assert_eq!(axes, [Field::Steps { steps, look_back: steps - 1, look_ahead: 0 }], "{kind:?}");
        assert_eq!(causal.unwrap().to_string(), "yes");
        for (t, affected) in affected_outputs(&graph).into_iter().enumerate() {
            assert_eq!(affected, Some((t, (t + steps - 1).min(LENGTH - 1))), "{kind:?}: sample {t}");
        }
    }
}

#[test]
fn same_padding_sees_equally_far_in_both_directions() {
    let graph = tcn::graph(&network(Kind::Residual, Skips::None, Padding::Same), [2, LENGTH]).unwrap();
    expect!["29 (14 back, 14 ahead); causal: no, because of network.0.conv1"]
        .assert_eq(&graph.receptive_field().to_string());
    for (t, affected) in affected_outputs(&graph).into_iter().enumerate() {
        assert_eq!(affected, Some((t.saturating_sub(14), (t + 14).min(LENGTH - 1))), "sample {t}");
    }
}

#[test]
fn nodes_that_see_the_whole_input_are_named() {
    let field = |change: fn(&mut Block)| {
        let mut config = network(Kind::Mb, Skips::None, Padding::Causal);
        change(&mut config.blocks[1]);
        let graph = tcn::graph(&config, [2, LENGTH]).unwrap();
        if affected_outputs(&graph)[LENGTH - 1] != Some((0, LENGTH - 1)) {
            return "the first output does not depend on the last sample".to_owned();
        }
        graph.receptive_field().to_string()
    };
    expect!["the whole input, because of network.1.0.se.mean; causal: no, because of network.1.0.se.mean"]
        .assert_eq(&field(|block| block.se_divisor = Some(2.0)));
    expect!["the whole input, because of network.1.0.depthwise.norm; causal: no, because of network.1.0.depthwise.norm"].assert_eq(&field(|block| block.norm = Norm::Position));
    expect!["the whole input, because of network.1.0.depthwise.norm; causal: no, because of network.1.0.depthwise.norm"].assert_eq(&field(|block| block.norm = Norm::Instance));
    let backwards = Config { backwards: true, ..network(Kind::Sm, Skips::None, Padding::Causal) };
    expect!["the whole input, because of reverse; causal: no, because of reverse"]
        .assert_eq(&tcn::graph(&backwards, [2, LENGTH]).unwrap().receptive_field().to_string());
}

#[test]
fn receptive_fields_of_presets() {
    let lines: Vec<String> = PRESETS
        .iter()
        .map(|(name, config)| {
            let config = Config { output: Output::EverySample, ..config() };
            format!("{name}: {}\n", tcn::graph(&config, [6, 1000]).unwrap().receptive_field())
        })
        .collect();
    expect![[r#"
        bai: 3061 (3060 back, 0 ahead); causal: yes
        lg: 249 (248 back, 0 ahead); causal: yes
        mb: the whole input, because of network.2.0.se.mean; causal: no, because of encoder.conv
        sm: 91 (90 back, 0 ahead); causal: yes
    "#]]
    .assert_eq(&lines.concat());
}
