//! Error messages of invalid configs.

use expect_test::{Expect, expect};
use graph::Padding;
use layers::Norm;
use tcn::{Block, Config, Encoder, Kind, Output, Skips};

fn block(change: impl FnOnce(&mut Block)) -> Config {
    let mut config = Config::mb();
    change(&mut config.blocks[1]);
    config
}

fn check(config: &Config, expected: &Expect) {
    let error = tcn::graph(config, [6, 64]).expect_err("an invalid config");
    expected.assert_eq(&error.to_string());
}

#[test]
#[rustfmt::skip]
fn invalid_configs() {
    check(&Config { classes: Some(0), ..Config::sm() }, &expect!["classes: expected at least 1 class, found 0; omit `classes` to output features"]);
    check(&Config { classes: Some(1_000_000_000), ..Config::sm() }, &expect!["classes: expected 1 to 16777216 classes, found 1000000000"]);
    check(&Config { blocks: vec![], ..Config::sm() }, &expect!["blocks: expected at least one element, found an empty list"]);
    check(&Config { stacks: 0, ..Config::sm() }, &expect!["stacks: expected 1 to 1000 stacks, found 0"]);
    check(&Config { stacks: 1_000_000_000, ..Config::sm() }, &expect!["stacks: expected 1 to 1000 stacks, found 1000000000"]);
    check(&Config { stacks: 1000, ..Config::sm() }, &expect!["blocks[1].branches: expected at most 1000 in total over all blocks and stacks, found 2000"]);
    check(&Config { skips: Skips::Branches, ..Config::sm() }, &expect!["skips: expected residual blocks only, found `blocks[0]` of kind `sm`"]);
    check(&Config { double_activation: true, ..Config::sm() }, &expect!["double_activation: expected residual blocks only, found `blocks[0]` of kind `sm`"]);
    check(&Config { output: Output::Last, ..Config::mb() }, &expect!["head_kernel: expected 1 because `output` reduces the series to one step, found 3"]);
    check(&Config { norm_eps: -1.0, ..Config::mb() }, &expect!["norm_eps: expected a finite, non-negative number, found -1"]);
    check(&Config { head_kernel: 0.into(), ..Config::mb() }, &expect!["projection_out: conv of [N, 32, 64]: kernel: expected at least 1, found 0"]);
    check(&Config { head_kernel: [3, 5].into(), ..Config::mb() }, &expect!["projection_out: conv of [N, 32, 64]: kernel: expected one number or [1, n] for a series, found [3, 5]"]);
    check(&Config { encoder: Some(Encoder { kernel: 1_000_000_000.into(), norm: Norm::None }), ..Config::mb() }, &expect!["encoder.conv: conv of [N, 6, 64]: kernel: expected at most 16777216, found 1000000000"]);
    check(&Config { padding: Padding::Valid, ..Config::bai() }, &expect!["network.0.add: add of [N, 25, 52] and [N, 25, 64]: expected equal shapes, found [N, 25, 52] and [N, 25, 64]"]);
    check(&block(|b| b.channels = 0), &expect!["blocks[1].channels: expected 1 to 16777216 channels, found 0"]);
    check(&block(|b| b.channels = 1_000_000_000), &expect!["blocks[1].channels: expected 1 to 16777216 channels, found 1000000000"]);
    check(&block(|b| b.depth = 0), &expect!["blocks[1].depth: expected at least 1, found 0"]);
    check(&block(|b| b.depth = 1_000_000_000), &expect!["blocks[1].depth: expected at most 1000 in total, found 1000000001"]);
    check(&block(|b| b.branches = 0), &expect!["blocks[1].branches: expected 1 to 64 branches, found 0"]);
    check(&block(|b| b.branches = 1_000_000_000), &expect!["blocks[1].branches: expected 1 to 64 branches, found 1000000000"]);
    check(&block(|b| b.kernel = 0.into()), &expect!["network.1.0.depthwise.conv: conv of [N, 8, 64]: kernel: expected at least 1, found 0"]);
    check(&block(|b| b.dilation = 0.into()), &expect!["network.1.0.depthwise.conv: conv of [N, 8, 64]: dilation: expected at least 1, found 0"]);
    check(&block(|b| b.dilation = 1_000_000_000.into()), &expect!["network.1.0.depthwise.conv: conv of [N, 8, 64]: dilation: expected at most 16777216, found 1000000000"]);
    check(&block(|b| b.expand_ratio = 0.0), &expect!["blocks[1].expand_ratio: expected a finite, positive number, found 0"]);
    check(&block(|b| b.expand_ratio = 0.01), &expect!["blocks[1].expand_ratio: expected 1 to 16777216 expanded channels, found 0"]);
    check(&block(|b| b.expand_ratio = 1e300), &expect!["blocks[1].expand_ratio: expected 1 to 16777216 expanded channels, found 18446744073709551615"]);
    check(&block(|b| b.se_divisor = Some(0.0)), &expect!["blocks[1].se_divisor: expected a finite, positive number, found 0"]);
    check(&block(|b| b.dropout = 1.0), &expect!["blocks[1].dropout: expected a probability in [0, 1), found 1"]);
    check(&block(|b| b.gate = true), &expect!["blocks[1].gate: not supported by blocks of kind `mb`"]);
    check(&block(|b| b.weight_norm = true), &expect!["blocks[1].norm: expected `none` because `weight_norm` is true, found `batch`"]);
    check(&block(|b| { b.weight_norm = true; b.norm = Norm::None; }), &expect!["blocks[1].weight_norm: not supported by blocks of kind `mb`"]);
    check(&block(|b| { b.kind = Kind::Lg; b.branches = 2; }), &expect!["blocks[1].branches: not supported by blocks of kind `lg`"]);
    check(&block(|b| { b.kind = Kind::Sm; b.expand_ratio = 2.0; }), &expect!["blocks[1].expand_ratio: not supported by blocks of kind `sm`"]);
    check(&block(|b| { b.kind = Kind::Residual; b.se_divisor = Some(4.0); }), &expect!["blocks[1].se_divisor: not supported by blocks of kind `residual`"]);
    check(&block(|b| { b.kind = Kind::Lg; b.se_divisor = Some(32.0); }), &expect!["network.1.0.se.fc1: expected a squeeze width of at least 1, found 0: expanded channels / 32, with 16 input and 16 expanded channels"]);
}

