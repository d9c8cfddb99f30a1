//! The section `train`.

use expect_test::{Expect, expect};

use crate::Place;

#[test]
#[rustfmt::skip]
fn numbers() {
    let place = Place::new();
    let check = |to: &str, expected: Expect| place.check("rate: 0.01", to, &expected);
    check("rate: -1", expect!["bad.yaml: train.rate: -1; a finite number above 0 is needed"]);
    check("rate: 0", expect!["bad.yaml: train.rate: 0; a finite number above 0 is needed"]);
    check("rate: .nan", expect!["bad.yaml: train.rate: .nan is not a finite number"]);
    check("rate: -.inf", expect!["bad.yaml: train.rate: -.inf is not a finite number"]);
    check("rate: 1e999", expect![[r#"bad.yaml: train.rate: the text "1e999" found, a number is needed"#]]);
    check("rate: fast", expect![[r#"bad.yaml: train.rate: the text "fast" found, a number is needed"#]]);
    check("rate: [0.01]", expect!["bad.yaml: train.rate: a list found, a number is needed"]);
    check("rates: 0.01", expect!["bad.yaml: train.rates: unknown key; the nearest valid one is `rate`"]);
    check("lr: 0.01", expect!["bad.yaml: train.lr: unknown key; the nearest valid one is `clip`"]);
    check("accumulate: 0", expect!["bad.yaml: train.accumulate: 0; 1 to 1073741824 is needed"]);
    check("label_smoothing: 1", expect!["bad.yaml: train.label_smoothing: 1; 0 to below 1 is needed"]);
    check("label_smoothing: -0.1", expect!["bad.yaml: train.label_smoothing: -0.1; 0 to below 1 is needed"]);
    check("focal_gamma: -2", expect!["bad.yaml: train.focal_gamma: -2; a finite number of at least 0 is needed"]);
    check("weight_decay: -0.1", expect!["bad.yaml: train.weight_decay: -0.1; a finite number of at least 0 is needed"]);
    check("betas: [0.9]", expect!["bad.yaml: train.betas: a list of 1 found, a list of 2 is needed"]);
    check("betas: [0.9, 0.99, 0.999]", expect!["bad.yaml: train.betas: a list of 3 found, a shorter list is needed"]);
    check("betas: [0.9, 1]", expect!["bad.yaml: train.betas[1]: 1; 0 to below 1 is needed"]);
    check("eps: 0", expect!["bad.yaml: train.eps: 0; a finite number above 0 is needed"]);
    check("momentum: 1", expect!["bad.yaml: train.momentum: 1; 0 to below 1 is needed"]);
    check("warmup: -1", expect!["bad.yaml: train.warmup: -1; a finite number of at least 0 is needed"]);
    check("warmup: 2", expect!["bad.yaml: train.warmup: 2; 0 to 1, the epochs of the training, is needed"]);
    check("step_epochs: 0", expect!["bad.yaml: train.step_epochs: 0; 1 to 1073741824 is needed"]);
    check("step_factor: -0.1", expect!["bad.yaml: train.step_factor: -0.1; a finite number of at least 0 is needed"]);
    check("clip: 0", expect!["bad.yaml: train.clip: 0; a finite number above 0 is needed"]);
    check("ema: 1", expect!["bad.yaml: train.ema: 1; 0 to below 1 is needed"]);
    check("patience: 0", expect!["bad.yaml: train.patience: 0; 1 to 1073741824 is needed"]);
    check("keep: 0", expect!["bad.yaml: train.keep: 0; 1 to 1073741824 is needed"]);
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
    check("batch: 4", "batch: 0", expect!["bad.yaml: train.batch: 0; 1 to 1073741824 is needed"]);
    check("batch: 4", "batch: 9000000000000000000", expect!["bad.yaml: train.batch: 9000000000000000000; 1 to 1073741824 is needed"]);
    check("batch: 4", "batch: four", expect![[r#"bad.yaml: train.batch: the text "four" found, a whole number of at least 0 is needed"#]]);
}

#[test]
#[rustfmt::skip]
fn names() {
    let place = Place::new();
    let check = |to: &str, expected: Expect| place.check("rate: 0.01", to, &expected);
    check("loss: hinge", expect!["bad.yaml: train.loss: `hinge` is unknown; known are cross_entropy, binary, focal, dice, mse, mae"]);
    check("optimizer: adam", expect!["bad.yaml: train.optimizer: `adam` is unknown; known are adamw, sgd"]);
    check("schedule: linear", expect!["bad.yaml: train.schedule: `linear` is unknown; known are constant, step, cosine, one_cycle"]);
    check("precision: f16", expect!["bad.yaml: train.precision: `f16` is unknown; known are f32, bf16"]);
    check("nesterov: maybe", expect![[r#"bad.yaml: train.nesterov: the text "maybe" found, true or false is needed"#]]);
}

/// What does not go together.
#[test]
#[rustfmt::skip]
fn together() {
    let place = Place::new();
    let check = |from: &str, to: &str, expected: Expect| place.check(from, to, &expected);
    check("rate: 0.01", "nesterov: true", expect!["bad.yaml: train.nesterov: true; `optimizer: sgd` and a momentum above 0 are needed"]);
    check("rate: 0.01", "optimizer: sgd\n  momentum: 0\n  nesterov: true", expect!["bad.yaml: train.nesterov: true; `optimizer: sgd` and a momentum above 0 are needed"]);
    check("rate: 0.01", "schedule: one_cycle\n  warmup: 0.5", expect!["bad.yaml: train.warmup: one_cycle rises by itself; 0 is needed"]);
    check("rate: 0.01", "loss: mse", expect!["bad.yaml: train.loss: `mse` is for values; of classes cross_entropy, binary, focal or dice is needed"]);
    check("rate: 0.01", "loss: dice\n  label_smoothing: 0.1", expect!["bad.yaml: train.label_smoothing: 0.1; `dice` has none, 0 is needed"]);
    check("  validation: 0.25\ntrain:", "train:\n  patience: 3", expect!["bad.yaml: train.patience: early stopping needs a validation part (`data.validation`)"]);
}
