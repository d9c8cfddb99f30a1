//! Error messages of invalid configs.

use expect_test::{Expect, expect};
use graph::Padding;
use layers::Downsample;
use mobileone::{Config, Stage, Stem};

fn stages(change: impl FnOnce(&mut Vec<Stage>)) -> Config {
    let mut config = Config::s0();
    change(&mut config.stages);
    config
}

fn check(config: &Config, expected: &Expect) {
    expected.assert_eq(&mobileone::graph(config, [3, 64, 64]).expect_err("an invalid config").to_string());
}

#[test]
#[rustfmt::skip]
fn invalid_configs() {
    let s0 = Config::s0;
    check(&Config { classes: Some(0), ..s0() }, &expect!["classes: expected at least 1 class, found 0; omit `classes` to output features"]);
    check(&Config { pool: false, ..s0() }, &expect!["classes: expected no classes because `pool` is false, found 1000"]);
    check(&Config { dropout: 1.0, ..s0() }, &expect!["dropout: expected a probability in [0, 1), found 1"]);
    check(&Config { norm_eps: -1.0, ..s0() }, &expect!["norm_eps: expected a finite, non-negative number, found -1"]);
    check(&Config { stem: Stem { channels: 1_000_000_000, ..s0().stem }, ..s0() }, &expect!["stem.channels: expected 1 to 16777216 channels, found 1000000000"]);
    check(&Config { stem: Stem { branches: 0, ..s0().stem }, ..s0() }, &expect!["stem.branches: expected 1 to 64 branches, found 0"]);
    check(&stages(Vec::clear), &expect!["stages: expected at least one element, found an empty list"]);
    check(&stages(|stages| stages[1].channels = 0), &expect!["stages[1].channels: expected 1 to 16777216 channels, found 0"]);
    check(&stages(|stages| stages[1].depth = 1_000_000_000), &expect!["stages[1].depth: expected at most 1000 in total, found 1000000002"]);
    check(&stages(|stages| stages[1].branches = 1_000_000_000), &expect!["stages[1].branches: expected 1 to 64 branches, found 1000000000"]);
    check(&stages(|stages| (stages[1].se_divisor, stages[1].se_depth) = (Some(0.0), 1)), &expect!["stages[1].se_divisor: expected a finite, positive number, found 0"]);
    check(&stages(|stages| (stages[1].se_divisor, stages[1].se_depth) = (Some(1000.0), 1)), &expect!["stages.1.14.attn.fc1: expected a squeeze width of at least 1, found 0: expanded channels / 1000, with 128 input and 128 expanded channels"]);
    check(&stages(|stages| stages[1].se_depth = 1), &expect!["stages[1].se_depth: expected 0 because `se_divisor` is not set, found 1"]);
    check(&stages(|stages| stages[2].kernel = 4.into()), &expect!["stages.2.0.reparam_conv: expected a kernel with a tap aligned with the 1x1 branch (an odd kernel with symmetric padding, or any kernel with causal padding), found kernel 4 with stride 2, dilation 1 and symmetric padding"]);
    check(&stages(|stages| stages[2].padding = Padding::Valid), &expect!["stages.2.0.reparam_conv: expected a kernel with a tap aligned with the 1x1 branch (an odd kernel with symmetric padding, or any kernel with causal padding), found kernel 3 with stride 2, dilation 1 and valid padding"]);
    check(&stages(|stages| stages[2].padding = Padding::Same), &expect!["stages.2.0.reparam_conv: expected a kernel with a tap aligned with the 1x1 branch (an odd kernel with symmetric padding, or any kernel with causal padding), found kernel 3 with stride 2, dilation 1 and same padding"]);
    let pools = stages(|stages| stages[0].downsample = Downsample::MaxPool);
    check(&Config { inference: true, ..pools }, &expect!["stages[0].downsample: expected `stride` because `inference` is true, found `max_pool`"]);
}

#[test]
fn unknown_keys_are_refused() {
    let unknown = |text| serde_json::from_str::<Config>(text).unwrap_err().to_string();
    expect!["unknown field `clases`, expected one of `classes`, `pool`, `stem`, `stages`, `se_activation`, `se_gate`, `activation`, `norm_eps`, `norm_momentum`, `dropout`, `output_activation`, `inference`, `features` at line 1 column 10"].assert_eq(&unknown(r#"{ "clases": 4 }"#));
    expect!["unknown field `dilatoin`, expected one of `channels`, `depth`, `kernel`, `stride`, `dilation`, `padding`, `downsample`, `branches`, `se_divisor`, `se_depth` at line 1 column 52"].assert_eq(&unknown(r#"{ "stages": [{ "channels": 8, "depth": 1, "dilatoin": 4 }] }"#));
}
