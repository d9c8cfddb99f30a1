//! The section `data`, and the files that it names.

use expect_test::{Expect, expect};

use crate::Place;

#[test]
#[rustfmt::skip]
fn fields() {
    let place = Place::new();
    let check = |from: &str, to: &str, expected: Expect| place.check(from, to, &expected);
    check("task: classification", "task: sorting", expect!["bad.yaml: data.task: expected one of `classification`, `multi_label`, `segmentation`, `regression`, `denoising`, found `sorting`"]);
    check("  task: classification\n", "", expect!["bad.yaml: data.task: missing"]);
    check("task: classification", "task: classification\n  windows: 3", expect!["bad.yaml: data.windows: unknown key; use `window`"]);
    check("  train: motions.csv\n", "", expect!["bad.yaml: data.train: missing"]);
    check("train: motions.csv", "train: 3", expect!["bad.yaml: data.train: expected a file name, a mapping with the key `file`, or a list of them, found 3"]);
    check("train: motions.csv", "train: []", expect!["bad.yaml: data.train: expected at least one file, found none"]);
    check("train: motions.csv", "train: {}", expect!["bad.yaml: data.train.file: missing"]);
    check("train: motions.csv", "train: [[motions.csv]]", expect!["bad.yaml: data.train[0]: expected a file name or a mapping with the key `file`, found a list"]);
    check("train: motions.csv", "train: { file: motions.csv, form: 0 }", expect!["bad.yaml: data.train.form: unknown key; use `from`"]);
    check("train: motions.csv", "train: { file: motions.csv, layout: rows }", expect!["bad.yaml: data.train.layout: expected one of `recordings`, `samples`, found `rows`"]);
    check("train: motions.csv", "train: { file: motions.csv, target: [] }", expect!["bad.yaml: data.train.target: expected a column name, an index from 0, or a list of them, found a list of 0"]);
    check("train: motions.csv", "train: { file: motions.csv, target: 1.5 }", expect!["bad.yaml: data.train.target: expected a column name, an index from 0, or a list of them, found 1.5"]);
    check("train: motions.csv", "train: { file: motions.csv, from: -1 }", expect!["bad.yaml: data.train.from: expected a non-negative integer, found -1"]);
    check("validation: 0.25", "validation: 0", expect!["bad.yaml: data.validation: expected a share between 0 and 1, found 0"]);
    check("validation: 0.25", "validation: 1", expect!["bad.yaml: data.validation: expected a share between 0 and 1, found 1"]);
    check("validation: 0.25", "validation: -0.5", expect!["bad.yaml: data.validation: expected a share between 0 and 1, found -0.5"]);
    check("validation: 0.25", "validation: .nan", expect!["bad.yaml: data.validation: expected a finite number, found .nan"]);
    check("validation: 0.25", "validation: true", expect!["bad.yaml: data.validation: expected a share of the training recordings, a file name, a mapping with the key `file`, or a list of them, found `true`"]);
    check("validation: 0.25", "validation: { fil: motions.csv }", expect!["bad.yaml: data.validation.fil: unknown key; use `file`"]);
    check("validation: 0.25", "validation: 0.001", expect!["bad.yaml: data.validation: expected a share that leaves both sets nonempty, found 0.001 of 12 recordings; list validation files instead"]);
    check("validation: 0.25", "normalize: batch", expect!["bad.yaml: data.normalize: expected one of `channel`, `none`, found `batch`"]);
    check("validation: 0.25", "classes: []", expect!["bad.yaml: data.classes: expected at least one class, found an empty list"]);
    check("validation: 0.25", "classes: [rest, rest]", expect!["bad.yaml: data.classes[1]: the class `rest` appears twice"]);
    check("validation: 0.25", "class_weights: heavy", expect![[r#"bad.yaml: data.class_weights: expected `balanced` or a list of numbers, found "heavy""#]]);
    check("validation: 0.25", "class_weights: [1]", expect!["bad.yaml: data.class_weights: expected 2 weights, one per class, found 1"]);
    check("validation: 0.25", "class_weights: [1, -1]", expect!["bad.yaml: data.class_weights[1]: expected a finite, non-negative number, found -1"]);
    check("validation: 0.25", "threads: 0", expect!["bad.yaml: data.threads: expected 1 to 256, found 0"]);
    check("validation: 0.25", "threads: 100000", expect!["bad.yaml: data.threads: expected 1 to 256, found 100000"]);
    check("validation: 0.25", "stitch: { sed: 1 }", expect!["bad.yaml: data.stitch.sed: unknown key; use `seed`"]);
    check("validation: 0.25", "stitch: { seed: -1 }", expect!["bad.yaml: data.stitch.seed: expected a non-negative integer, found -1"]);
}

#[test]
#[rustfmt::skip]
fn windows() {
    let place = Place::new();
    let check = |to: &str, expected: Expect| place.check("validation: 0.25", to, &expected);
    check("window: { length: 8 }", expect!["bad.yaml: data.window.length: expected 16, the length of the network's input, found 8"]);
    check("window: { step: 8 }", expect!["bad.yaml: data.window.length: missing"]);
    check("window: 16", expect!["bad.yaml: data.window: expected a mapping, found 16"]);
    check("window: { length: 16, step: 0 }", expect!["bad.yaml: data.window.step: expected at least 1, found 0"]);
    check("window: { length: 16, evaluation_step: 0 }", expect!["bad.yaml: data.window.evaluation_step: expected at least 1, found 0"]);
    let long =
        crate::GOOD.replace("length: 16", "length: 64").replace("validation: 0.25", "window: { length: 64 }");
    place.refuses(&long, &expect!["motions.csv: row 1: expected at least 64 samples for a window, found 16; set `pad` to extend shorter series"]);
}

#[test]
#[rustfmt::skip]
fn augmentation() {
    let place = Place::new();
    let check = |to: &str, expected: Expect| place.check("validation: 0.25", to, &expected);
    check("augment: { jiter: 0.1 }", expect!["bad.yaml: data.augment.jiter: unknown key; use `jitter`"]);
    check("augment: { jitter: -0.1 }", expect!["bad.yaml: data.augment.jitter: expected a finite, non-negative number, found -0.1"]);
    check("augment: { jitter: .inf }", expect!["bad.yaml: data.augment.jitter: expected a finite number, found .inf"]);
    check("augment: { scale: a lot }", expect![[r#"bad.yaml: data.augment.scale: expected a number, found "a lot""#]]);
    check("augment: { shift: 16 }", expect!["bad.yaml: data.augment.shift: expected less than the size of the input, 16, found 16"]);
    check("augment: { shift: -1 }", expect!["bad.yaml: data.augment.shift: expected a non-negative integer, found -1"]);
    check("augment: { mask: 1 }", expect!["bad.yaml: data.augment.mask: expected a number in [0, 1), found 1"]);
    check("augment: { channel_dropout: 1.5 }", expect!["bad.yaml: data.augment.channel_dropout: expected a number in [0, 1), found 1.5"]);
    check("augment: { wander: -1 }", expect!["bad.yaml: data.augment.wander: expected a finite, non-negative number, found -1"]);
    check("augment: { flip: true }", expect!["bad.yaml: data.augment.flip: supported only for images, but the input is a series"]);
    check("augment: { crop: 2 }", expect!["bad.yaml: data.augment.crop: supported only for images, but the input is a series"]);
    let image = crate::GOOD.replace("length: 16", "height: 4, width: 4");
    let of_image =
        |to: &str, expected: Expect| place.refuses(&image.replace("validation: 0.25", to), &expected);
    of_image("augment: { mask: 0.1 }", expect!["bad.yaml: data.augment.mask: supported only for series, but the input is an image"]);
    of_image("augment: { crop: 2 }", expect!["bad.yaml: data.augment.crop: expected less than half the size of the input, 4, found 2"]);
    of_image("window: { length: 4 }", expect!["bad.yaml: data.window: supported only for series, but the input is an image"]);
    of_image("stitch: { seed: 1 }", expect!["bad.yaml: data.stitch: supported only for series, but the input is an image"]);
    let one = crate::GOOD.replace("channels: 2, length: 16", "channels: 1, length: 32");
    place.refuses(&one.replace("validation: 0.25", "augment: { channel_dropout: 0.1 }"), &expect!["bad.yaml: data.augment.channel_dropout: expected an input of at least 2 channels, found 1"]);
}

#[test]
#[rustfmt::skip]
fn noise() {
    let place = Place::new();
    let check = |to: &str, expected: Expect| place.check("validation: 0.25", to, &expected);
    check("noise: { snr: 10 }", expect!["bad.yaml: data.noise: supported only for denoising; use `augment.jitter` for noise in training"]);
    let denoising = crate::GOOD.replace("classification", "denoising");
    let check = |to: &str, expected: Expect| {
        place.refuses(&denoising.replace("validation: 0.25", to), &expected);
    };
    check("noise: 10", expect!["bad.yaml: data.noise: expected a mapping, found 10"]);
    check("noise: { white: 1 }", expect!["bad.yaml: data.noise.snr: missing"]);
    check("noise: { snr: 1000 }", expect!["bad.yaml: data.noise.snr: expected -200 to 200 dB, found 1000"]);
    check("noise: { snr: 0, white: -1 }", expect!["bad.yaml: data.noise.white: expected a finite, non-negative number, found -1"]);
    check("noise: { snr: 0, white: 0 }", expect!["bad.yaml: data.noise: expected a positive `white` or `wander`, found 0 for both"]);
    check("noise: { snr: 0, wander: 1 }", expect!["bad.yaml: data.noise.sampling_rate: missing; set it to the sampling rate in Hz, which `wander` requires"]);
    check("noise: { snr: 0, wander: 1, sampling_rate: 0 }", expect!["bad.yaml: data.noise.sampling_rate: expected a positive number, found 0"]);
    check("noise: { snr: 0, wander: 1, sampling_rate: 100, wander_band: [3, 1] }", expect!["bad.yaml: data.noise.wander_band: expected a band above 0 and up to 50 Hz, found 3 to 1 Hz"]);
    check("noise: { snr: 0, wander: 1, sampling_rate: 100, wander_band: [1] }", expect!["bad.yaml: data.noise.wander_band: expected a list of 2, found a list of 1"]);
    check("class_weights: balanced", expect!["bad.yaml: data.class_weights: supported only for classification and segmentation"]);
    check("classes: [a, b]", expect!["bad.yaml: data.classes: supported only for classification and segmentation"]);
}

#[test]
#[rustfmt::skip]
fn files() {
    let place = Place::new();
    place.write("motions.xyz", "1, 2, 3");
    place.write("empty.csv", "");
    let good = std::fs::read_to_string(place.path("motions.csv")).unwrap();
    place.write("word.csv", &good.replacen("\n7,10,", "\n7,ten,", 1));
    place.write("hole.csv", &good.replacen("\n7,10,", "\n7,nan,", 1));
    place.write("short.csv", &good.replacen("\n7,10,", "\n7,", 1));
    place.write("broken.npy", "no array");
    let check =
        |to: &str, expected: Expect| place.check("train: motions.csv", &format!("train: {to}"), &expected);
    check("missing.csv", expect!["bad.yaml: data.train: missing.csv: No such file or directory (os error 2)"]);
    check("motions", expect!["bad.yaml: data.train: motions: No such file or directory (os error 2)"]);
    check("motions.xyz", expect!["motions.xyz: unknown file format, expected .ts, .csv, .tsv, .txt (also .gz), .npy, .npz, .safetensors or a folder of images"]);
    check("empty.csv", expect!["empty.csv: expected at least one row, found none"]);
    check("word.csv", expect!["word.csv: row 2, column 2: expected a finite number, found `ten`"]);
    check("hole.csv", expect!["hole.csv: row 2, column 2: expected a finite number, found `nan`"]);
    check("short.csv", expect!["short.csv: row 2: expected 33 columns as in the first row, found 32"]);
    check("broken.npy", expect!["broken.npy: damaged .npy file"]);
    check("{ file: motions.csv, from: 9, to: 3 }", expect!["bad.yaml: data.train.to: expected more than `from`, 9, found 3"]);
    check("{ file: motions.csv, from: 12 }", expect!["motions.csv: expected `from` < `to` <= 12, the number of recordings, found 12 and 12"]);
    check("{ file: motions.csv, to: 0 }", expect!["motions.csv: expected `from` < `to` <= 12, the number of recordings, found 0 and 0"]);
    check("{ file: motions.csv, target: label }", expect!["motions.csv: row 1: unknown column `label`, expected one of 0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 0 and 21 more"]);
    check("{ file: motions.csv, target: 99 }", expect!["motions.csv: row 1: expected a column index below 33, found 99"]);
    check("{ file: motions.csv, layout: samples }", expect!["motions.csv: row 1: expected 2 channels, found 32 columns; list the inputs in `channels`, or the other columns in `ignore`"]);
    place.check("validation: 0.25", "validation: missing.csv", &expect!["bad.yaml: data.validation: missing.csv: No such file or directory (os error 2)"]);
    place.check("validation: 0.25", "test: missing.csv", &expect!["bad.yaml: data.test: missing.csv: No such file or directory (os error 2)"]);
    place.check("task: classification", "task: classification\n  folder: nowhere", &expect!["bad.yaml: data.train: nowhere/motions.csv: No such file or directory (os error 2)"]);
}
