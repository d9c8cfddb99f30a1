//! SleepKit's and heartKIT's config files, as they are. The samples are of this project's own.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use dialects::build;
use expect_test::expect;
use factory::{BuiltModel, Factory, Overrides};

/// A file of SleepKit; the keys beside the network are ignored here.
const SLEEP: &str = r#"{
    "name": "nap-3", "job_dir": "./results/nap-3", "verbose": 1,
    "feature": { "name": "FS-W-PA-14", "frame_size": 12, "params": {} },
    "sampling_rate": 0.03, "frame_size": 120, "num_classes": 3, "class_names": ["A", "B", "C"],
    "batch_size": 64, "lr_rate": 0.001,
    "architecture": {
        "name": "tcn",
        "params": {
            "input_kernel": [1, 5], "input_norm": "batch", "output_kernel": [1, 5], "model_name": "tcn",
            "blocks": [
                { "depth": 1, "branch": 1, "filters": 12, "kernel": [1, 5], "dilation": [1, 1], "dropout": 0.1,
                  "ex_ratio": 1, "se_ratio": 4, "norm": "batch" },
                { "depth": 2, "branch": 1, "filters": 16, "kernel": [1, 5], "dilation": [1, 2], "dropout": 0.1,
                  "ex_ratio": 1, "se_ratio": 4, "norm": "batch" }
            ]
        }
    }
}"#;

/// The same network in this project's own format.
const OWN: &str = "
name: nap-3
input: { channels: 14, length: 120 }
classes: 3
architecture: tcn
params:
  encoder: { kernel: 5, norm: batch }
  padding: same
  channel_dropout: true
  norm_eps: 0.001
  norm_momentum: 0.01
  head_kernel: 5
  blocks:
    - { channels: 12, kernel: 5, se_divisor: 4, dropout: 0.1 }
    - { channels: 16, depth: 2, kernel: 5, dilation: 2, se_divisor: 4, dropout: 0.1 }
";

fn error(from: &str, to: &str) -> String {
    assert!(SLEEP.contains(from), "{from}");
    build(&Factory::builtin(), &SLEEP.replace(from, to), Overrides::default()).unwrap_err().to_string()
}

fn read(factory: &Factory, text: &str) -> BuiltModel {
    build(factory, text, Overrides::default()).unwrap()
}

#[test]
fn an_origins_file_builds_the_network_it_means() {
    let factory = Factory::builtin();
    let (theirs, ours) = (read(&factory, SLEEP), read(&factory, OWN));
    assert_eq!((theirs.name.as_str(), theirs.architecture.as_str()), ("nap-3", "tcn"));
    assert_eq!(theirs.graph.text(), ours.graph.text());
}

#[test]
fn heartkits_signals_have_one_channel_and_options_supply_what_a_file_lacks() {
    let feature = r#""feature": { "name": "FS-W-PA-14", "frame_size": 12, "params": {} },"#;
    let heart =
        SLEEP.replace(feature, r#""datasets": [],"#).replace(r#" "class_names": ["A", "B", "C"],"#, "");
    let factory = Factory::builtin();
    let one = read(&factory, &heart);
    assert_eq!(one.input, [1, 120].into());
    let open = heart.replace(r#""num_classes": 3,"#, "");
    let given = Overrides { channels: Some(2), classes: Some(5) };
    let model = build(&factory, &open, given).unwrap();
    assert_eq!(model.input, [2, 120].into());
    assert_eq!(*model.graph.output_shape(), [5, 120].into());
}

#[test]
#[rustfmt::skip]
fn wrong_files() {
    expect!["num_classes: missing; use the option `--classes`"].assert_eq(&error(r#""num_classes": 3,"#, ""));
    expect![[r#"name: expected a name without `/`, `\` or control characters, found `../nap`"#]].assert_eq(&error("nap-3\", \"job", "../nap\", \"job"));
    expect!["frame_size: missing"].assert_eq(&error(r#""frame_size": 120,"#, ""));
    expect!["architecture.params: input: size: expected at least 1, found 0"].assert_eq(&error(r#""frame_size": 120,"#, r#""frame_size": 0,"#));
    expect![[r#"feature.name: expected one of FS-W-P-5, FS-W-P-40, FS-W-A-5, FS-W-PA-14, FS-H-E-10, FS-C-EAR-9, found `FS-W-PA-15`; for another set, add `"channels": …` beside `feature` or use the option `--channels`"#]].assert_eq(&error("FS-W-PA-14", "FS-W-PA-15"));
    expect!["origin: expected one of `helia-edge`, `sleepkit`, found `keras`"].assert_eq(&error(r#""verbose": 1"#, r#""origin": "keras""#));
    expect!["architecture: lstm of helia-edge is not supported"].assert_eq(&error(r#""name": "tcn""#, r#""name": "lstm""#));
    expect!["architecture.params.blocks[1].dilatoin: unknown key; use `dilation`"].assert_eq(&error(r#""dilation": [1, 2]"#, r#""dilatoin": [1, 2]"#));
    expect!["architecture.params.blocks[1].channels: expected 1 to 16777216 channels, found 0"].assert_eq(&error(r#""filters": 16"#, r#""filters": 0"#));
    expect![[r#"architecture.params.blocks[1].filters: expected a non-negative integer, found "many""#]].assert_eq(&error(r#""filters": 16"#, r#""filters": "many""#));
    expect!["architecture.parms: unknown key; use `params`"].assert_eq(&error(r#""params": {
            "#, r#""parms": {
            "#));
}
