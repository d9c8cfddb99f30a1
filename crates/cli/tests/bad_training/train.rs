//! The section `train`.

use expect_test::{Expect, expect};

use crate::Place;

#[test]
#[rustfmt::skip]
fn numbers() {
    let place = Place::new();
    let check = |to: &str, expected: Expect| place.check("learning_rate: 0.01", to, &expected);
    check("learning_rate: -1", expect!["bad.yaml: train.rate: -1; a finite number above 0 is needed"]);
    check("learning_rate: 0", expect!["bad.yaml: train.rate: 0; a finite number above 0 is needed"]);
    check("learning_rate: .nan", expect!["bad.yaml: train.rate: .nan is not a finite number"]);
    check("learning_rate: -.inf", expect!["bad.yaml: train.rate: -.inf is not a finite number"]);
    check("learning_rate: 1e999", expect![[r#"bad.yaml: train.rate: the text "1e999" found, a number is needed"#]]);
    check("learning_rate: fast", expect![[r#"bad.yaml: train.rate: the text "fast" found, a number is needed"#]]);
    check("learning_rate: [0.01]", expect!["bad.yaml: train.rate: a list found, a number is needed"]);
    check("learning_rates: 0.01", expect!["bad.yaml: train.rates: unknown key; the nearest valid one is `rate`"]);
    check("lr: 0.01", expect!["bad.yaml: train.lr: unknown key; the nearest valid one is `clip`"]);
    check("accumulation_steps: 0", expect!["bad.yaml: train.accumulate: 0; 1 to 1073741824 is needed"]);
    check("loss: { cross_entropy: { label_smoothing: 1 } }", expect!["bad.yaml: train.label_smoothing: 1; 0 to below 1 is needed"]);
    check("loss: { binary: { label_smoothing: -0.1 } }", expect!["bad.yaml: train.label_smoothing: -0.1; 0 to below 1 is needed"]);
    check("loss: { focal: { gamma: -2 } }", expect!["bad.yaml: train.focal_gamma: -2; a finite number of at least 0 is needed"]);
    check("weight_decay: -0.1", expect!["bad.yaml: train.weight_decay: -0.1; a finite number of at least 0 is needed"]);
    check("optimizer: { adamw: { betas: [0.9] } }", expect!["bad.yaml: train.betas: a list of 1 found, a list of 2 is needed"]);
    check("optimizer: { adamw: { betas: [0.9, 0.99, 0.999] } }", expect!["bad.yaml: train.betas: a list of 3 found, a shorter list is needed"]);
    check("optimizer: { adamw: { betas: [0.9, 1] } }", expect!["bad.yaml: train.betas[1]: 1; 0 to below 1 is needed"]);
    check("optimizer: { adamw: { eps: 0 } }", expect!["bad.yaml: train.eps: 0; a finite number above 0 is needed"]);
    check("optimizer: { sgd: { momentum: 1 } }", expect!["bad.yaml: train.momentum: 1; 0 to below 1 is needed"]);
    check("warmup: -1", expect!["bad.yaml: train.warmup: -1; a finite number of at least 0 is needed"]);
    check("warmup: 2", expect!["bad.yaml: train.warmup: 2; 0 to 1, the epochs of the training, is needed"]);
    check("schedule: { step: { epochs: 0 } }", expect!["bad.yaml: train.step_epochs: 0; 1 to 1073741824 is needed"]);
    check("schedule: { step: { factor: -0.1 } }", expect!["bad.yaml: train.step_factor: -0.1; a finite number of at least 0 is needed"]);
    check("clip_norm: 0", expect!["bad.yaml: train.clip: 0; a finite number above 0 is needed"]);
    check("ema: 1", expect!["bad.yaml: train.ema: 1; 0 to below 1 is needed"]);
    check("patience: 0", expect!["bad.yaml: train.patience: 0; 1 to 1073741824 is needed"]);
    check("keep_checkpoints: 0", expect!["bad.yaml: train.keep: 0; 1 to 1073741824 is needed"]);
    check("checkpoint_steps: 0", expect!["bad.yaml: train.checkpoint_steps: 0; 1 to 1073741824 is needed"]);
}

#[test]
#[rustfmt::skip]
fn counts() {
    let place = Place::new();
    let check = |from: &str, to: &str, expected: Expect| place.check(from, to, &expected);
    check("epochs: 1", "epochs: 0", expect!["bad.yaml: train.epochs: 0; 1 to 1073741824 is needed"]);
    check("epochs: 1", "epochs: -1", expect!["bad.yaml: train.epochs: the number -1 found, a whole number of at least 0 is needed"]);
    check("epochs: 1", "epochs: 1.5", expect!["bad.yaml: train.epochs: the number 1.5 found, a whole number of at least 0 is needed"]);
    check("epochs: 1", "epochs: 1e30", expect!["bad.yaml: train.epochs: the number 1000000000000000000000000000000.0 found, a whole number of at least 0 is needed"]);
    check("epochs: 1", "epochs: 2000000000", expect!["bad.yaml: train.epochs: 2000000000; 1 to 1073741824 is needed"]);
    check("epochs: 1", "epochs: 99999999999999999999999", expect!["bad.yaml: train.epochs: 99999999999999999999999 is out of range"]);
    check("batch_size: 4", "batch_size: 0", expect!["bad.yaml: train.batch: 0; 1 to 1073741824 is needed"]);
    check("batch_size: 4", "batch_size: 9000000000000000000", expect!["bad.yaml: train.batch: 9000000000000000000; 1 to 1073741824 is needed"]);
    check("batch_size: 4", "batch_size: four", expect![[r#"bad.yaml: train.batch: the text "four" found, a whole number of at least 0 is needed"#]]);
}

#[test]
#[rustfmt::skip]
fn names() {
    let place = Place::new();
    let check = |to: &str, expected: Expect| place.check("learning_rate: 0.01", to, &expected);
    check("loss: hinge", expect!["bad.yaml: train.loss: `hinge` is unknown; known are cross_entropy, binary, focal, dice, mse, mae"]);
    check("optimizer: adam", expect!["bad.yaml: train.optimizer: `adam` is unknown; known are adamw, sgd"]);
    check("schedule: linear", expect!["bad.yaml: train.schedule: `linear` is unknown; known are constant, step, cosine, one_cycle"]);
    check("precision: f16", expect!["bad.yaml: train.precision: `f16` is unknown; known are f32, bf16"]);
    check("optimizer: { sgd: { nesterov: maybe } }", expect![[r#"bad.yaml: train.nesterov: the text "maybe" found, true or false is needed"#]]);
}

/// Settings that another optimizer, schedule or loss has, and keys of the old vocabulary.
#[test]
#[rustfmt::skip]
fn settings_without_effect() {
    let place = Place::new();
    let check = |to: &str, expected: Expect| place.check("learning_rate: 0.01", to, &expected);
    check("optimizer: { sgd: { betas: [0.9, 0.99] } }", expect![]);
    check("optimizer: { adamw: { momentum: 0.9 } }", expect![]);
    check("optimizer: { adamw: {}, sgd: {} }", expect![]);
    check("optimizer: {}", expect![]);
    check("schedule: { cosine: { factor: 0.5 } }", expect![]);
    check("loss: { dice: { gamma: 2 } }", expect![]);
    check("loss: { focal: { label_smoothing: 0.1 } }", expect![]);
    check("rate: 0.01", expect![]);
    check("batch: 4", expect![]);
    check("clip: 1.0", expect![]);
    check("keep: 3", expect![]);
    check("accumulate: 2", expect![]);
    check("label_smoothing: 0.1", expect![]);
    check("focal_gamma: 2", expect![]);
    check("betas: [0.9, 0.99]", expect![]);
    check("eps: 1e-8", expect![]);
    check("momentum: 0.9", expect![]);
    check("nesterov: true", expect![]);
    check("step_epochs: 3", expect![]);
    check("step_factor: 0.1", expect![]);
}

/// Values that exclude each other.
#[test]
#[rustfmt::skip]
fn combinations() {
    let place = Place::new();
    let check = |from: &str, to: &str, expected: Expect| place.check(from, to, &expected);
    check("learning_rate: 0.01", "optimizer: { sgd: { momentum: 0, nesterov: true } }", expect![]);
    check("learning_rate: 0.01", "schedule: one_cycle\n  warmup: 0.5", expect![]);
    check("learning_rate: 0.01", "loss: mse", expect![]);
    check("  validation: 0.25\ntrain:", "train:\n  patience: 3", expect![]);
}
