//! Every wrong config has its sentence.

use efficientnetv2::{Config, Head, Stage, Stem};
use expect_test::{Expect, expect};

fn stages(change: impl FnOnce(&mut Vec<Stage>)) -> Config {
    let mut config = Config::b0();
    change(&mut config.stages);
    config
}

fn check(config: &Config, expected: &Expect) {
    expected.assert_eq(&efficientnetv2::graph(config, [3, 64, 64]).expect_err("a wrong config").to_string());
}

#[test]
#[rustfmt::skip]
fn wrong_configs() {
    let b0 = Config::b0;
    check(&Config { classes: Some(0), ..b0() }, &expect!["classes: 0 classes; at least 1 is needed, or none at all for features"]);
    check(&Config { pool: false, ..b0() }, &expect!["classes: 1000 classes of features that are not pooled; pool is needed"]);
    check(&Config { dropout: 1.0, ..b0() }, &expect!["dropout: 1 is no probability; 0 to below 1 is needed"]);
    check(&Config { drop_path: -0.1, ..b0() }, &expect!["drop_path: -0.1 is no probability; 0 to below 1 is needed"]);
    check(&Config { width_multiplier: 0.0, ..b0() }, &expect!["width_multiplier: 0 is no factor; a finite number above 0 is needed"]);
    check(&Config { width_multiplier: 1e9, ..b0() }, &expect!["stem.channels: 32000000000 channels; 1 to 1048576 are supported"]);
    check(&Config { depth_multiplier: f64::INFINITY, ..b0() }, &expect!["depth_multiplier: inf is no factor; a finite number above 0 is needed"]);
    check(&Config { depth_multiplier: 1e9, ..b0() }, &expect!["stages[0].depth: 1000000000 blocks so far; at most 1000 are supported"]);
    check(&Config { round_limit: 1.5, ..b0() }, &expect!["round_limit: 1.5 is no part of a number; 0 to 1 is needed"]);
    check(&Config { norm_momentum: 2.0, ..b0() }, &expect!["norm_momentum: 2 is no share of a new batch; 0 to 1 is needed"]);
    check(&Config { stem: Some(Stem { channels: 0, ..b0().stem.unwrap() }), ..b0() }, &expect!["stem.channels: 0 channels; 1 to 1048576 are supported"]);
    check(&Config { head: Some(Head { channels: 1_000_000_000, activation: None, linear: false }), ..b0() }, &expect!["head.channels: 1000000000 channels; 1 to 1048576 are supported"]);
    check(&stages(Vec::clear), &expect!["stages: the list is empty; at least one stage is needed"]);
    check(&stages(|stages| stages[1].channels = 0), &expect!["stages[1].channels: 0 channels; 1 to 1048576 are supported"]);
    check(&stages(|stages| stages[1].channels = 1_000_000_000), &expect!["stages[1].channels: 1000000000 channels; 1 to 1048576 are supported"]);
    check(&stages(|stages| stages[2].depth = 0), &expect!["stages[2].depth: 0 blocks; at least 1 is needed"]);
    check(&stages(|stages| stages[2].depth = 1_000_000_000), &expect!["stages[2].depth: 1000000003 blocks so far; at most 1000 are supported"]);
    check(&stages(|stages| stages[3].expand = 0.0), &expect!["stages[3].expand: 0 is no factor; a finite number above 0 is needed"]);
    check(&stages(|stages| stages[3].expand = 1e9), &expect!["blocks.3.0.conv_pw: conv of [N, 48, 8, 8]: output channels is 48000000000, at most 16777216 is supported"]);
    check(&stages(|stages| stages[3].se_ratio = Some(-4.0)), &expect!["stages[3].se_ratio: -4 divides nothing; a finite number above 0 is needed"]);
    check(&stages(|stages| stages[3].se_ratio = Some(1000.0)), &expect!["blocks.3.0.se.conv_reduce: the squeeze width input channels / 1000 is 0 for 48 input and 192 expanded channels; at least 1 is needed"]);
    check(&stages(|stages| stages[4].stride = 0.into()), &expect!["blocks.4.0.conv_dw: conv of [N, 576, 4, 4]: stride is 0, at least 1 is needed"]);
}

#[test]
fn an_image_kernel_on_a_series_is_an_error() {
    let config = stages(|stages| stages[0].kernel = [3, 5].into());
    let error = efficientnetv2::graph(&config, [6, 100]).unwrap_err().to_string();
    expect!["blocks.0.0.conv: conv of [N, 32, 50]: kernel [3, 5] is for images; a series has one axis and needs one number, or [1, n]"].assert_eq(&error);
}

#[test]
fn unknown_keys_are_refused() {
    let unknown = |text| serde_json::from_str::<Config>(text).unwrap_err().to_string();
    expect!["unknown field `clases`, expected one of `classes`, `pool`, `stem`, `stages`, `head`, `width_multiplier`, `depth_multiplier`, `round_limit`, `se_of`, `se_activation`, `se_gate`, `activation`, `norm`, `norm_eps`, `norm_momentum`, `padding`, `dropout`, `drop_path`, `output_activation`, `features` at line 1 column 10"].assert_eq(&unknown(r#"{ "clases": 4 }"#));
    expect!["unknown field `dilation`, expected one of `block`, `expand`, `channels`, `depth`, `kernel`, `stride`, `downsample`, `se_ratio`, `activation` at line 1 column 52"].assert_eq(&unknown(r#"{ "stages": [{ "channels": 8, "depth": 1, "dilation": 4 }] }"#));
    expect!["unknown variant `fused`, expected one of `mbconv`, `fused_mbconv`, `fused_mbconv_projected` at line 1 column 58"].assert_eq(&unknown(r#"{ "stages": [{ "channels": 8, "depth": 1, "block": "fused" }] }"#));
}
