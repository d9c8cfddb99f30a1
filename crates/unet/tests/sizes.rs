//! Networks work for any input size and with any encoder.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use graph::reference::{Tensor, run};
use graph::{BuildError, Graph, Shape, Weights};
use layers::{Norm, Pooling, Skip, Upsample};
use unet::{Block, Config, Kind};

/// Runs a graph at sizes that it was not built for. The output must have the input's size and equal the
/// output of a graph that was built for that size.
fn check(build: impl Fn(Shape) -> Result<Graph, BuildError>, built: &[usize], sizes: &[&[usize]]) {
    let graph = build(Shape::new(3, built)).unwrap();
    let weights = Weights::initial(&graph, 1);
    for &size in sizes {
        let shape = Shape::new(3, size);
        let input = Tensor::noise("input", 2, shape.clone());
        let output = run(&graph, &weights, std::slice::from_ref(&input)).unwrap().remove(0);
        assert_eq!(output.shape.space, size);
        let rebuilt = build(shape).unwrap();
        assert_eq!(rebuilt.parameters().collect::<Vec<_>>(), graph.parameters().collect::<Vec<_>>());
        assert_eq!(run(&rebuilt, &weights, &[input]).unwrap().remove(0), output, "{size:?}");
    }
}

fn variants() -> Vec<Config> {
    let small = |kind, skip, pooling, upsample| {
        let strides = [[2, 2], [3, 2], [2, 3]];
        let block = |(i, stride): (usize, [usize; 2])| Block {
            stride: if i == 1 { 3.into() } else { stride[0].into() },
            pool: 3.into(),
            skip,
            ..Block::new(4 + i)
        };
        let blocks = strides.into_iter().enumerate().map(block).collect();
        Config { kind, blocks, pooling, upsample, padding: graph::Padding::Same, ..Config::unet() }
    };
    let mut variants = vec![Config::micro()];
    for kind in [Kind::Plain, Kind::Residual] {
        variants.push(small(kind, Skip::Concat, Pooling::Max, Upsample::Nearest));
        variants.push(small(kind, Skip::None, Pooling::Stride, Upsample::Linear));
        variants.push(small(kind, Skip::Concat, Pooling::Stride, Upsample::LinearAligned));
        variants.push(small(kind, Skip::Add, Pooling::Max, Upsample::Transposed));
    }
    variants
}

#[test]
fn series_of_lengths_that_strides_do_not_divide() {
    for config in variants() {
        check(|shape| unet::graph(&config, shape), &[48], &[&[37], &[101], &[1], &[48]]);
    }
}

#[test]
fn images_of_sizes_that_strides_do_not_divide() {
    for config in variants() {
        check(|shape| unet::graph(&config, shape), &[24, 24], &[&[13, 22], &[7, 31], &[1, 5]]);
    }
}

/// Unless the padding is `same`, pooling rounds down, as in PyTorch.
#[test]
fn the_papers_network_at_odd_sizes() {
    let config = Config::plain(2);
    check(|shape| unet::graph(&config, shape), &[64], &[&[50], &[71], &[16]]);
    check(|shape| unet::graph(&config, shape), &[16, 16], &[&[50, 70], &[17, 31]]);
    let error = unet::graph(&config, [3, 15]).unwrap_err().to_string();
    expect_test::expect!["down4.maxpool_conv.0: max_pool of [N, 16, 1]: a window of 2 does not fit on the time axis: 1 elements, padding 0 before and 0 after"].assert_eq(&error);
}

#[test]
fn a_position_norm_binds_a_network_to_one_size() {
    let mut config = Config::micro();
    config.blocks[2].norm = Norm::Position;
    let graph = unet::graph(&config, [3, 64]).unwrap();
    let weights = Weights::initial(&graph, 1);
    let error = run(&graph, &weights, &[Tensor::noise("input", 1, [3, 65])]).unwrap_err().to_string();
    expect_test::expect!["down2.maxpool_conv.1.double_conv.1: position_norm of [N, 24, 17]: expected [N, 24, 16], the size the graph was built for, to which the parameters are bound"].assert_eq(&error);
}

/// A ResNet with a U-Net's decoder. The output has the input's size, although the stem halves it.
fn resnet_unet(kind: Kind, shape: Shape) -> Result<Graph, BuildError> {
    let encoder = resnet::Config::micro();
    let widths = [6, 8, 12, 16, 24];
    let mut blocks: Vec<Block> = widths[..encoder.stages.len() + 2].iter().map(|&c| Block::new(c)).collect();
    // Only the size of the input is used; the stem and the first stage have the same size.
    blocks[0].skip = Skip::None;
    blocks[1].stride = 1.into();
    let config = Config { kind, blocks, classes: Some(3), padding: graph::Padding::Same, ..Config::micro() };
    Graph::build(|g| {
        let x = g.input("input", shape)?;
        let mut levels = vec![x];
        levels.extend(resnet::features(g / "encoder", x, &encoder)?);
        let y = unet::decoder(g / "decoder", &levels, &config)?;
        g.output("logits", unet::head(g, y, &config)?)
    })
}

#[test]
fn another_familys_features_are_decoded() {
    for kind in [Kind::Plain, Kind::Residual] {
        check(|shape| resnet_unet(kind, shape), &[64], &[&[37], &[101], &[64]]);
        check(|shape| resnet_unet(kind, shape), &[32, 32], &[&[13, 22], &[33, 7]]);
        let graph = resnet_unet(kind, [3, 50, 70].into()).unwrap();
        graph.verify().unwrap();
        assert!(graph.find("encoder.layer1.0.conv1").is_some());
        assert_eq!(*graph.output_shape(), [3, 50, 70].into());
    }
}
