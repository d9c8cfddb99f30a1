//! Reading the data in the repository, as the configs in the README do.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::PathBuf;

use data::{Config, Order, Splits, Targets};
use graph::Shape;

fn open(text: &str, input: impl Into<Shape>) -> Splits {
    let config: Config = serde_yaml::from_str(text).unwrap();
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../benches/data");
    config.open(&input.into(), &folder).unwrap()
}

const MOTIONS: &str = "train: BasicMotions_TRAIN.ts\ntest: BasicMotions_TEST.ts\n";

#[test]
fn motions_as_recordings() {
    let splits = open(&format!("task: classification\n{MOTIONS}validation: 0.2\n"), [6, 100]);
    assert_eq!(splits.classes, ["Standing", "Running", "Walking", "Badminton"]);
    assert_eq!((splits.train.len(), splits.test.as_ref().unwrap().len()), (32, 40));
    let validation = splits.validation.unwrap();
    let batch = validation.batches(Order::InOrder, 8, 0).next().unwrap().unwrap();
    assert_eq!(batch.input.shape(), [8, 6, 100]);
    // Two of each class, as the file lists them class by class.
    assert_eq!(batch.target, Targets::Classes(vec![0, 0, 1, 1, 2, 2, 3, 3]));
}

#[test]
fn motions_joined_end_to_end() {
    let text = "stitch: { seed: 1 }\nwindow: { length: 400, step: 100 }\n";
    let splits = open(&format!("task: segmentation\n{MOTIONS}{text}"), [6, 400]);
    assert_eq!((splits.train.len(), splits.test.unwrap().len()), (37, 10));
    let batch = splits.train.batches(Order::Shuffled { seed: 1, epoch: 0 }, 8, 4).next().unwrap().unwrap();
    let Targets::Positions { shape, classes } = batch.target else { panic!("labels lie over samples") };
    assert_eq!((batch.input.shape(), &shape[..]), (&[5, 6, 400][..], &[5, 400][..]));
    assert!(classes.iter().all(|class| (0..4).contains(class)));
}

#[test]
fn digits_from_a_table() {
    let text = "task: classification
train: { file: digits.csv.gz, from: 0, to: 1437 }
test: { file: digits.csv.gz, from: 1437, to: 1797 }
class_weights: balanced
augment: { shift: 1, flip: true, crop: 1, jitter: 0.05, scale: 0.1 }
";
    let splits = open(text, [1, 8, 8]);
    assert_eq!((splits.train.len(), splits.test.unwrap().len()), (1437, 360));
    assert_eq!(splits.classes.join(" "), "0 1 2 3 4 5 6 7 8 9");
    let weights = splits.class_weights.unwrap();
    assert!(weights.iter().all(|weight| (0.9..1.1).contains(weight)), "{weights:?}");
    let order = Order::Shuffled { seed: 0, epoch: 3 };
    assert_eq!(
        splits.train.batches(order, 100, 0).map(|batch| batch.unwrap().input.shape()[0]).sum::<usize>(),
        1437
    );
}

#[test]
fn noise_added_to_an_ecg() {
    let text = "task: denoising
train: { file: ecg-mitbih-208-360hz.npy, from: 0, to: 86400 }
test: { file: ecg-mitbih-208-360hz.npy, from: 86400, to: 108000 }
window: { length: 720, step: 180 }
noise: { snr: 0, white: 1, wander: 1, sampling_rate: 360 }
";
    let splits = open(text, [1, 720]);
    let test = splits.test.unwrap();
    assert_eq!((splits.train.len(), test.len()), (477, 30));
    for batch in test.batches(Order::InOrder, 7, 0) {
        let batch = batch.unwrap();
        let Targets::Values(clean) = batch.target else { panic!("the clean signal is the target") };
        for (noisy, clean) in batch.input.data().chunks(720).zip(clean.data().chunks(720)) {
            let power = |values: Vec<f64>| values.iter().map(|x| x * x).sum::<f64>() / 720.0;
            let mean = clean.iter().map(|&x| f64::from(x)).sum::<f64>() / 720.0;
            let signal = power(clean.iter().map(|&x| f64::from(x) - mean).collect());
            let noise = power(noisy.iter().zip(clean).map(|(a, b)| f64::from(a - b)).collect());
            assert!((noise / signal - 1.0).abs() < 1e-5, "{noise} beside {signal}");
        }
    }
}
