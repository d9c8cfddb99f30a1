//! The graphs of config options.

use expect_test::{Expect, expect};
use graph::{Graph, Op};
use layers::Downsample;
use mobileone::{Config, PRESETS, Stage};

fn small(stages: Vec<Stage>) -> Config {
    Config { classes: Some(4), stages, ..Config::micro() }
}

fn series(config: &Config) -> Graph {
    mobileone::graph(config, [6, 100]).expect("a network")
}

#[test]
fn structure_of_a_small_network() {
    let stage = Stage { branches: 2, kernel: 5.into(), dilation: 2.into(), ..Stage::new(16, 1) };
    let expected: Expect = expect![[r#"
        graph 1
        %0 = input "input" : [N, 6, 100]
        %1 = conv "stem.conv_kxk.0.conv" (%0) out=16 kernel=7 stride=2 padding=symmetric : [N, 16, 50]
        %2 = batch_norm "stem.conv_kxk.0.bn" (%1) : [N, 16, 50]
        %3 = conv "stem.conv_scale.conv" (%0) out=16 kernel=1 stride=2 padding=valid : [N, 16, 50]
        %4 = batch_norm "stem.conv_scale.bn" (%3) : [N, 16, 50]
        %5 = add "stem.reparam_conv" (%2, %4) : [N, 16, 50]
        %6 = activation "stem.act" (%5) relu6 : [N, 16, 50]
        %7 = conv "stages.0.0.conv_kxk.0.conv" (%6) out=16 kernel=5 dilation=2 groups=16 padding=symmetric : [N, 16, 50]
        %8 = batch_norm "stages.0.0.conv_kxk.0.bn" (%7) : [N, 16, 50]
        %9 = conv "stages.0.0.conv_kxk.1.conv" (%6) out=16 kernel=5 dilation=2 groups=16 padding=symmetric : [N, 16, 50]
        %10 = batch_norm "stages.0.0.conv_kxk.1.bn" (%9) : [N, 16, 50]
        %11 = conv "stages.0.0.conv_scale.conv" (%6) out=16 kernel=1 groups=16 padding=valid : [N, 16, 50]
        %12 = batch_norm "stages.0.0.conv_scale.bn" (%11) : [N, 16, 50]
        %13 = batch_norm "stages.0.0.identity" (%6) : [N, 16, 50]
        %14 = add "stages.0.0.reparam_conv" (%8, %10, %12, %13) : [N, 16, 50]
        %15 = activation "stages.0.0.act" (%14) relu6 : [N, 16, 50]
        %16 = conv "stages.0.1.conv_kxk.0.conv" (%15) out=16 kernel=1 padding=symmetric : [N, 16, 50]
        %17 = batch_norm "stages.0.1.conv_kxk.0.bn" (%16) : [N, 16, 50]
        %18 = conv "stages.0.1.conv_kxk.1.conv" (%15) out=16 kernel=1 padding=symmetric : [N, 16, 50]
        %19 = batch_norm "stages.0.1.conv_kxk.1.bn" (%18) : [N, 16, 50]
        %20 = batch_norm "stages.0.1.identity" (%15) : [N, 16, 50]
        %21 = add "stages.0.1.reparam_conv" (%17, %19, %20) : [N, 16, 50]
        %22 = activation "stages.0.1.act" (%21) relu6 : [N, 16, 50]
        %23 = global_mean "head.global_pool" (%22) : [N, 16, 1]
        %24 = flatten "head.flatten" (%23) : [N, 16]
        %25 = linear "head.fc" (%24) out=4 bias : [N, 4]
        output "logits" = %25
    "#]];
    expected.assert_eq(&series(&small(vec![stage])).text());
}

#[test]
fn squeeze_excite_is_in_both_blocks_of_the_last_pairs() {
    let stage = Stage { se_divisor: Some(4.0), se_depth: 2, ..Stage::new(16, 3) };
    let graph = series(&small(vec![stage]));
    let excited = (0..6).filter(|i| graph.find(&format!("stages.0.{i}.attn.fc1")).is_some());
    assert_eq!(excited.collect::<Vec<_>>(), [2, 3, 4, 5]);
    let s4 = mobileone::graph(&Config::s4(), [3, 64, 64]).unwrap();
    let blocks: Vec<_> = s4.nodes().filter(|(_, node)| node.name.ends_with("attn.fc1")).collect();
    assert_eq!(blocks.len(), 12, "five pairs of the third stage, one of the fourth");
}

#[test]
fn each_branch_of_the_strided_block_has_a_max_pool() {
    let stage = Stage { stride: 2.into(), downsample: Downsample::MaxPool, branches: 2, ..Stage::new(16, 2) };
    let graph = series(&small(vec![stage]));
    let pools: Vec<&str> = graph
        .nodes()
        .filter(|(_, node)| matches!(node.op, Op::MaxPool(_)))
        .map(|(_, node)| node.name.as_str())
        .collect();
    assert_eq!(
        pools,
        ["stages.0.0.conv_kxk.0.pool", "stages.0.0.conv_kxk.1.pool", "stages.0.0.conv_scale.pool"]
    );
    let merged = graph::merge(&graph, &graph::Weights::initial(&graph, 0));
    expect!["stages.0.0.reparam_conv"].assert_eq(&merged.refusals[0].node);
}

#[test]
fn the_features_of_each_stage_are_outputs() {
    let graph = mobileone::graph(&Config { features: true, ..Config::s0() }, [3, 224, 224]).unwrap();
    let outputs: Vec<String> = graph
        .outputs()
        .iter()
        .map(|output| format!("{} {}\n", output.name, graph.node(output.value).shape))
        .collect();
    let expected: Expect = expect![[r#"
        logits [N, 1000]
        stem [N, 48, 112, 112]
        stage1 [N, 48, 56, 56]
        stage2 [N, 128, 28, 28]
        stage3 [N, 256, 14, 14]
        stage4 [N, 1024, 7, 7]
    "#]];
    expected.assert_eq(&outputs.concat());
}

#[test]
fn without_pooling_the_output_is_the_last_features() {
    let config = Config { classes: None, pool: false, ..Config::u0() };
    assert_eq!(*series(&config).output_shape(), [256, 4].into());
    let config = Config { classes: None, ..Config::u0() };
    assert_eq!(*series(&config).output_shape(), [256].into());
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
    let text =
        r#"{ "classes": 4, "stages": [{ "channels": 16, "depth": 1, "dilation": 2, "padding": "causal" }] }"#;
    let config: Config = serde_json::from_str(text).unwrap();
    assert_eq!(config.stem, Config::s0().stem);
    assert_eq!(*series(&config).output_shape(), [4].into());
}
