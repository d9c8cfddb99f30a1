//! Error messages of invalid configs.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use expect_test::{Expect, expect};
use graph::{Graph, Padding};
use layers::Norm;
use unext::{Block, Config};

fn blocks(mut config: Config, change: impl FnOnce(&mut Vec<Block>)) -> Config {
    change(&mut config.blocks);
    config
}

fn check(config: &Config, expected: &Expect) {
    expected.assert_eq(&unext::graph(config, [3, 64, 64]).unwrap_err().to_string());
}

#[test]
#[rustfmt::skip]
fn invalid_configs() {
    let micro = Config::micro;
    check(&Config { classes: Some(0), ..micro() }, &expect!["classes: expected at least 1 class, found 0; omit `classes` to output features"]);
    check(&Config { padding: Padding::Valid, ..micro() }, &expect!["padding: expected `symmetric`, `same` or `causal`, found `valid`"]);
    check(&blocks(micro(), Vec::clear), &expect!["blocks: expected 1 to 16 blocks, found 0"]);
    check(&blocks(micro(), |blocks| *blocks = vec![Block::new(1); 1000]), &expect!["blocks: expected 1 to 16 blocks, found 1000"]);
    check(&blocks(micro(), |blocks| blocks[1].channels = 0), &expect!["blocks[1].channels: expected 1 to 16777216 channels, found 0"]);
    check(&blocks(micro(), |blocks| blocks[1].channels = 1_000_000_000), &expect!["blocks[1].channels: expected 1 to 16777216 channels, found 1000000000"]);
    check(&blocks(micro(), |blocks| blocks[2].depth = 0), &expect!["blocks[2].depth: expected at least 1, found 0"]);
    check(&blocks(micro(), |blocks| blocks[2].depth = 1_000_000_000), &expect!["blocks[2].depth: expected at most 1000 in total, found 1000000002"]);
    check(&blocks(micro(), |blocks| blocks[2].decoder_depth = Some(1_000_000_000)), &expect!["blocks[2].decoder_depth: expected 1 to 1000 blocks, found 1000000000"]);
    check(&blocks(micro(), |blocks| blocks[0].expand_ratio = 0.0), &expect!["blocks[0].expand_ratio: expected a finite, positive number, found 0"]);
    check(&blocks(micro(), |blocks| blocks[0].expand_ratio = 1e9), &expect!["enc1.0.conv_pw: conv of [N, 8, 64, 64]: output channels: expected at most 16777216, found 8000000000"]);
    check(&blocks(micro(), |blocks| blocks[0].se_divisor = Some(0.0)), &expect!["blocks[0].se_divisor: expected a finite, positive number, found 0"]);
    check(&blocks(micro(), |blocks| blocks[0].se_divisor = Some(100.0)), &expect!["enc1.0.se.conv_reduce: expected a squeeze width of at least 1, found 0: input channels / 100, with 8 input and 16 expanded channels"]);
    check(&blocks(micro(), |blocks| blocks[0].dropout = -0.1), &expect!["blocks[0].dropout: expected a probability in [0, 1), found -0.1"]);
    check(&blocks(micro(), |blocks| blocks[0].bias = false), &expect!["blocks[0].bias: expected `true` because `kind` is not `sleepkit`, found `false`"]);
    check(&blocks(micro(), |blocks| blocks[0].stride = 0.into()), &expect!["enc1.pool: max_pool of [N, 8, 64, 64]: stride: expected at least 1, found 0"]);
    check(&blocks(Config::sleepkit(), |blocks| blocks[0].norm = Norm::Batch), &expect!["blocks[0].norm: expected `none` because `kind` is `sleepkit`, found `batch`"]);
    check(&blocks(Config::sleepkit(), |blocks| blocks[0].expand_ratio = 2.0), &expect!["blocks[0].expand_ratio: expected 1 because `kind` is `sleepkit`, found 2"]);
    check(&blocks(Config::helia_edge(), |blocks| blocks[1].expand_ratio = 1.3), &expect!["enc2.0.expand: conv of [N, 12, 32, 32]: 15 output channels are not divisible by 12 groups"]);
}

#[test]
fn a_decoder_requires_as_many_features_as_blocks() {
    let graph = Graph::build(|g| {
        let x = g.input("x", [3, 64])?;
        g.output("y", unext::decoder(g, &[x, x], &Config::micro())?)
    });
    expect!["blocks: expected 2 blocks, one for each level of features, found 4"]
        .assert_eq(&graph.unwrap_err().to_string());
}

#[test]
fn unknown_keys_are_refused() {
    let unknown = |text| serde_json::from_str::<Config>(text).unwrap_err().to_string();
    expect![
        "unknown variant `mbconf`, expected one of `mbconv`, `helia_edge`, `sleepkit` at line 1 column 18"
    ]
    .assert_eq(&unknown(r#"{ "kind": "mbconf" }"#));
    expect!["unknown field `dilation`, expected one of `channels`, `depth`, `decoder_depth`, `kernel`, `expand_ratio`, `se_divisor`, `pool`, `stride`, `skip`, `dropout`, `norm`, `bias` at line 1 column 40"].assert_eq(&unknown(r#"{ "blocks": [{ "channels": 8, "dilation": 4 }] }"#));
}
