//! Error messages of invalid configs.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use expect_test::{Expect, expect};
use resnet::{Config, Stage};

fn stages(change: impl FnOnce(&mut Vec<Stage>)) -> Config {
    let mut config = Config::resnet18();
    change(&mut config.stages);
    config
}

fn check(config: &Config, expected: &Expect) {
    expected.assert_eq(&resnet::graph(config, [3, 64, 64]).unwrap_err().to_string());
}

#[test]
#[rustfmt::skip]
fn invalid_configs() {
    check(&Config { classes: Some(0), ..Config::resnet18() }, &expect!["classes: expected at least 1 class, found 0; omit `classes` to output features"]);
    check(&Config { dropout: 1.0, ..Config::resnet18() }, &expect!["dropout: expected a probability in [0, 1), found 1"]);
    check(&Config { drop_path: f64::NAN, ..Config::resnet18() }, &expect!["drop_path: expected a probability in [0, 1), found NaN"]);
    check(&Config { se_divisor: Some(0.0), ..Config::resnet18() }, &expect!["se_divisor: expected a finite, positive number, found 0"]);
    check(&Config { groups: 32, ..Config::resnet18() }, &expect!["stages[0].block: expected `bottleneck` because `groups` is not 1 or `base_width` is not 64, found `basic`"]);
    check(&Config { groups: usize::MAX, ..Config::resnet50() }, &expect!["stages[0].channels: expected an inner width of 1 to 16777216, found 64 channels * 64 / 64 * 18446744073709551615 groups"]);
    check(&Config { base_width: 0, ..Config::resnet50() }, &expect!["stages[0].channels: expected an inner width of 1 to 16777216, found 64 channels * 0 / 64 * 1 groups"]);
    check(&stages(Vec::clear), &expect!["stages: expected at least one element, found an empty list"]);
    check(&stages(|stages| stages[1].channels = 0), &expect!["stages[1].channels: expected 1 to 16777216 channels, found 0"]);
    check(&stages(|stages| stages[1].channels = 1_000_000_000), &expect!["stages[1].channels: expected 1 to 16777216 channels, found 1000000000"]);
    check(&stages(|stages| stages[2].depth = 0), &expect!["stages[2].depth: expected at least 1, found 0"]);
    check(&stages(|stages| stages[2].depth = 1_000_000_000), &expect!["stages[2].depth: expected at most 1000 in total, found 1000000004"]);
    check(&stages(|stages| stages[3].stride = 0.into()), &expect!["layer4.0.conv1: conv of [N, 256, 4, 4]: stride: expected at least 1, found 0"]);
    check(&stages(|stages| stages[0].kernel = [3, 1000].into()), &expect!["layer1.0.add: add of [N, 64, 16, 14] and [N, 64, 16, 16]: expected equal shapes, found [N, 64, 16, 14] and [N, 64, 16, 16]"]);
}

#[test]
fn an_image_kernel_on_a_series_is_an_error() {
    let config = stages(|stages| stages[0].kernel = [3, 5].into());
    expect!["layer1.0.conv1: conv of [N, 64, 25]: kernel: expected one number or [1, n] for a series, found [3, 5]"].assert_eq(&resnet::graph(&config, [6, 100]).unwrap_err().to_string());
}

#[test]
fn a_kernel_of_height_one_on_a_series_is_its_width() {
    let one = stages(|stages| stages[0].kernel = [1, 5].into());
    let plain = stages(|stages| stages[0].kernel = 5.into());
    assert_eq!(resnet::graph(&one, [6, 100]), resnet::graph(&plain, [6, 100]));
}

#[test]
fn unknown_keys_are_refused() {
    let unknown = |text| serde_json::from_str::<Config>(text).unwrap_err().to_string();
    expect!["unknown field `clases`, expected one of `classes`, `pool`, `stem`, `stem_activation`, `stem_pool`, `stages`, `shortcut`, `groups`, `base_width`, `se_divisor`, `activation`, `norm`, `norm_eps`, `padding`, `conv_bias`, `dropout`, `drop_path`, `output_activation`, `features` at line 1 column 10"].assert_eq(&unknown(r#"{ "clases": 4 }"#));
    expect!["unknown field `dilatoin`, expected one of `block`, `channels`, `depth`, `kernel`, `stride`, `dilation`, `first_dilation`, `activation` at line 1 column 52"].assert_eq(&unknown(r#"{ "stages": [{ "channels": 8, "depth": 1, "dilatoin": 4 }] }"#));
    expect!["invalid length 3, expected a whole number, or a list of one or two of them at line 1 column 61"]
        .assert_eq(&unknown(r#"{ "stages": [{ "channels": 8, "depth": 1, "kernel": [3, 5, 7] }] }"#));
    expect!["invalid value: integer `-8`, expected usize at line 1 column 29"]
        .assert_eq(&unknown(r#"{ "stages": [{ "channels": -8, "depth": 1 }] }"#));
}
