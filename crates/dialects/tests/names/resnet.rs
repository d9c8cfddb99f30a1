//! The names of Keras, which counts layers that have none.

use std::collections::BTreeSet;

use dialects::{Dialect, Rename};
use expect_test::{Expect, expect};
use graph::Shape;
use resnet::{Block, Config, Stage, StemPool};

use super::names;

fn keras(config: &Config, input: impl Into<Shape>, dialect: Dialect) -> Vec<Rename> {
    let input = input.into();
    let graph = resnet::graph(config, input.clone()).expect("a network");
    let renames = names(config, input, dialect).expect("names");
    let ours: BTreeSet<&str> = renames.iter().map(|rename| rename.ours.as_str()).collect();
    let parameters: Vec<String> = graph.parameters().map(|parameter| parameter.name).collect();
    assert_eq!(ours, parameters.iter().map(String::as_str).collect());
    renames
}

fn kernels(renames: &[Rename]) -> String {
    let kernels = renames.iter().filter(|rename| rename.theirs.ends_with("kernel"));
    kernels.map(|rename| format!("{} = {} {:?}\n", rename.theirs, rename.ours, rename.layout)).collect()
}

fn small(block: Block) -> Config {
    let stage = |channels, stride: usize| Stage {
        block,
        channels,
        depth: 2,
        stride: stride.into(),
        ..Config::micro().stages[0].clone()
    };
    let pool = StemPool::None;
    Config { classes: Some(4), stages: vec![stage(8, 1), stage(12, 2)], stem_pool: pool, ..Config::micro() }
}

#[test]
fn a_dropped_convolution_is_counted() {
    let expected: Expect = expect![[r#"
        conv2d/kernel = conv1.weight Convolution(Image { row: 3, of: 7 })
        conv2d_2/kernel = layer1.0.conv2.weight Convolution(Image { row: 2, of: 5 })
        conv2d_3/kernel = layer1.0.conv3.weight Convolution(Image { row: 0, of: 1 })
        conv2d_4/kernel = layer1.0.downsample.0.weight Convolution(Image { row: 0, of: 1 })
        conv2d_6/kernel = layer1.1.conv2.weight Convolution(Image { row: 2, of: 5 })
        conv2d_7/kernel = layer1.1.conv3.weight Convolution(Image { row: 0, of: 1 })
        conv2d_9/kernel = layer2.0.conv2.weight Convolution(Image { row: 2, of: 5 })
        conv2d_10/kernel = layer2.0.conv3.weight Convolution(Image { row: 0, of: 1 })
        conv2d_11/kernel = layer2.0.downsample.0.weight Convolution(Image { row: 0, of: 1 })
        conv2d_13/kernel = layer2.1.conv2.weight Convolution(Image { row: 2, of: 5 })
        conv2d_14/kernel = layer2.1.conv3.weight Convolution(Image { row: 0, of: 1 })
        dense/kernel = fc.weight Dense
    "#]];
    expected.assert_eq(&kernels(&keras(&small(Block::Unreduced), [2, 100], Dialect::SleepKit)));
}

#[test]
fn a_projection_comes_after_the_blocks_convolutions() {
    let expected: Expect = expect![[r#"
        conv2d/kernel = conv1.weight Convolution(Ours)
        conv2d_1/kernel = layer1.0.conv1.weight Convolution(Ours)
        conv2d_2/kernel = layer1.0.conv2.weight Convolution(Ours)
        conv2d_3/kernel = layer1.0.downsample.0.weight Convolution(Ours)
        conv2d_4/kernel = layer1.1.conv1.weight Convolution(Ours)
        conv2d_5/kernel = layer1.1.conv2.weight Convolution(Ours)
        conv2d_6/kernel = layer2.0.conv1.weight Convolution(Ours)
        conv2d_7/kernel = layer2.0.conv2.weight Convolution(Ours)
        conv2d_8/kernel = layer2.0.downsample.0.weight Convolution(Ours)
        conv2d_9/kernel = layer2.1.conv1.weight Convolution(Ours)
        conv2d_10/kernel = layer2.1.conv2.weight Convolution(Ours)
        top/kernel = fc.weight Dense
    "#]];
    expected.assert_eq(&kernels(&keras(&small(Block::Basic), [2, 30, 30], Dialect::HeliaEdge)));
}

#[test]
fn without_a_stem_the_first_projection_depends_on_the_input() {
    let config = Config { stem: Vec::new(), ..small(Block::Basic) };
    let count = |channels| kernels(&keras(&config, [channels, 100], Dialect::HeliaEdge)).lines().count();
    assert_eq!(count(8) + 1, count(6));
}

#[test]
fn biases_and_bottlenecks_have_names_too() {
    let config = Config { conv_bias: true, ..small(Block::Bottleneck) };
    let renames = keras(&config, [2, 100], Dialect::HeliaEdge);
    assert!(renames.iter().any(|rename| rename.theirs == "conv2d_1/bias"));
    let graph = resnet::graph(&config, [2, 100]).unwrap();
    assert_eq!(graph.parameters().filter(|parameter| parameter.name == "layer1.0.conv1.bias").count(), 1);
}

#[test]
fn a_kernel_that_meets_no_data_is_refused() {
    let mut config = small(Block::Basic);
    config.stages[0].kernel = 4.into();
    config.stages[0].dilation = 2.into();
    config.padding = graph::Padding::Same;
    let error = names(&config, [2, 100], Dialect::HeliaEdge).map(|renames| kernels(&renames));
    expect!["layer1.0.conv1: no row of a kernel 4 with dilation 2 and same padding meets a series of height 1; use an odd kernel or no dilation"].assert_eq(&error.unwrap_err().to_string());
}
