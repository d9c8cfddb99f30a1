//! Error messages of invalid configs.

use efficientnetv2::{Config, Head, Stage, Stem};
use expect_test::{Expect, expect};

fn stages(change: impl FnOnce(&mut Vec<Stage>)) -> Config {
    let mut config = Config::b0();
    change(&mut config.stages);
    config
}

fn check(config: &Config, expected: &Expect) {
    expected
        .assert_eq(&efficientnetv2::graph(config, [3, 64, 64]).expect_err("an invalid config").to_string());
}

#[test]
#[rustfmt::skip]
fn invalid_configs() {
    let b0 = Config::b0;
    check(&Config { classes: Some(0), ..b0() }, &expect!["classes: expected at least 1 class, found 0; omit `classes` to output features"]);
    check(&Config { pool: false, ..b0() }, &expect!["classes: expected no classes because `pool` is false, found 1000"]);
    check(&Config { dropout: 1.0, ..b0() }, &expect!["dropout: expected a probability in [0, 1), found 1"]);
    check(&Config { drop_path: -0.1, ..b0() }, &expect!["drop_path: expected a probability in [0, 1), found -0.1"]);
    check(&Config { width_multiplier: 0.0, ..b0() }, &expect!["width_multiplier: expected a finite, positive number, found 0"]);
    check(&Config { width_multiplier: 1e9, ..b0() }, &expect!["stem.channels: expected 1 to 16777216 channels, found 32000000000"]);
    check(&Config { depth_multiplier: f64::INFINITY, ..b0() }, &expect!["depth_multiplier: expected a finite, positive number, found inf"]);
    check(&Config { depth_multiplier: 1e9, ..b0() }, &expect!["stages[0].depth: expected at most 1000 in total, found 1000000000"]);
    check(&Config { round_limit: 1.5, ..b0() }, &expect!["round_limit: expected a number in [0, 1], found 1.5"]);
    check(&Config { norm_momentum: 2.0, ..b0() }, &expect!["norm_momentum: expected a number in [0, 1], found 2"]);
    check(&Config { stem: Some(Stem { channels: 0, ..b0().stem.unwrap() }), ..b0() }, &expect!["stem.channels: expected 1 to 16777216 channels, found 0"]);
    check(&Config { head: Some(Head { channels: 1_000_000_000, activation: None, linear: false }), ..b0() }, &expect!["head.channels: expected 1 to 16777216 channels, found 1000000000"]);
    check(&stages(Vec::clear), &expect!["stages: expected at least one element, found an empty list"]);
    check(&stages(|stages| stages[1].channels = 0), &expect!["stages[1].channels: expected 1 to 16777216 channels, found 0"]);
    check(&stages(|stages| stages[1].channels = 1_000_000_000), &expect!["stages[1].channels: expected 1 to 16777216 channels, found 1000000000"]);
    check(&stages(|stages| stages[2].depth = 0), &expect!["stages[2].depth: expected at least 1, found 0"]);
    check(&stages(|stages| stages[2].depth = 1_000_000_000), &expect!["stages[2].depth: expected at most 1000 in total, found 1000000003"]);
    check(&stages(|stages| stages[3].expand_ratio = 0.0), &expect!["stages[3].expand_ratio: expected a finite, positive number, found 0"]);
    check(&stages(|stages| stages[3].expand_ratio = 1e9), &expect!["blocks.3.0.conv_pw: conv of [N, 48, 8, 8]: output channels: expected at most 16777216, found 48000000000"]);
    check(&stages(|stages| stages[3].se_divisor = Some(-4.0)), &expect!["stages[3].se_divisor: expected a finite, positive number, found -4"]);
    check(&stages(|stages| stages[3].se_divisor = Some(1000.0)), &expect!["blocks.3.0.se.conv_reduce: expected a squeeze width of at least 1, found 0: input channels / 1000, with 48 input and 192 expanded channels"]);
    check(&stages(|stages| stages[4].stride = 0.into()), &expect!["blocks.4.0.conv_dw: conv of [N, 576, 4, 4]: stride: expected at least 1, found 0"]);
}

#[test]
fn an_image_kernel_on_a_series_is_an_error() {
    let config = stages(|stages| stages[0].kernel = [3, 5].into());
    let error = efficientnetv2::graph(&config, [6, 100]).unwrap_err().to_string();
    expect!["blocks.0.0.conv: conv of [N, 32, 50]: kernel: expected one number or [1, n] for a series, found [3, 5]"].assert_eq(&error);
}

#[test]
fn unknown_keys_are_refused() {
    let unknown = |text| serde_json::from_str::<Config>(text).unwrap_err().to_string();
    expect!["unknown field `clases`, expected one of `classes`, `pool`, `stem`, `stages`, `head`, `width_multiplier`, `depth_multiplier`, `round_limit`, `se_of`, `se_activation`, `se_gate`, `activation`, `norm`, `norm_eps`, `norm_momentum`, `padding`, `dropout`, `drop_path`, `output_activation`, `features` at line 1 column 10"].assert_eq(&unknown(r#"{ "clases": 4 }"#));
    expect!["unknown field `dilation`, expected one of `block`, `expand_ratio`, `channels`, `depth`, `kernel`, `stride`, `downsample`, `se_divisor`, `activation` at line 1 column 52"].assert_eq(&unknown(r#"{ "stages": [{ "channels": 8, "depth": 1, "dilation": 4 }] }"#));
    expect!["unknown variant `fused`, expected one of `mbconv`, `fused_mbconv`, `fused_mbconv_projected` at line 1 column 58"].assert_eq(&unknown(r#"{ "stages": [{ "channels": 8, "depth": 1, "block": "fused" }] }"#));
}
