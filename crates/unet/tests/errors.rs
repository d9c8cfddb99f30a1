//! Error messages of invalid configs.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use expect_test::{Expect, expect};
use graph::{Graph, Padding};
use unet::{Block, Config, Kind};

fn blocks(change: impl FnOnce(&mut Vec<Block>)) -> Config {
    let mut config = Config::unet();
    change(&mut config.blocks);
    config
}

fn check(config: &Config, expected: &Expect) {
    expected.assert_eq(&unet::graph(config, [3, 64, 64]).unwrap_err().to_string());
}

#[test]
#[rustfmt::skip]
fn invalid_configs() {
    check(&Config { classes: Some(0), ..Config::unet() }, &expect!["classes: expected at least 1 class, found 0; omit `classes` to output features"]);
    check(&Config { padding: Padding::Valid, ..Config::unet() }, &expect!["padding: expected `symmetric`, `same` or `causal`, found `valid`"]);
    check(&Config { padding: Padding::both(1), ..Config::unet() }, &expect!["padding: expected `symmetric`, `same` or `causal`, found `1`"]);
    check(&Config { head_kernel: 0.into(), ..Config::unet() }, &expect!["outc.conv: conv of [N, 64, 64, 64]: kernel: expected at least 1, found 0"]);
    check(&Config { norm_eps: -1.0, ..Config::unet() }, &expect!["norm_eps: expected a finite, non-negative number, found -1"]);
    check(&Config::plain(1_000_000_000), &expect!["blocks[0].channels: expected 1 to 16777216 channels, found 1000000000"]);
    check(&Config::plain(usize::MAX), &expect!["blocks[0].channels: expected 1 to 16777216 channels, found 18446744073709551615"]);
    check(&blocks(Vec::clear), &expect!["blocks: expected 1 to 16 blocks, found 0"]);
    check(&blocks(|blocks| *blocks = vec![Block::new(1); 1000]), &expect!["blocks: expected 1 to 16 blocks, found 1000"]);
    check(&blocks(|blocks| blocks[1].channels = 0), &expect!["blocks[1].channels: expected 1 to 16777216 channels, found 0"]);
    check(&blocks(|blocks| blocks[1].decoder_channels = Some(0)), &expect!["blocks[1].decoder_channels: expected 1 to 16777216 channels, found 0"]);
    check(&blocks(|blocks| blocks[2].depth = 0), &expect!["blocks[2].depth: expected at least 1, found 0"]);
    check(&blocks(|blocks| blocks[2].depth = 1_000_000_000), &expect!["blocks[2].depth: expected at most 1000 in total, found 1000000004"]);
    check(&blocks(|blocks| blocks[2].decoder_depth = Some(0)), &expect!["blocks[2].decoder_depth: expected 1 to 1000 convolutions, found 0"]);
    check(&blocks(|blocks| blocks[2].decoder_depth = Some(1_000_000_000)), &expect!["blocks[2].decoder_depth: expected 1 to 1000 convolutions, found 1000000000"]);
    check(&blocks(|blocks| blocks[0].dropout = 1.0), &expect!["blocks[0].dropout: expected a probability in [0, 1), found 1"]);
    check(&blocks(|blocks| blocks[0].stride = 0.into()), &expect!["down1.maxpool_conv.0: max_pool of [N, 64, 64, 64]: stride: expected at least 1, found 0"]);
    check(&blocks(|blocks| blocks[0].stride = 1_000_000_000.into()), &expect!["down1.maxpool_conv.0: max_pool of [N, 64, 64, 64]: stride: expected at most 16777216, found 1000000000"]);
    check(&blocks(|blocks| blocks[0].kernel = 1_000_000_000.into()), &expect!["inc.double_conv.0: conv of [N, 3, 64, 64]: kernel: expected at most 16777216, found 1000000000"]);
    check(&blocks(|blocks| { blocks[0].dilation = 1_000_000_000.into(); blocks[0].depth = 9; }), &expect!["inc.double_conv.3: conv of [N, 64, 64, 64]: dilation: expected at most 16777216, found 1000000000"]);
    check(&Config { kind: Kind::Residual, ..blocks(|blocks| blocks[0].kernel = 2.into()) }, &expect!["enc1.add: add of [N, 64, 62, 62] and [N, 64, 64, 64]: expected equal shapes, found [N, 64, 62, 62] and [N, 64, 64, 64]"]);
}

#[test]
fn an_image_kernel_on_a_series_is_an_error() {
    let config = blocks(|blocks| blocks[0].kernel = [3, 5].into());
    expect!["inc.double_conv.0: conv of [N, 3, 64]: kernel: expected one number or [1, n] for a series, found [3, 5]"].assert_eq(&unet::graph(&config, [3, 64]).unwrap_err().to_string());
    assert_eq!(
        unet::graph(&config.of_series(), [3, 64]),
        unet::graph(&blocks(|blocks| blocks[0].kernel = 5.into()), [3, 64])
    );
}

#[test]
fn a_decoder_requires_as_many_features_as_blocks() {
    let graph = Graph::build(|g| {
        let x = g.input("x", [3, 64])?;
        g.output("y", unet::decoder(g, &[x, x], &Config::unet())?)
    });
    expect!["blocks: expected 2 blocks, one for each level of features, found 5"]
        .assert_eq(&graph.unwrap_err().to_string());
}

#[test]
fn unknown_keys_are_refused() {
    let unknown = |text| serde_json::from_str::<Config>(text).unwrap_err().to_string();
    expect!["unknown field `clases`, expected one of `classes`, `kind`, `blocks`, `pooling`, `upsample`, `norm_eps`, `norm_momentum`, `padding`, `head_kernel`, `output_activation`, `features` at line 1 column 10"].assert_eq(&unknown(r#"{ "clases": 4 }"#));
    expect!["unknown field `dilatoin`, expected one of `channels`, `decoder_channels`, `depth`, `decoder_depth`, `kernel`, `factorization`, `dilation`, `decoder_dilation`, `pool`, `stride`, `skip`, `dropout`, `norm`, `activation` at line 1 column 40"].assert_eq(&unknown(r#"{ "blocks": [{ "channels": 8, "dilatoin": 4 }] }"#));
    expect!["unknown variant `bicubic`, expected one of `nearest`, `linear`, `linear_aligned`, `transposed` at line 1 column 23"].assert_eq(&unknown(r#"{ "upsample": "bicubic" }"#));
}
