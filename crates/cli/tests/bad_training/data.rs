//! The section `data`, and the files that it names.

use expect_test::{Expect, expect};

use crate::Place;

#[test]
#[rustfmt::skip]
fn fields() {
    let place = Place::new();
    let check = |from: &str, to: &str, expected: Expect| place.check(from, to, &expected);
    check("task: classification", "task: sorting", expect!["bad.yaml: data.task: `sorting` is unknown; known are classification, segmentation, regression, denoising"]);
    check("  task: classification\n", "", expect!["bad.yaml: data.task: missing"]);
    check("task: classification", "task: classification\n  windows: 3", expect!["bad.yaml: data.windows: unknown key; the nearest valid one is `window`"]);
    check("  train: motions.csv\n", "", expect!["bad.yaml: data.train: missing"]);
    check("train: motions.csv", "train: 3", expect!["bad.yaml: data.train: the number 3 found, a file's name, a mapping with the key `file`, or a list of them is needed"]);
    check("train: motions.csv", "train: []", expect!["bad.yaml: data.train: no file; at least one is needed"]);
    check("train: motions.csv", "train: {}", expect!["bad.yaml: data.train.file: missing"]);
    check("train: motions.csv", "train: [[motions.csv]]", expect!["bad.yaml: data.train[0]: a list found, a file's name or a mapping with the key `file` is needed"]);
    check("train: motions.csv", "train: { file: motions.csv, form: 0 }", expect!["bad.yaml: data.train.form: unknown key; the nearest valid one is `from`"]);
    check("train: motions.csv", "train: { file: motions.csv, layout: rows }", expect!["bad.yaml: data.train.layout: `rows` is unknown; known are recordings, samples"]);
    check("train: motions.csv", "train: { file: motions.csv, target: [] }", expect!["bad.yaml: data.train.target: a list of 0 found, a column's name, its number from 0, or a list of them is needed"]);
    check("train: motions.csv", "train: { file: motions.csv, target: 1.5 }", expect!["bad.yaml: data.train.target: the number 1.5 found, a column's name, its number from 0, or a list of them is needed"]);
    check("train: motions.csv", "train: { file: motions.csv, from: -1 }", expect!["bad.yaml: data.train.from: the number -1 found, a whole number of at least 0 is needed"]);
    check("validation: 0.25", "validation: 0", expect!["bad.yaml: data.validation: 0; a share above 0 and below 1 is needed"]);
    check("validation: 0.25", "validation: 1", expect!["bad.yaml: data.validation: 1; a share above 0 and below 1 is needed"]);
    check("validation: 0.25", "validation: -0.5", expect!["bad.yaml: data.validation: -0.5; a share above 0 and below 1 is needed"]);
    check("validation: 0.25", "validation: .nan", expect!["bad.yaml: data.validation: .nan is not a finite number"]);
    check("validation: 0.25", "validation: true", expect!["bad.yaml: data.validation: `true` found, a share of the training recordings, a file's name, a mapping with the key `file`, or a list of them is needed"]);
    check("validation: 0.25", "validation: { fil: motions.csv }", expect!["bad.yaml: data.validation.fil: unknown key; the nearest valid one is `file`"]);
    check("validation: 0.25", "validation: 0.001", expect!["bad.yaml: data.validation: 0.001 of 12 recordings is none; whole recordings are held out, so name a file or more of them"]);
    check("validation: 0.25", "normalize: batch", expect!["bad.yaml: data.normalize: `batch` is unknown; known are channel, none"]);
    check("validation: 0.25", "classes: []", expect!["bad.yaml: data.classes: the list is empty; at least one class is needed"]);
    check("validation: 0.25", "classes: [rest, rest]", expect!["bad.yaml: data.classes[1]: `rest` is there twice"]);
    check("validation: 0.25", "class_weights: heavy", expect![[r#"bad.yaml: data.class_weights: the text "heavy" found, `balanced` or a list of numbers is needed"#]]);
    check("validation: 0.25", "class_weights: [1]", expect!["bad.yaml: data.class_weights: 1 weights; there are 2 classes"]);
    check("validation: 0.25", "class_weights: [1, -1]", expect!["bad.yaml: data.class_weights[1]: -1; a finite number from 0 is needed"]);
    check("validation: 0.25", "threads: 0", expect!["bad.yaml: data.threads: 0; 1 to 256 are supported"]);
    check("validation: 0.25", "threads: 100000", expect!["bad.yaml: data.threads: 100000; 1 to 256 are supported"]);
    check("validation: 0.25", "stitch: { sed: 1 }", expect!["bad.yaml: data.stitch.sed: unknown key; the nearest valid one is `seed`"]);
    check("validation: 0.25", "stitch: { seed: -1 }", expect!["bad.yaml: data.stitch.seed: the number -1 found, a whole number of at least 0 is needed"]);
}

#[test]
#[rustfmt::skip]
fn windows() {
    let place = Place::new();
    let check = |to: &str, expected: Expect| place.check("validation: 0.25", to, &expected);
    check("window: { length: 8 }", expect!["bad.yaml: data.window.length: 8; the network's input has 16 samples"]);
    check("window: { step: 8 }", expect!["bad.yaml: data.window.length: missing"]);
    check("window: 16", expect!["bad.yaml: data.window: the number 16 found, a mapping of keys is needed"]);
    check("window: { length: 16, step: 0 }", expect!["bad.yaml: data.window.step: 0; at least 1 is needed"]);
    check("window: { length: 16, evaluation_step: 0 }", expect!["bad.yaml: data.window.evaluation_step: 0; at least 1 is needed"]);
    let long =
        crate::GOOD.replace("length: 16", "length: 64").replace("validation: 0.25", "window: { length: 64 }");
    place.refuses(&long, &expect!["motions.csv: row 1: 16 samples; a window needs 64"]);
}

#[test]
#[rustfmt::skip]
fn augmentation() {
    let place = Place::new();
    let check = |to: &str, expected: Expect| place.check("validation: 0.25", to, &expected);
    check("augment: { jiter: 0.1 }", expect!["bad.yaml: data.augment.jiter: unknown key; the nearest valid one is `jitter`"]);
    check("augment: { jitter: -0.1 }", expect!["bad.yaml: data.augment.jitter: -0.1; a finite number from 0 is needed"]);
    check("augment: { jitter: .inf }", expect!["bad.yaml: data.augment.jitter: .inf is not a finite number"]);
    check("augment: { scale: a lot }", expect![[r#"bad.yaml: data.augment.scale: the text "a lot" found, a number is needed"#]]);
    check("augment: { shift: 16 }", expect!["bad.yaml: data.augment.shift: 16; less than the input's 16 is needed"]);
    check("augment: { shift: -1 }", expect!["bad.yaml: data.augment.shift: the number -1 found, a whole number of at least 0 is needed"]);
    check("augment: { mask: 1 }", expect!["bad.yaml: data.augment.mask: 1; 0 to below 1 is needed"]);
    check("augment: { channel_dropout: 1.5 }", expect!["bad.yaml: data.augment.channel_dropout: 1.5; 0 to below 1 is needed"]);
    check("augment: { wander: -1 }", expect!["bad.yaml: data.augment.wander: -1; a finite number from 0 is needed"]);
    check("augment: { flip: true }", expect!["bad.yaml: data.augment.flip: the input is a series; it is for images only"]);
    check("augment: { crop: 2 }", expect!["bad.yaml: data.augment.crop: the input is a series; it is for images only"]);
    let image = crate::GOOD.replace("length: 16", "height: 4, width: 4");
    let of_image =
        |to: &str, expected: Expect| place.refuses(&image.replace("validation: 0.25", to), &expected);
    of_image("augment: { mask: 0.1 }", expect!["bad.yaml: data.augment.mask: the input is an image; it is for series only"]);
    of_image("augment: { crop: 2 }", expect!["bad.yaml: data.augment.crop: 2; less than half of the input's 4 is needed"]);
    of_image("window: { length: 4 }", expect!["bad.yaml: data.window: the input is an image; only series are cut into windows"]);
    of_image("stitch: { seed: 1 }", expect!["bad.yaml: data.stitch: the input is an image; only series can be laid end to end"]);
    let one = crate::GOOD.replace("channels: 2, length: 16", "channels: 1, length: 32");
    place.refuses(&one.replace("validation: 0.25", "augment: { channel_dropout: 0.1 }"), &expect!["bad.yaml: data.augment.channel_dropout: the input has 1 channel; at least 2 are needed"]);
}

#[test]
#[rustfmt::skip]
fn noise() {
    let place = Place::new();
    let check = |to: &str, expected: Expect| place.check("validation: 0.25", to, &expected);
    check("noise: { snr: 10 }", expect!["bad.yaml: data.noise: the task is not denoising; noise in training is `augment.jitter`"]);
    let denoising = crate::GOOD.replace("classification", "denoising");
    let check = |to: &str, expected: Expect| {
        place.refuses(&denoising.replace("validation: 0.25", to), &expected);
    };
    check("noise: 10", expect!["bad.yaml: data.noise: the number 10 found, a mapping of keys is needed"]);
    check("noise: { white: 1 }", expect!["bad.yaml: data.noise.snr: missing"]);
    check("noise: { snr: 1000 }", expect!["bad.yaml: data.noise.snr: 1000; -200 to 200 dB are supported"]);
    check("noise: { snr: 0, white: -1 }", expect!["bad.yaml: data.noise.white: -1; a finite number from 0 is needed"]);
    check("noise: { snr: 0, white: 0 }", expect!["bad.yaml: data.noise: white and wander are both 0; at least one must be above"]);
    check("noise: { snr: 0, wander: 1 }", expect!["bad.yaml: data.noise.rate: missing; wander needs the number of samples per second"]);
    check("noise: { snr: 0, wander: 1, rate: 0 }", expect!["bad.yaml: data.noise.rate: 0; a finite number above 0 is needed"]);
    check("noise: { snr: 0, wander: 1, rate: 100, wander_band: [3, 1] }", expect!["bad.yaml: data.noise.wander_band: 3 to 1 Hz; a band above 0 and up to 50 Hz is needed"]);
    check("noise: { snr: 0, wander: 1, rate: 100, wander_band: [1] }", expect!["bad.yaml: data.noise.wander_band: a list of 1 found, a list of 2 is needed"]);
    check("class_weights: balanced", expect!["bad.yaml: data.class_weights: the task has no classes"]);
    check("classes: [a, b]", expect!["bad.yaml: data.classes: the task has no classes"]);
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
    check("missing.csv", expect!["missing.csv: No such file or directory (os error 2)"]);
    check("motions", expect!["motions: unknown kind of file; .ts, .csv, .tsv (also .gz), .npy, .npz, .safetensors and folders of images are read"]);
    check("motions.xyz", expect!["motions.xyz: unknown kind of file; .ts, .csv, .tsv (also .gz), .npy, .npz, .safetensors and folders of images are read"]);
    check("empty.csv", expect!["empty.csv: no rows; at least one is needed"]);
    check("word.csv", expect!["word.csv: row 2, column 2: `ten`; a finite number is needed"]);
    check("hole.csv", expect!["hole.csv: row 2, column 2: `nan`; a finite number is needed"]);
    check("short.csv", expect!["short.csv: row 2: 32 columns; the first row has 33"]);
    check("broken.npy", expect!["broken.npy: not a whole .npy file"]);
    check("{ file: motions.csv, from: 9, to: 3 }", expect!["motions.csv: recordings 9 to 3 are asked for; the file has 12"]);
    check("{ file: motions.csv, from: 12 }", expect!["motions.csv: recordings 12 to 12 are asked for; the file has 12"]);
    check("{ file: motions.csv, to: 0 }", expect!["motions.csv: recordings 0 to 0 are asked for; the file has 12"]);
    check("{ file: motions.csv, target: label }", expect!["motions.csv: row 1: no column `label`; the columns are 0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 0 and 21 more"]);
    check("{ file: motions.csv, target: 99 }", expect!["motions.csv: row 1: no column 99; there are 33 and the first is 0"]);
    check("{ file: motions.csv, layout: samples }", expect!["bad.yaml: data.validation: 0.25 of 1 recordings is none; whole recordings are held out, so name a file or more of them"]);
    place.check("validation: 0.25", "validation: missing.csv", &expect!["missing.csv: No such file or directory (os error 2)"]);
    place.check("validation: 0.25", "test: missing.csv", &expect!["missing.csv: No such file or directory (os error 2)"]);
    place.check("task: classification", "task: classification\n  folder: nowhere", &expect!["nowhere/motions.csv: No such file or directory (os error 2)"]);
}