#[test]
fn images_have_no_time_steps() {
    let error = tcn::graph(&Config::bai(), [3, 8, 8]).unwrap_err();
    expect!["select: select of [N, 25, 8, 8]: expected a series [N, C, T], found [N, 25, 8, 8]"]
        .assert_eq(&error.to_string());
    let backwards = Config { backwards: true, ..Config::sm() };
    expect!["reverse: reverse of [N, 3, 8, 8]: expected a series [N, C, T], found [N, 3, 8, 8]"]
        .assert_eq(&tcn::graph(&backwards, [3, 8, 8]).unwrap_err().to_string());
}

#[test]
fn unknown_keys_are_refused() {
    let unknown = |text| serde_json::from_str::<Config>(text).unwrap_err().to_string();
    expect!["unknown field `clases`, expected one of `classes`, `encoder`, `blocks`, `stacks`, `skips`, `padding`, `backwards`, `double_activation`, `channel_dropout`, `norm_eps`, `norm_momentum`, `output`, `head_kernel`, `output_activation` at line 1 column 10"].assert_eq(&unknown(r#"{ "clases": 4 }"#));
    expect!["unknown field `dilatoin`, expected one of `kind`, `channels`, `depth`, `kernel`, `dilation`, `branches`, `expand_ratio`, `se_divisor`, `gate`, `weight_norm`, `norm`, `activation`, `dropout` at line 1 column 40"].assert_eq(&unknown(r#"{ "blocks": [{ "channels": 8, "dilatoin": 4 }] }"#));
    expect!["missing field `channels` at line 1 column 27"]
        .assert_eq(&unknown(r#"{ "blocks": [{ "depth": 2 }] }"#));
    expect!["unknown variant `md`, expected one of `mb`, `lg`, `sm`, `residual` at line 1 column 42"]
        .assert_eq(&unknown(r#"{ "blocks": [{ "channels": 8, "kind": "md" }] }"#));
    expect!["unknown variant `first`, expected one of `every_sample`, `last`, `middle`, `mean` at line 1 column 19"].assert_eq(&unknown(r#"{ "output": "first" }"#));
}
