//! The graphs of config options.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use expect_test::{Expect, expect};
use graph::{Activation, Graph, Op};
use layers::OutputActivation;
use resnet::{Block, Config, Shortcut, StemPool};

fn text(config: &Config, input: [usize; 3]) -> String {
    resnet::graph(config, input).unwrap().text()
}

fn lines(text: &str, part: &str) -> String {
    text.lines().filter(|line| line.contains(part)).map(|line| format!("{line}\n")).collect()
}

#[test]
fn structure_of_the_smallest_preset() {
    let expected: Expect = expect![[r#"
        graph 1
        %0 = input "input" : [N, 6, 100]
        %1 = conv "conv1" (%0) out=16 kernel=7 stride=2 padding=symmetric : [N, 16, 50]
        %2 = batch_norm "bn1" (%1) : [N, 16, 50]
        %3 = activation "relu" (%2) relu6 : [N, 16, 50]
        %4 = conv "layer1.0.conv1" (%3) out=16 kernel=5 padding=symmetric : [N, 16, 50]
        %5 = batch_norm "layer1.0.bn1" (%4) : [N, 16, 50]
        %6 = activation "layer1.0.relu1" (%5) relu6 : [N, 16, 50]
        %7 = conv "layer1.0.conv2" (%6) out=16 kernel=5 padding=symmetric : [N, 16, 50]
        %8 = batch_norm "layer1.0.bn2" (%7) : [N, 16, 50]
        %9 = add "layer1.0.add" (%8, %3) : [N, 16, 50]
        %10 = activation "layer1.0.relu" (%9) relu6 : [N, 16, 50]
        %11 = conv "layer2.0.conv1" (%10) out=32 kernel=5 stride=2 padding=symmetric : [N, 32, 25]
        %12 = batch_norm "layer2.0.bn1" (%11) : [N, 32, 25]
        %13 = activation "layer2.0.relu1" (%12) relu6 : [N, 32, 25]
        %14 = conv "layer2.0.conv2" (%13) out=32 kernel=5 padding=symmetric : [N, 32, 25]
        %15 = batch_norm "layer2.0.bn2" (%14) : [N, 32, 25]
        %16 = conv "layer2.0.downsample.0" (%10) out=32 kernel=1 stride=2 padding=symmetric : [N, 32, 25]
        %17 = batch_norm "layer2.0.downsample.1" (%16) : [N, 32, 25]
        %18 = add "layer2.0.add" (%15, %17) : [N, 32, 25]
        %19 = activation "layer2.0.relu" (%18) relu6 : [N, 32, 25]
        %20 = conv "layer3.0.conv1" (%19) out=64 kernel=5 stride=2 padding=symmetric : [N, 64, 13]
        %21 = batch_norm "layer3.0.bn1" (%20) : [N, 64, 13]
        %22 = activation "layer3.0.relu1" (%21) relu6 : [N, 64, 13]
        %23 = conv "layer3.0.conv2" (%22) out=64 kernel=5 padding=symmetric : [N, 64, 13]
        %24 = batch_norm "layer3.0.bn2" (%23) : [N, 64, 13]
        %25 = conv "layer3.0.downsample.0" (%19) out=64 kernel=1 stride=2 padding=symmetric : [N, 64, 13]
        %26 = batch_norm "layer3.0.downsample.1" (%25) : [N, 64, 13]
        %27 = add "layer3.0.add" (%24, %26) : [N, 64, 13]
        %28 = activation "layer3.0.relu" (%27) relu6 : [N, 64, 13]
        %29 = global_mean "global_pool" (%28) : [N, 64, 1]
        %30 = flatten "flatten" (%29) : [N, 64]
        %31 = linear "fc" (%30) out=4 bias : [N, 4]
        output "logits" = %31
    "#]];
    let graph = resnet::graph(&Config { classes: Some(4), ..Config::micro() }, [6, 100]).unwrap();
    expected.assert_eq(&graph.text());
}

#[test]
fn dilation_instead_of_stride() {
    let config = Config::published(Block::Bottleneck, [1, 1, 2, 2]).dilated(&[false, true, true]);
    let text = text(&config, [3, 64, 64]);
    let conv2: Vec<_> = ["layer2.0", "layer3.0", "layer3.1", "layer4.0", "layer4.1"]
        .iter()
        .map(|block| lines(&text, &format!("\"{block}.conv2\"")))
        .collect();
    let expected: Expect = expect![[r#"
        %20 = conv "layer2.0.conv2" (%19) out=128 kernel=3 stride=2 padding=symmetric : [N, 128, 8, 8]
        %32 = conv "layer3.0.conv2" (%31) out=256 kernel=3 padding=symmetric : [N, 256, 8, 8]
        %44 = conv "layer3.1.conv2" (%43) out=256 kernel=3 dilation=2 padding=symmetric : [N, 256, 8, 8]
        %54 = conv "layer4.0.conv2" (%53) out=512 kernel=3 dilation=2 padding=symmetric : [N, 512, 8, 8]
        %66 = conv "layer4.1.conv2" (%65) out=512 kernel=3 dilation=4 padding=symmetric : [N, 512, 8, 8]
    "#]];
    expected.assert_eq(&conv2.concat());
}

#[test]
fn a_pooled_shortcut_averages_over_its_stride() {
    let dilated = Config::resnet18d().dilated(&[false, false, true]);
    let pools = lines(&text(&Config::resnet18d(), [3, 64, 64]), "average_pool");
    let dilated_pools = lines(&text(&dilated, [3, 64, 64]), "average_pool");
    let expected: Expect = expect![[r#"
        %30 = average_pool "layer2.0.downsample.0" (%24) kernel=2 stride=2 padding=same : [N, 64, 8, 8]
        %47 = average_pool "layer3.0.downsample.0" (%41) kernel=2 stride=2 padding=same : [N, 128, 4, 4]
        %64 = average_pool "layer4.0.downsample.0" (%58) kernel=2 stride=2 padding=same : [N, 256, 2, 2]
        dilated
        %30 = average_pool "layer2.0.downsample.0" (%24) kernel=2 stride=2 padding=same : [N, 64, 8, 8]
        %47 = average_pool "layer3.0.downsample.0" (%41) kernel=2 stride=2 padding=same : [N, 128, 4, 4]
        %64 = average_pool "layer4.0.downsample.0" (%58) kernel=2 padding=same count_padding : [N, 256, 4, 4]
    "#]];
    expected.assert_eq(&format!("{pools}dilated\n{dilated_pools}"));
}

#[test]
fn squeeze_widths_are_multiples_of_8() {
    let graph = resnet::graph(&Config { se_divisor: Some(16.0), ..Config::resnet18() }, [3, 64, 64]).unwrap();
    let width = |name: &str| graph.node(graph.find(name).unwrap()).shape.channels;
    let widths = [1, 2, 3, 4].map(|layer| width(&format!("layer{layer}.0.se.fc1")));
    // In the first stage, 64 / 16 = 4 is rounded to 8.
    assert_eq!(widths, [8, 8, 16, 32]);
}

#[test]
fn the_features_of_each_stage_are_outputs() {
    let graph = resnet::graph(&Config { features: true, ..Config::resnet18() }, [3, 224, 224]).unwrap();
    let outputs: Vec<_> = graph
        .outputs()
        .iter()
        .map(|output| (output.name.as_str(), graph.node(output.value).shape.to_string()))
        .collect();
    let expected = [
        ("logits", "[N, 1000]"),
        ("stem", "[N, 64, 112, 112]"),
        ("stage1", "[N, 64, 56, 56]"),
        ("stage2", "[N, 128, 28, 28]"),
        ("stage3", "[N, 256, 14, 14]"),
        ("stage4", "[N, 512, 7, 7]"),
    ];
    assert_eq!(outputs, expected.map(|(name, shape)| (name, shape.to_owned())));
}

#[test]
fn without_classes_the_output_is_the_mean_of_the_last_features() {
    let graph = resnet::graph(&Config { classes: None, ..Config::resnet18() }, [3, 64, 64]).unwrap();
    assert_eq!(graph.main_output().name, "features");
    assert_eq!(*graph.output_shape(), [512].into());
    assert!(graph.parameters().all(|parameter| !parameter.name.starts_with("fc")));
}

#[test]
fn drop_path_rises_linearly_to_the_last_block() {
    let graph = resnet::graph(&Config { drop_path: 0.7, ..Config::resnet18() }, [3, 64, 64]).unwrap();
    let rates: Vec<f64> = graph
        .nodes()
        .filter_map(|(_, node)| match node.op {
            Op::Dropout { p, .. } => Some((p * 10.0).round() / 10.0),
            _ => None,
        })
        .collect();
    assert_eq!(rates, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]);
}

#[test]
fn merging_leaves_no_norm_and_changes_no_name() {
    for (name, config) in
        resnet::PRESETS.iter().filter(|(name, _)| ["resnet18", "resnet50d", "micro"].contains(name))
    {
        let graph = resnet::graph(&config(), [3, 64, 64]).unwrap();
        let merged = graph::merge(&graph, &graph::Weights::initial(&graph, 0));
        merged.graph.verify().unwrap();
        assert_eq!(merged.refusals, [], "{name}");
        let norms =
            |graph: &Graph| graph.nodes().filter(|(_, node)| matches!(node.op, Op::BatchNorm(_))).count();
        assert_eq!(norms(&merged.graph), 0, "{name}");
        assert!(merged.graph.nodes().all(|(_, node)| graph.find(&node.name).is_some()), "{name}");
    }
}

#[test]
fn configs_round_trip_through_json() {
    for (name, config) in resnet::PRESETS {
        let config = config().dilated(&[false, true, true]);
        let text = serde_json::to_string(&config).unwrap();
        assert_eq!(serde_json::from_str::<Config>(&text).unwrap(), config, "{name}");
    }
}

#[test]
fn a_config_file_states_only_changed_fields() {
    let config: Config =
        serde_json::from_str(r#"{ "classes": 4, "stem_pool": "none", "shortcut": "average_pool" }"#).unwrap();
    let expected = Config {
        classes: Some(4),
        stem_pool: StemPool::None,
        shortcut: Shortcut::AveragePool,
        ..Config::resnet18()
    };
    assert_eq!(config, expected);
}

#[test]
fn an_unreduced_bottleneck_has_no_first_convolution() {
    let mut config = Config::published(Block::Unreduced, [1, 1, 1, 1]);
    config.stages.truncate(2);
    let expected: Expect = expect![[r#"
        %5 = conv "layer1.0.conv2" (%4) out=64 kernel=3 padding=symmetric : [N, 64, 16, 16]
        %8 = conv "layer1.0.conv3" (%7) out=256 kernel=1 padding=symmetric : [N, 256, 16, 16]
        %10 = conv "layer1.0.downsample.0" (%4) out=256 kernel=1 padding=symmetric : [N, 256, 16, 16]
        %14 = conv "layer2.0.conv2" (%13) out=128 kernel=3 stride=2 padding=symmetric : [N, 128, 8, 8]
        %17 = conv "layer2.0.conv3" (%16) out=512 kernel=1 padding=symmetric : [N, 512, 8, 8]
        %19 = conv "layer2.0.downsample.0" (%13) out=512 kernel=1 stride=2 padding=symmetric : [N, 512, 8, 8]
    "#]];
    expected.assert_eq(&lines(&text(&config, [3, 64, 64]), "conv \"layer"));
}

#[test]
fn activations_of_stem_and_stages() {
    let mut config = Config { stem_activation: Some(Activation::Tanh), ..Config::micro() };
    config.stages[1].activation = Some(Activation::Elu { alpha: 1.0 });
    let graph = resnet::graph(&config, [6, 100]).unwrap();
    let op = |name: &str| graph.node(graph.find(name).unwrap()).op.clone();
    assert_eq!(op("relu"), Op::Activation(Activation::Tanh));
    assert_eq!(op("layer1.0.relu1"), Op::Activation(Activation::Relu6));
    assert_eq!(op("layer2.0.relu"), Op::Activation(Activation::Elu { alpha: 1.0 }));
}

#[test]
fn outputs_without_pooling_and_with_an_activation() {
    let output = |config: &Config| {
        let graph = resnet::graph(config, [6, 100]).unwrap();
        let output = graph.main_output();
        (output.name.clone(), graph.node(output.value).shape.to_string())
    };
    let map = Config { classes: None, pool: false, ..Config::micro() };
    assert_eq!(output(&map), ("features".to_owned(), "[N, 64, 13]".to_owned()));
    let softmax = Config { output_activation: Some(OutputActivation::Softmax), ..Config::micro() };
    assert_eq!(output(&softmax), ("output".to_owned(), "[N, 1000]".to_owned()));
}

#[test]
fn without_a_stem_the_stages_begin_at_the_input() {
    let graph = resnet::graph(&Config { stem: Vec::new(), ..Config::micro() }, [16, 100]).unwrap();
    assert_eq!(graph.parameters().next().unwrap().name, "layer1.0.conv1.weight");
}
