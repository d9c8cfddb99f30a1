//! The names of other packages.

use std::collections::BTreeSet;

use dialects::{Dialect, Rename};
use efficientnetv2::{Block, Config, PRESETS};
use expect_test::{Expect, expect};
use graph::Graph;

use super::names;

fn ours(renames: &[Rename]) -> BTreeSet<&str> {
    renames.iter().map(|rename| rename.ours.as_str()).collect()
}

fn parameters(graph: &Graph) -> Vec<String> {
    graph.parameters().map(|parameter| parameter.name).collect()
}

#[test]
fn torchvision_has_a_name_for_every_parameter_and_each_once() {
    for (name, config) in PRESETS {
        let graph = efficientnetv2::graph(&config(), [3, 64, 64]).unwrap();
        let renames = names(&config(), [3, 64, 64], Dialect::Torchvision).unwrap();
        let parameters = parameters(&graph);
        assert_eq!(ours(&renames), parameters.iter().map(String::as_str).collect(), "{name}");
        let theirs: BTreeSet<&str> = renames.iter().map(|rename| rename.theirs.as_str()).collect();
        assert_eq!(theirs.len(), parameters.len(), "{name}");
    }
}

/// `efficientnet_v2_s().state_dict()` of torchvision 0.28.
#[test]
fn torchvision_counts_the_parts_of_a_block() {
    let renames = names(&Config::s(), [3, 64, 64], Dialect::Torchvision).unwrap();
    let theirs = |ours: &str| {
        let rename = renames.iter().find(|rename| rename.ours == ours).unwrap();
        rename.theirs.clone()
    };
    assert_eq!(theirs("blocks.0.1.conv.weight"), "features.1.1.block.0.0.weight");
    assert_eq!(theirs("blocks.1.0.conv_pwl.weight"), "features.2.0.block.1.0.weight");
    assert_eq!(theirs("blocks.3.0.bn2.running_mean"), "features.4.0.block.1.1.running_mean");
    assert_eq!(theirs("blocks.3.0.se.conv_reduce.bias"), "features.4.0.block.2.fc1.bias");
    assert_eq!(theirs("blocks.3.0.conv_pwl.weight"), "features.4.0.block.3.0.weight");
    assert_eq!(theirs("conv_head.weight"), "features.7.0.weight");
    assert_eq!(theirs("classifier.bias"), "classifier.1.bias");
}

#[test]
fn keras_has_a_name_for_every_parameter() {
    for dialect in [Dialect::HeliaEdge, Dialect::SleepKit] {
        for input in [vec![6, 100], vec![6, 64, 64]] {
            let shape = graph::Shape::new(input[0], &input[1..]);
            let graph = efficientnetv2::graph(&Config::micro(), shape.clone()).unwrap();
            let renames = names(&Config::micro(), shape, dialect).unwrap();
            assert_eq!(ours(&renames), parameters(&graph).iter().map(String::as_str).collect());
        }
    }
}

#[test]
fn keras_names_and_layouts_of_a_series() {
    let mut config = Config { classes: Some(4), head: Config::b0().head, ..Config::micro() };
    config.stages.drain(2..);
    config.stages[1].depth = 1;
    let renames = names(&config, [6, 100], Dialect::HeliaEdge).unwrap();
    let lines: Vec<String> = renames
        .iter()
        .filter(|rename| !rename.theirs.contains("moving_") && !rename.theirs.contains("beta"))
        .map(|rename| format!("{} = {} {:?}\n", rename.theirs, rename.ours, rename.layout))
        .collect();
    let expected: Expect = expect![[r#"
        stem.conv/kernel = conv_stem.weight Convolution(Image { row: 3, of: 7 })
        stem_bn/gamma = bn1.weight Same
        stage1_mbconv1_dp/kernel = blocks.0.0.conv_dw.weight Depthwise(Image { row: 2, of: 5 })
        stage1_mbconv1_dp_bn_bn/gamma = blocks.0.0.bn1.weight Same
        stage1_mbconv1_se_sq/kernel = blocks.0.0.se.conv_reduce.weight Convolution(Image { row: 0, of: 1 })
        stage1_mbconv1_se_sq/bias = blocks.0.0.se.conv_reduce.bias Same
        stage1_mbconv1_se_ex/kernel = blocks.0.0.se.conv_expand.weight Convolution(Image { row: 0, of: 1 })
        stage1_mbconv1_se_ex/bias = blocks.0.0.se.conv_expand.bias Same
        stage1_mbconv1_red.conv/kernel = blocks.0.0.conv_pw.weight Convolution(Image { row: 0, of: 1 })
        stage1_mbconv1_red_bn_bn/gamma = blocks.0.0.bn2.weight Same
        stage2_mbconv1_exp.conv/kernel = blocks.1.0.conv_pw.weight Convolution(Image { row: 0, of: 1 })
        stage2_mbconv1_exp_bn_bn/gamma = blocks.1.0.bn1.weight Same
        stage2_mbconv1_dp/kernel = blocks.1.0.conv_dw.weight Depthwise(Image { row: 2, of: 5 })
        stage2_mbconv1_dp_bn_bn/gamma = blocks.1.0.bn2.weight Same
        stage2_mbconv1_se_sq/kernel = blocks.1.0.se.conv_reduce.weight Convolution(Image { row: 0, of: 1 })
        stage2_mbconv1_se_sq/bias = blocks.1.0.se.conv_reduce.bias Same
        stage2_mbconv1_se_ex/kernel = blocks.1.0.se.conv_expand.weight Convolution(Image { row: 0, of: 1 })
        stage2_mbconv1_se_ex/bias = blocks.1.0.se.conv_expand.bias Same
        stage2_mbconv1_red.conv/kernel = blocks.1.0.conv_pwl.weight Convolution(Image { row: 0, of: 1 })
        stage2_mbconv1_red_bn_bn/gamma = blocks.1.0.bn3.weight Same
        neck.conv/kernel = conv_head.weight Convolution(Image { row: 0, of: 1 })
        neck_bn/gamma = bn2.weight Same
        top/kernel = classifier.weight Dense
        top/bias = classifier.bias Same
    "#]];
    expected.assert_eq(&lines.concat());
}

#[test]
fn blocks_that_keras_lacks_are_refused() {
    let error = |config: &Config| names(config, [6, 100], Dialect::SleepKit).unwrap_err().to_string();
    expect!["stages[0].block: expected `mbconv`, the only block of sleepkit"]
        .assert_eq(&error(&Config::b0()));
    let mut wide = Config::micro();
    wide.stages[0].kernel = [5, 5].into();
    assert!(names(&wide, [6, 100], Dialect::SleepKit).is_ok());
    wide.stages[0].block = Block::FusedMBConvProjected;
    expect!["stages[0].block: expected `mbconv`, the only block of sleepkit"].assert_eq(&error(&wide));
}
