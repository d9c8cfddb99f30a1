//! Networks that do not fit their data, their task or their loss, found before a step is taken.

use expect_test::{Expect, expect};

use crate::{GOOD, Place};

#[test]
#[rustfmt::skip]
fn the_input() {
    let place = Place::new();
    let check = |to: &str, expected: Expect| place.check("channels: 2, length: 16", to, &expected);
    check("channels: 3, length: 16", expect!["motions.csv: row 1: expected 3 x 16 values, found 32"]);
    check("channels: 2, length: 20", expect!["motions.csv: row 1: expected 2 x 20 values, found 32"]);
    check("channels: 2, height: 4, width: 5", expect!["motions.csv: row 1: expected 2 x 4 x 5 values, found 32"]);
}

#[test]
#[rustfmt::skip]
fn the_classes() {
    let place = Place::new();
    let check = |from: &str, to: &str, expected: Expect| place.check(from, to, &expected);
    check("classes: 2", "classes: 5", expect!["bad.yaml: classes: expected outputs of [N, 2] for 2 classes (rest, run), found [N, 5]"]);
    check("classes: 2\n", "", expect!["bad.yaml: classes: expected outputs of [N, 2] for 2 classes (rest, run), found [N, 8]"]);
    check("classes: 2", "classes: 1", expect!["bad.yaml: train.loss: expected `binary` for a single output [N, 1], or outputs of [N, 2], found `cross_entropy`"]);
    check("validation: 0.25", "classes: [rest, run, walk]", expect!["bad.yaml: classes: expected outputs of [N, 3] for 3 classes (rest, run, walk), found [N, 2]"]);
    check("validation: 0.25", "classes: [rest, walk]", expect!["motions.csv: row 2: unknown class `run`, expected one of rest, walk"]);
    check("train: motions.csv", "train: motions.csv\n  classes: [rest]", expect!["motions.csv: row 2: unknown class `run`, expected one of rest"]);
}

#[test]
#[rustfmt::skip]
fn the_task() {
    let place = Place::new();
    place.check("task: classification", "task: segmentation", &expect!["bad.yaml: data.task: expected outputs of [N, 2, 16] for segmentation, found [N, 2], as for classification"]);
    place.check("task: classification", "task: regression", &expect!["motions.csv: row 1, column 33: expected a finite number, found `rest`"]);
    place.check("task: classification", "task: denoising", &expect!["motions.csv: missing target for denoising; set `noise`, or set `target` to the columns of the clean signal"]);
    let unet = "architecture: unet\npreset: micro";
    let of_resnet =
        "architecture: resnet\npreset: micro\nparams: { stages: [{ channels: 8, depth: 1, kernel: 3 }] }";
    place.check(of_resnet, unet, &expect!["bad.yaml: data.task: expected outputs of [N, 2] for classification, found [N, 2, 16], as for segmentation"]);
    let regression = GOOD.replace("classification", "regression").replace("motions", "numbers");
    place.refuses(&regression, &expect!["bad.yaml: classes: expected outputs of [N, 1], the shape of the targets, found [N, 2]"]);
    let with = |from: &str, to: &str| regression.replace("classes: 2", "classes: 1").replace(from, to);
    place.refuses(&with("learning_rate: 0.01", "loss: focal"), &expect!["bad.yaml: train.loss: expected `mse` or `mae` for values, found `focal`"]);
    place.refuses(&with("learning_rate: 0.01", "loss: { binary: { label_smoothing: 0.1 } }"), &expect!["bad.yaml: train.loss: expected `mse` or `mae` for values, found `binary`"]);
    place.refuses(&with(of_resnet, unet), &expect!["bad.yaml: params: expected outputs of [N, 1], the shape of the targets, found [N, 1, 16]"]);
    let denoising = GOOD
        .replace("classification", "denoising")
        .replace("validation: 0.25", "noise: { snr: 0 }")
        .replace(of_resnet, unet)
        .replace("motions", "signals")
        .replace("classes: 2", "classes: 1");
    place.refuses(&denoising, &expect!["bad.yaml: classes: expected outputs of [N, 2, 16], the shape of the targets, found [N, 1, 16]"]);
}

/// Probabilities are no logits.
#[test]
#[rustfmt::skip]
fn the_last_activation() {
    let place = Place::new();
    let check = |activation: &str, expected: Expect| {
        place.check("params: {", &format!("params: {{ output_activation: {activation},"), &expected);
    };
    check("softmax", expect!["bad.yaml: params: expected logits as outputs, found probabilities from `output_act`; remove `output_activation`"]);
    check("sigmoid", expect!["bad.yaml: params: expected logits as outputs, found probabilities from `output_act`; remove `output_activation`"]);
    let origin = r#"{ "name": "sd", "datasets": [], "frame_size": 32, "num_classes": 2,
        "architecture": { "name": "tcn", "params": {
            "input_kernel": [1, 3], "input_norm": "batch", "output_activation": "softmax", "block_type": "mb",
            "blocks": [{ "depth": 1, "branch": 1, "filters": 8, "kernel": [1, 3], "dilation": [1, 1],
                "dropout": 0, "ex_ratio": 1, "se_ratio": 0, "norm": "batch" }] } },
        "data": { "task": "segmentation", "train": "motions.csv" }, "train": {} }"#;
    place.refuses(origin, &expect!["bad.yaml: params: expected logits as outputs, found probabilities from `output_act`; remove `output_activation`"]);
}
