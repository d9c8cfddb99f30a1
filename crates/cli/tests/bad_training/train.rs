//! The section `train`.

use expect_test::{Expect, expect};

use crate::Place;

#[test]
#[rustfmt::skip]
fn numbers() {
    let place = Place::new();
    let check = |to: &str, expected: Expect| place.check("learning_rate: 0.01", to, &expected);
    check("learning_rate: -1", expect!["bad.yaml: train.learning_rate: expected a finite, positive number, found -1"]);
    check("learning_rate: 0", expect!["bad.yaml: train.learning_rate: expected a finite, positive number, found 0"]);
    check("learning_rate: .nan", expect!["bad.yaml: train.learning_rate: expected a finite number, found .nan"]);
    check("learning_rate: -.inf", expect!["bad.yaml: train.learning_rate: expected a finite number, found -.inf"]);
    check("learning_rate: 1e999", expect![[r#"bad.yaml: train.learning_rate: expected a number, found "1e999""#]]);
    check("learning_rate: fast", expect![[r#"bad.yaml: train.learning_rate: expected a number, found "fast""#]]);
    check("learning_rate: [0.01]", expect!["bad.yaml: train.learning_rate: expected a number, found a list of 1"]);
    check("learning_rates: 0.01", expect!["bad.yaml: train.learning_rates: unknown key; use `learning_rate`"]);
    check("lr: 0.01", expect!["bad.yaml: train.lr: unknown key; use `learning_rate`"]);
    check("accumulation_steps: 0", expect!["bad.yaml: train.accumulation_steps: expected a number from 1 to 1073741824, found 0"]);
    check("loss: { cross_entropy: { label_smoothing: 1 } }", expect!["bad.yaml: train.loss.cross_entropy.label_smoothing: expected a number in [0, 1), found 1"]);
    check("loss: { binary: { label_smoothing: -0.1 } }", expect!["bad.yaml: train.loss.binary.label_smoothing: expected a number in [0, 1), found -0.1"]);
    check("loss: { focal: { gamma: -2 } }", expect!["bad.yaml: train.loss.focal.gamma: expected a finite, non-negative number, found -2"]);
    check("weight_decay: -0.1", expect!["bad.yaml: train.weight_decay: expected a finite, non-negative number, found -0.1"]);
    check("optimizer: { adamw: { betas: [0.9] } }", expect!["bad.yaml: train.optimizer.adamw.betas: expected a list of 2, found a list of 1"]);
    check("optimizer: { adamw: { betas: [0.9, 0.99, 0.999] } }", expect!["bad.yaml: train.optimizer.adamw.betas: expected a list of 2, found a list of 3"]);
    check("optimizer: { adamw: { betas: [0.9, 1] } }", expect!["bad.yaml: train.optimizer.adamw.betas[1]: expected a number in [0, 1), found 1"]);
    check("optimizer: { adamw: { eps: 0 } }", expect!["bad.yaml: train.optimizer.adamw.eps: expected a finite, positive number, found 0"]);
    check("optimizer: { sgd: { momentum: 1 } }", expect!["bad.yaml: train.optimizer.sgd.momentum: expected a number in [0, 1), found 1"]);
    check("warmup: -1", expect!["bad.yaml: train.warmup: expected a finite, non-negative number, found -1"]);
    check("warmup: 2", expect!["bad.yaml: train.warmup: expected at most 1, the number of epochs, found 2"]);
    check("schedule: { step: { epochs: 0 } }", expect!["bad.yaml: train.schedule.step.epochs: expected a number from 1 to 1073741824, found 0"]);
    check("schedule: { step: { factor: -0.1 } }", expect!["bad.yaml: train.schedule.step.factor: expected a finite, non-negative number, found -0.1"]);
    check("clip_norm: 0", expect!["bad.yaml: train.clip_norm: expected a finite, positive number, found 0"]);
    check("ema: 1", expect!["bad.yaml: train.ema: expected a number in [0, 1), found 1"]);
    check("patience: 0", expect!["bad.yaml: train.patience: expected a number from 1 to 1073741824, found 0"]);
    check("keep_checkpoints: 0", expect!["bad.yaml: train.keep_checkpoints: expected a number from 1 to 1073741824, found 0"]);
    check("checkpoint_steps: 0", expect!["bad.yaml: train.checkpoint_steps: expected a number from 1 to 1073741824, found 0"]);
}

#[test]
#[rustfmt::skip]
fn counts() {
    let place = Place::new();
    let check = |from: &str, to: &str, expected: Expect| place.check(from, to, &expected);
    check("epochs: 1", "epochs: 0", expect!["bad.yaml: train.epochs: expected a number from 1 to 1073741824, found 0"]);
    check("epochs: 1", "epochs: -1", expect!["bad.yaml: train.epochs: expected a non-negative integer, found -1"]);
    check("epochs: 1", "epochs: 1.5", expect!["bad.yaml: train.epochs: expected a non-negative integer, found 1.5"]);
    check("epochs: 1", "epochs: 1e30", expect!["bad.yaml: train.epochs: expected a non-negative integer, found 1e30"]);
    check("epochs: 1", "epochs: 2000000000", expect!["bad.yaml: train.epochs: expected a number from 1 to 1073741824, found 2000000000"]);
    check("epochs: 1", "epochs: 99999999999999999999999", expect!["bad.yaml: train.epochs: expected a non-negative integer, found 1e23"]);
    check("batch_size: 4", "batch_size: 0", expect!["bad.yaml: train.batch_size: expected a number from 1 to 1073741824, found 0"]);
    check("batch_size: 4", "batch_size: 9000000000000000000", expect!["bad.yaml: train.batch_size: expected a number from 1 to 1073741824, found 9000000000000000000"]);
    check("batch_size: 4", "batch_size: four", expect![[r#"bad.yaml: train.batch_size: expected a non-negative integer, found "four""#]]);
}

#[test]
#[rustfmt::skip]
fn names() {
    let place = Place::new();
    let check = |to: &str, expected: Expect| place.check("learning_rate: 0.01", to, &expected);
    check("loss: hinge", expect!["bad.yaml: train.loss: expected one of `cross_entropy`, `binary`, `focal`, `dice`, `mse`, `mae`, found `hinge`"]);
    check("optimizer: adam", expect!["bad.yaml: train.optimizer: expected one of `adamw`, `sgd`, found `adam`"]);
    check("schedule: linear", expect!["bad.yaml: train.schedule: expected one of `constant`, `step`, `cosine`, `one_cycle`, found `linear`"]);
    check("precision: f16", expect!["bad.yaml: train.precision: expected one of `f32`, `bf16`, found `f16`"]);
    check("optimizer: { sgd: { nesterov: maybe } }", expect![[r#"bad.yaml: train.optimizer.sgd.nesterov: expected `true` or `false`, found "maybe""#]]);
}

/// Settings that another optimizer, schedule or loss has, and keys of the old vocabulary.
#[test]
#[rustfmt::skip]
fn settings_without_effect() {
    let place = Place::new();
    let check = |to: &str, expected: Expect| place.check("learning_rate: 0.01", to, &expected);
    check("optimizer: { sgd: { betas: [0.9, 0.99] } }", expect!["bad.yaml: train.optimizer.sgd.betas: unknown key; known keys: momentum, nesterov"]);
    check("optimizer: { adamw: { momentum: 0.9 } }", expect!["bad.yaml: train.optimizer.adamw.momentum: unknown key; known keys: betas, eps"]);
    check("optimizer: { adamw: {}, sgd: {} }", expect!["bad.yaml: train.optimizer: expected an optimizer, found both `adamw` and `sgd`"]);
    check("optimizer: {}", expect!["bad.yaml: train.optimizer: expected an optimizer, found an empty mapping"]);
    check("schedule: { cosine: { factor: 0.5 } }", expect!["bad.yaml: train.schedule.cosine.factor: unknown key; no key is allowed here"]);
    check("loss: { dice: { gamma: 2 } }", expect!["bad.yaml: train.loss.dice.gamma: unknown key; no key is allowed here"]);
    check("loss: { focal: { label_smoothing: 0.1 } }", expect!["bad.yaml: train.loss.focal.label_smoothing: unknown key; known keys: gamma"]);
    check("rate: 0.01", expect!["bad.yaml: train.rate: unknown key; use `learning_rate`"]);
    check("batch: 4", expect!["bad.yaml: train.batch: unknown key; use `batch_size`"]);
    check("clip: 1.0", expect!["bad.yaml: train.clip: unknown key; use `clip_norm`"]);
    check("keep: 3", expect!["bad.yaml: train.keep: unknown key; use `keep_checkpoints`"]);
    check("accumulate: 2", expect!["bad.yaml: train.accumulate: unknown key; use `accumulation_steps`"]);
    check("label_smoothing: 0.1", expect!["bad.yaml: train.label_smoothing: unknown key; use `loss: { cross_entropy: { label_smoothing: … } }`"]);
    check("focal_gamma: 2", expect!["bad.yaml: train.focal_gamma: unknown key; use `loss: { focal: { gamma: … } }`"]);
    check("betas: [0.9, 0.99]", expect!["bad.yaml: train.betas: unknown key; use `optimizer: { adamw: { betas: … } }`"]);
    check("eps: 1e-8", expect!["bad.yaml: train.eps: unknown key; use `optimizer: { adamw: { eps: … } }`"]);
    check("momentum: 0.9", expect!["bad.yaml: train.momentum: unknown key; use `optimizer: { sgd: { momentum: … } }`"]);
    check("nesterov: true", expect!["bad.yaml: train.nesterov: unknown key; use `optimizer: { sgd: { nesterov: … } }`"]);
    check("step_epochs: 3", expect!["bad.yaml: train.step_epochs: unknown key; use `schedule: { step: { epochs: … } }`"]);
    check("step_factor: 0.1", expect!["bad.yaml: train.step_factor: unknown key; use `schedule: { step: { factor: … } }`"]);
}

/// Values that exclude each other.
#[test]
#[rustfmt::skip]
fn combinations() {
    let place = Place::new();
    let check = |from: &str, to: &str, expected: Expect| place.check(from, to, &expected);
    check("learning_rate: 0.01", "optimizer: { sgd: { momentum: 0, nesterov: true } }", expect!["bad.yaml: train.optimizer.sgd.momentum: expected a positive number, for `nesterov` is true, found 0"]);
    check("learning_rate: 0.01", "schedule: one_cycle\n  warmup: 0.5", expect!["bad.yaml: train.warmup: expected 0, for `one_cycle` has its own warm-up, found 0.5"]);
    check("learning_rate: 0.01", "loss: mse", expect!["bad.yaml: train.loss: expected `cross_entropy`, `binary`, `focal` or `dice` for classes, found `mse`"]);
    check("  validation: 0.25\ntrain:", "train:\n  patience: 3", expect!["bad.yaml: train.patience: expected a validation set to watch, found none; add `data.validation`"]);
}
