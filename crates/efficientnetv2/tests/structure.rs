//! The graphs of config options.

use efficientnetv2::{Block, Config, Head, PRESETS, SqueezeOf, Stage};
use expect_test::{Expect, expect};
use graph::{Activation, Graph, Op};
use layers::OutputActivation;

fn series(config: &Config) -> Graph {
    efficientnetv2::graph(config, [6, 100]).expect("a network")
}

fn lines(text: &str, part: &str) -> String {
    text.lines().filter(|line| line.contains(part)).map(|line| format!("{line}\n")).collect()
}

#[test]
fn structure_of_the_smallest_preset() {
    let mut config = Config { classes: Some(4), drop_path: 0.0, dropout: 0.0, ..Config::micro() };
    config.stages.truncate(2);
    let expected: Expect = expect![[r#"
        graph 1
        %0 = input "input" : [N, 6, 100]
        %1 = conv "conv_stem" (%0) out=16 kernel=7 stride=2 padding=symmetric : [N, 16, 50]
        %2 = batch_norm "bn1" (%1) : [N, 16, 50]
        %3 = activation "act1" (%2) silu : [N, 16, 50]
        %4 = conv "blocks.0.0.conv_dw" (%3) out=16 kernel=5 groups=16 padding=symmetric : [N, 16, 50]
        %5 = batch_norm "blocks.0.0.bn1" (%4) : [N, 16, 50]
        %6 = activation "blocks.0.0.act1" (%5) silu : [N, 16, 50]
        %7 = global_mean "blocks.0.0.se.mean" (%6) : [N, 16, 1]
        %8 = conv "blocks.0.0.se.conv_reduce" (%7) out=4 kernel=1 padding=symmetric bias : [N, 4, 1]
        %9 = activation "blocks.0.0.se.act" (%8) silu : [N, 4, 1]
        %10 = conv "blocks.0.0.se.conv_expand" (%9) out=16 kernel=1 padding=symmetric bias : [N, 16, 1]
        %11 = activation "blocks.0.0.se.gate" (%10) sigmoid : [N, 16, 1]
        %12 = multiply "blocks.0.0.se.scale" (%6, %11) : [N, 16, 50]
        %13 = conv "blocks.0.0.conv_pw" (%12) out=16 kernel=1 padding=symmetric : [N, 16, 50]
        %14 = batch_norm "blocks.0.0.bn2" (%13) : [N, 16, 50]
        %15 = add "blocks.0.0.add" (%14, %3) : [N, 16, 50]
        %16 = conv "blocks.1.0.conv_pw" (%15) out=64 kernel=1 padding=symmetric : [N, 64, 50]
        %17 = batch_norm "blocks.1.0.bn1" (%16) : [N, 64, 50]
        %18 = activation "blocks.1.0.act1" (%17) silu : [N, 64, 50]
        %19 = conv "blocks.1.0.conv_dw" (%18) out=64 kernel=5 stride=2 groups=64 padding=symmetric : [N, 64, 25]
        %20 = batch_norm "blocks.1.0.bn2" (%19) : [N, 64, 25]
        %21 = activation "blocks.1.0.act2" (%20) silu : [N, 64, 25]
        %22 = global_mean "blocks.1.0.se.mean" (%21) : [N, 64, 1]
        %23 = conv "blocks.1.0.se.conv_reduce" (%22) out=4 kernel=1 padding=symmetric bias : [N, 4, 1]
        %24 = activation "blocks.1.0.se.act" (%23) silu : [N, 4, 1]
        %25 = conv "blocks.1.0.se.conv_expand" (%24) out=64 kernel=1 padding=symmetric bias : [N, 64, 1]
        %26 = activation "blocks.1.0.se.gate" (%25) sigmoid : [N, 64, 1]
        %27 = multiply "blocks.1.0.se.scale" (%21, %26) : [N, 64, 25]
        %28 = conv "blocks.1.0.conv_pwl" (%27) out=24 kernel=1 padding=symmetric : [N, 24, 25]
        %29 = batch_norm "blocks.1.0.bn3" (%28) : [N, 24, 25]
        %30 = conv "blocks.1.1.conv_pw" (%29) out=96 kernel=1 padding=symmetric : [N, 96, 25]
        %31 = batch_norm "blocks.1.1.bn1" (%30) : [N, 96, 25]
        %32 = activation "blocks.1.1.act1" (%31) silu : [N, 96, 25]
        %33 = conv "blocks.1.1.conv_dw" (%32) out=96 kernel=5 groups=96 padding=symmetric : [N, 96, 25]
        %34 = batch_norm "blocks.1.1.bn2" (%33) : [N, 96, 25]
        %35 = activation "blocks.1.1.act2" (%34) silu : [N, 96, 25]
        %36 = global_mean "blocks.1.1.se.mean" (%35) : [N, 96, 1]
        %37 = conv "blocks.1.1.se.conv_reduce" (%36) out=6 kernel=1 padding=symmetric bias : [N, 6, 1]
        %38 = activation "blocks.1.1.se.act" (%37) silu : [N, 6, 1]
        %39 = conv "blocks.1.1.se.conv_expand" (%38) out=96 kernel=1 padding=symmetric bias : [N, 96, 1]
        %40 = activation "blocks.1.1.se.gate" (%39) sigmoid : [N, 96, 1]
        %41 = multiply "blocks.1.1.se.scale" (%35, %40) : [N, 96, 25]
        %42 = conv "blocks.1.1.conv_pwl" (%41) out=24 kernel=1 padding=symmetric : [N, 24, 25]
        %43 = batch_norm "blocks.1.1.bn3" (%42) : [N, 24, 25]
        %44 = add "blocks.1.1.add" (%43, %29) : [N, 24, 25]
        %45 = global_mean "global_pool" (%44) : [N, 24, 1]
        %46 = flatten "flatten" (%45) : [N, 24]
        %47 = linear "classifier" (%46) out=4 bias : [N, 4]
        output "logits" = %47
    "#]];
    expected.assert_eq(&series(&config).text());
}

#[test]
fn a_fused_block_without_expansion_is_one_convolution_unless_projected() {
    let stage =
        |block| Stage { block, expand_ratio: 1.0, se_divisor: None, ..Config::b0().stages[0].clone() };
    let convolutions = |block| {
        let config = Config { stem: None, stages: vec![stage(block)], head: None, ..Config::b0() };
        lines(&series(&config).text(), "conv \"")
    };
    let expected: Expect = expect![[r#"
        %1 = conv "blocks.0.0.conv" (%0) out=16 kernel=3 padding=symmetric : [N, 16, 100]

        %1 = conv "blocks.0.0.conv_exp" (%0) out=6 kernel=3 padding=symmetric : [N, 6, 100]
        %4 = conv "blocks.0.0.conv_pwl" (%3) out=16 kernel=1 padding=symmetric : [N, 16, 100]

        %1 = conv "blocks.0.0.conv_dw" (%0) out=6 kernel=3 groups=6 padding=symmetric : [N, 6, 100]
        %4 = conv "blocks.0.0.conv_pw" (%3) out=16 kernel=1 padding=symmetric : [N, 16, 100]
    "#]];
    expected.assert_eq(
        &[Block::FusedMBConv, Block::FusedMBConvProjected, Block::MBConv].map(convolutions).join("\n"),
    );
}

#[test]
fn squeeze_excite_divides_the_input_or_the_expanded_channels() {
    let width = |se_of, se_divisor| {
        let stage =
            Stage { expand_ratio: 6.0, channels: 20, depth: 2, se_divisor, ..Config::b0().stages[5].clone() };
        let graph = series(&Config { se_of, stages: vec![stage], ..Config::b0() });
        graph.find("blocks.0.1.se.conv_reduce").map(|value| graph.node(value).shape.channels)
    };
    assert_eq!(width(SqueezeOf::Input, Some(4.0)), Some(5));
    assert_eq!(width(SqueezeOf::Input, Some(3.0)), Some(7), "rounded to the nearest");
    assert_eq!(width(SqueezeOf::Expanded, Some(24.0)), Some(5));
    assert_eq!(width(SqueezeOf::Expanded, Some(7.0)), Some(17), "rounded down");
    assert_eq!(width(SqueezeOf::Input, None), None);
}

#[test]
fn drop_path_rises_linearly() {
    let graph = efficientnetv2::graph(&Config { drop_path: 0.4, ..Config::s() }, [3, 64, 64]).unwrap();
    let rates: Vec<f64> = graph
        .nodes()
        .filter(|(_, node)| node.name.ends_with("drop_path"))
        .filter_map(|(_, node)| match node.op {
            Op::Dropout { p, .. } => Some((p * 1000.0).round() / 1000.0),
            _ => None,
        })
        .collect();
    // Of 40 blocks, the first and those that change the size or the channels have no drop path.
    assert_eq!((rates.first(), rates.last(), rates.len()), (Some(&0.01), Some(&0.39), 34));
    assert!(rates.is_sorted());
}

#[test]
fn names_and_shapes_of_outputs() {
    let outputs = |config: &Config| -> Vec<(String, String)> {
        let graph = efficientnetv2::graph(config, [3, 64, 64]).unwrap();
        let shape = |output: &graph::Output| graph.node(output.value).shape.to_string();
        graph.outputs().iter().map(|output| (output.name.clone(), shape(output))).collect()
    };
    let only = |name: &str, shape: &str| vec![(name.to_owned(), shape.to_owned())];
    let b0 = Config::b0;
    assert_eq!(outputs(&b0()), only("logits", "[N, 1000]"));
    assert_eq!(outputs(&Config { classes: None, ..b0() }), only("features", "[N, 1280]"));
    assert_eq!(outputs(&Config { classes: None, pool: false, ..b0() }), only("features", "[N, 1280, 2, 2]"));
    let softmax = Config { output_activation: Some(OutputActivation::Softmax), ..b0() };
    assert_eq!(outputs(&softmax), only("output", "[N, 1000]"));
    let features = outputs(&Config { features: true, ..b0() });
    let expected: Expect = expect![[r#"
        logits [N, 1000]
        stem [N, 32, 32, 32]
        stage1 [N, 16, 32, 32]
        stage2 [N, 32, 16, 16]
        stage3 [N, 48, 8, 8]
        stage4 [N, 96, 4, 4]
        stage5 [N, 112, 4, 4]
        stage6 [N, 192, 2, 2]
    "#]];
    let text: Vec<String> = features.iter().map(|(name, shape)| format!("{name} {shape}\n")).collect();
    expected.assert_eq(&text.concat());
    let stemless = outputs(&Config { features: true, stem: None, ..b0() });
    assert_eq!(stemless[1].0, "stage1");
}

#[test]
fn activations_of_the_head() {
    let act = |head: Head| {
        let graph = series(&Config { head: Some(head), ..Config::b0() });
        graph.find("act2").map(|value| graph.node(value).op.clone())
    };
    let head = Head { channels: 64, activation: None, linear: false };
    assert_eq!(act(head.clone()), Some(Op::Activation(Activation::Silu)));
    assert_eq!(
        act(Head { activation: Some(Activation::Tanh.into()), ..head }),
        Some(Op::Activation(Activation::Tanh))
    );
    assert_eq!(act(Head { activation: Some(OutputActivation::Softmax), ..head }), Some(Op::Softmax));
    assert_eq!(act(Head { linear: true, ..head }), None);
}

#[test]
fn a_network_runs_at_any_size() {
    for (name, config) in PRESETS.iter().filter(|(name, _)| ["micro", "tf_efficientnetv2_b0"].contains(name))
    {
        let graph = series(&config());
        for length in [1, 7, 99, 1001] {
            let shapes = graph.shapes_for(&[[6, length].into()]).unwrap();
            assert_eq!(shapes.len(), graph.nodes().count(), "{name} at {length}");
        }
    }
}

#[test]
fn merging_leaves_no_norm() {
    for (name, config) in PRESETS.iter().filter(|(name, _)| ["micro", "efficientnetv2_b0"].contains(name)) {
        let graph = series(&config());
        let merged = graph::merge(&graph, &graph::Weights::initial(&graph, 0));
        merged.graph.verify().unwrap();
        assert_eq!(merged.refusals, [], "{name}");
        assert!(merged.graph.nodes().all(|(_, node)| !matches!(node.op, Op::BatchNorm(_))), "{name}");
    }
}

#[test]
fn configs_round_trip_through_json() {
    for (name, config) in PRESETS {
        let text = serde_json::to_string(&config()).unwrap();
        assert_eq!(serde_json::from_str::<Config>(&text).unwrap(), config(), "{name}");
    }
}

#[test]
fn a_config_file_states_only_changed_fields() {
    let text = r#"{ "classes": 4, "width_multiplier": 0.5, "stages": [
        { "block": "fused_mbconv", "channels": 16, "depth": 1 },
        { "expand_ratio": 4, "channels": 32, "depth": 2, "kernel": [1, 5], "stride": 2, "se_divisor": 4 }
    ] }"#;
    let config: Config = serde_json::from_str(text).unwrap();
    assert_eq!(config.stages[1].block, Block::MBConv);
    assert_eq!(config.head, Config::b0().head);
    assert_eq!(*series(&config).output_shape(), [4].into());
}
