//! Keys of earlier versions are refused, and the new key is named.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use factory::{Document, Factory};
use serde::Deserialize;

/// The message of a section that has an unknown key.
fn refused<T: for<'de> Deserialize<'de>>(section: &str, text: &str) -> String {
    let document = Document::parse(&format!("{section}: {text}")).unwrap();
    match document.section::<T>(section) {
        Ok(_) => panic!("{section}: {text} is accepted"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn params() {
    let refused = |architecture: &str, params: &str| {
        let config = format!(
            "{{ name: x, input: {{ channels: 3, length: 64 }}, architecture: {architecture}, params: {params} }}"
        );
        Factory::builtin().build(&config).unwrap_err().to_string()
    };
    let cases = [
        ("tcn", "blocks: [{ channels: 8, se_ratio: 4 }]", "blocks[0].se_ratio", "se_divisor"),
        ("unext", "blocks: [{ channels: 8, expand: 2 }]", "blocks[0].expand", "expand_ratio"),
        ("unet", "final_activation: tanh", "final_activation", "output_activation"),
        ("unext", "final_activation: tanh", "final_activation", "output_activation"),
        (
            "efficientnetv2",
            "stages: [{ channels: 8, depth: 1, expand: 2 }]",
            "stages[0].expand",
            "expand_ratio",
        ),
        ("mobileone", "stages: [{ channels: 8, depth: 1, se_ratio: 2 }]", "stages[0].se_ratio", "se_divisor"),
        ("resnet", "se_ratio: 2", "se_ratio", "se_divisor"),
    ];
    for (architecture, params, path, new) in cases {
        let message = refused(architecture, &format!("{{ {params} }}"));
        assert_eq!(message, format!("params.{path}: unknown key; use `{new}`"));
    }
}

#[test]
fn other_levels() {
    let cases = [
        ("resnet", "stages: [{ channels: 8, depth: 1, se_ratio: 2 }]", "`se_divisor` beside `stages`"),
        ("efficientnetv2", "se_ratio: 4", "`stages: [{ se_divisor: … }]`"),
        ("efficientnetv2", "expand_ratio: 4", "`stages: [{ expand_ratio: … }]`"),
        ("mobileone", "se_ratio: 4", "`stages: [{ se_divisor: … }]`"),
        ("unext", "se_ratio: 4", "`blocks: [{ se_divisor: … }]`"),
        ("unext", "expand: 4", "`blocks: [{ expand_ratio: … }]`"),
        ("tcn", "se_divisor: 4", "`blocks: [{ se_divisor: … }]`"),
        ("tcn", "expand: 4", "`blocks: [{ expand_ratio: … }]`"),
    ];
    for (architecture, params, instead) in cases {
        let config = format!(
            "{{ name: x, input: {{ channels: 3, length: 64 }}, architecture: {architecture}, params: {{ {params} }} }}"
        );
        let message = Factory::builtin().build(&config).unwrap_err().to_string();
        assert!(message.ends_with(&format!(": unknown key; use {instead}")), "{message}");
    }
}

#[test]
fn top_level() {
    let cases = [
        ("epochs", "`train: { epochs: … }`"),
        ("lr", "`train: { learning_rate: … }`"),
        ("label_smoothing", "`train: { loss: { cross_entropy: { label_smoothing: … } } }`"),
        ("seed", "the option `--seed`"),
        ("device", "the option `--device`"),
    ];
    for (key, instead) in cases {
        let config =
            format!("{{ name: x, input: {{ channels: 3, length: 64 }}, architecture: resnet, {key}: 1 }}");
        let message = Factory::builtin().build(&config).unwrap_err().to_string();
        assert_eq!(message, format!("{key}: unknown key; use {instead}"));
    }
}

#[test]
fn train() {
    let cases = [
        ("rate", "`learning_rate`"),
        ("lr", "`learning_rate`"),
        ("wd", "`weight_decay`"),
        ("batch", "`batch_size`"),
        ("clip", "`clip_norm`"),
        ("keep", "`keep_checkpoints`"),
        ("accumulate", "`accumulation_steps`"),
        ("betas", "`optimizer: { adamw: { betas: … } }`"),
        ("eps", "`optimizer: { adamw: { eps: … } }`"),
        ("momentum", "`optimizer: { sgd: { momentum: … } }`"),
        ("nesterov", "`optimizer: { sgd: { nesterov: … } }`"),
        ("step_epochs", "`schedule: { step: { epochs: … } }`"),
        ("step_factor", "`schedule: { step: { factor: … } }`"),
        ("focal_gamma", "`loss: { focal: { gamma: … } }`"),
        ("label_smoothing", "`loss: { cross_entropy: { label_smoothing: … } }`"),
        ("seed", "the option `--seed`"),
        ("device", "the option `--device`"),
        ("grad_clip", "`clip_norm`"),
        ("momemtum", "`optimizer: { sgd: { momentum: … } }`"),
        ("label_smothing", "`loss: { cross_entropy: { label_smoothing: … } }`"),
        ("learning_rte", "`learning_rate`"),
    ];
    for (old, new) in cases {
        let message = refused::<train::Config>("train", &format!("{{ {old}: 1 }}"));
        assert_eq!(message, format!("train.{old}: unknown key; use {new}"));
    }
}

#[test]
fn data() {
    let cases = [
        ("standardize: none", "standardize", "normalize"),
        ("noise: { snr: 0, rate: 360 }", "noise.rate", "sampling_rate"),
    ];
    for (section, path, new) in cases {
        let message =
            refused::<data::Config>("data", &format!("{{ task: denoising, train: a.npy, {section} }}"));
        assert_eq!(message, format!("data.{path}: unknown key; use `{new}`"));
    }
}
