//! The section `train`: names with and without settings.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use expect_test::{Expect, expect};
use serde_json::{Value, json};
use train::{
    AdamW, BestMetric, Config, Focal, LossConfig, OptimizerConfig, ScheduleConfig, Sgd, Smoothing, StepDecay,
};

fn read(section: &Value) -> Result<Config, serde_json::Error> {
    serde_json::from_value(section.clone())
}

#[test]
fn a_name_alone_takes_the_defaults() {
    let pairs = [
        (json!({ "optimizer": "adamw" }), json!({ "optimizer": { "adamw": {} } })),
        (json!({ "optimizer": "sgd" }), json!({ "optimizer": { "sgd": { "momentum": 0.9 } } })),
        (json!({ "schedule": "step" }), json!({ "schedule": { "step": { "epochs": 30 } } })),
        (json!({ "schedule": "cosine" }), json!({ "schedule": { "cosine": {} } })),
        (json!({ "loss": "focal" }), json!({ "loss": { "focal": { "gamma": 2 } } })),
        (json!({ "loss": "mae" }), json!({ "loss": { "mae": {} } })),
    ];
    for (name, settings) in pairs {
        assert_eq!(read(&name).unwrap(), read(&settings).unwrap(), "{name}");
    }
}

#[test]
fn what_is_written_is_read_back() {
    let optimizers = [
        OptimizerConfig::AdamW(AdamW { betas: [0.8, 0.9], eps: 1e-6 }),
        OptimizerConfig::Sgd(Sgd { momentum: 0.5, nesterov: true }),
    ];
    let schedules = [
        ScheduleConfig::Constant,
        ScheduleConfig::Step(StepDecay { epochs: 3, factor: 0.5 }),
        ScheduleConfig::Cosine,
        ScheduleConfig::OneCycle,
    ];
    let losses = [
        LossConfig::CrossEntropy(Smoothing { label_smoothing: 0.1 }),
        LossConfig::Binary(Smoothing::default()),
        LossConfig::Focal(Focal { gamma: 1.5 }),
        LossConfig::Dice,
        LossConfig::Mse,
        LossConfig::Mae,
    ];
    for optimizer in optimizers {
        for schedule in schedules {
            for loss in losses {
                let config = Config { optimizer, schedule, loss: Some(loss), ..Config::default() };
                assert_eq!(read(&serde_json::to_value(&config).unwrap()).unwrap(), config);
            }
        }
    }
    for best in BestMetric::ALL {
        let section = json!({ "best": best.name() });
        assert_eq!(read(&section).unwrap(), Config { best: Some(best), ..Config::default() });
        assert_eq!(serde_json::to_value(best).unwrap(), best.name());
    }
}

#[test]
#[rustfmt::skip]
fn settings_without_effect_are_refused() {
    let check = |section: Value, expected: Expect| expected.assert_eq(&read(&section).unwrap_err().to_string());
    check(json!({ "optimizer": { "sgd": { "eps": 1e-8 } } }), expect!["unknown field `eps`, expected `momentum` or `nesterov`"]);
    check(json!({ "optimizer": { "adamw": {}, "sgd": {} } }), expect!["expected an optimizer, found both `adamw` and `sgd`"]);
    check(json!({ "optimizer": {} }), expect!["expected an optimizer, found an empty mapping"]);
    check(json!({ "optimizer": "adam" }), expect!["unknown variant `adam`, expected `adamw` or `sgd`"]);
    check(json!({ "schedule": { "cosine": { "epochs": 3 } } }), expect!["unknown field `epochs`, there are no fields"]);
    check(json!({ "loss": { "dice": { "gamma": 2 } } }), expect!["unknown field `gamma`, there are no fields"]);
    check(json!({ "loss": 3 }), expect!["invalid type: integer `3`, expected a loss, a name or a name with settings"]);
    check(json!({ "momentum": 0.9 }), expect!["unknown field `momentum`, expected one of `epochs`, `batch_size`, `accumulation_steps`, `loss`, `optimizer`, `learning_rate`, `weight_decay`, `schedule`, `warmup`, `clip_norm`, `ema`, `best`, `patience`, `sync_norm`, `precision`, `keep_checkpoints`, `checkpoint_steps`"]);
}

#[test]
#[rustfmt::skip]
fn numbers_out_of_range_are_refused() {
    let check = |section: Value, expected: Expect| expected.assert_eq(&read(&section).unwrap().validate().unwrap_err().to_string());
    check(json!({ "optimizer": { "adamw": { "betas": [0.9, 1] } } }), expect!["optimizer.adamw.betas[1]: expected a number in [0, 1), found 1"]);
    check(json!({ "optimizer": { "sgd": { "momentum": 0, "nesterov": true } } }), expect!["optimizer.sgd.momentum: expected a positive number, for `nesterov` is true, found 0"]);
    check(json!({ "schedule": { "step": { "epochs": 0 } } }), expect!["schedule.step.epochs: expected a number from 1 to 1073741824, found 0"]);
    check(json!({ "loss": { "cross_entropy": { "label_smoothing": 1 } } }), expect!["loss.cross_entropy.label_smoothing: expected a number in [0, 1), found 1"]);
    check(json!({ "epochs": 3, "warmup": 4 }), expect!["warmup: expected at most 3, the number of epochs, found 4"]);
    check(json!({ "schedule": "one_cycle", "warmup": 1 }), expect!["warmup: expected 0, for `one_cycle` has its own warm-up, found 1"]);
}
