//! The cache of recordings changes nothing but the time that reading takes.
#![allow(clippy::unwrap_used, reason = "tests")]

mod files;

use data::{Batch, Order, Splits};
use files::Folder;

/// Files with rows of recordings, or with a row for each sample and a class, a number or a signal.
fn folder() -> Folder {
    let rows = |first: usize| -> String {
        (0..30).map(|i| format!("{},{},{}\n", i + first, i * i % 7, ["a", "b"][i % 2])).collect()
    };
    let samples = |count: usize| -> String {
        (0..count).map(|i| format!("{},{},{}\n", i * 7 % 11, i % 5, ["x", "", "y"][i / 4 % 3])).collect()
    };
    let signals: String = (0..40).map(|i| format!("{},{}\n", i * 5 % 13, i % 3)).collect();
    let numbers: String = (0..40).map(|i| format!("{},{},{}\n", i, i * 5 % 13, i % 3)).collect();
    Folder::of(&[
        ("rows/1.csv", rows(0).as_bytes()),
        ("rows/2.csv", rows(100).as_bytes()),
        ("series/1.csv", samples(50).as_bytes()),
        ("series/2.csv", samples(70).as_bytes()),
        ("signals.csv", signals.as_bytes()),
        ("numbers.csv", numbers.as_bytes()),
    ])
}

fn batches(splits: &Splits) -> Vec<Batch> {
    let order = Order::Shuffled { seed: 3, epoch: 0 };
    splits.train.batches(order, 8, 0).map(Result::unwrap).collect()
}

#[test]
fn batches_do_not_depend_on_the_size_of_the_cache() {
    let folder = folder();
    for (config, input) in [
        ("task: classification\ntrain: rows", [1, 2]),
        ("task: regression\ntrain: numbers.csv", [1, 2]),
        (
            "task: segmentation\nwindow: { length: 10, step: 5 }\naugment: { shift: 3 }\ntrain: { file: series, layout: samples }",
            [2, 10],
        ),
        (
            "task: denoising\nwindow: { length: 10 }\ntrain: { file: signals.csv, layout: samples, target: 1 }",
            [1, 10],
        ),
    ] {
        let open =
            |size: usize| folder.open(&format!("cache_size: {size}\nthreads: 2\n{config}"), &input).unwrap();
        let (in_memory, in_file) = (open(1), open(0));
        assert_eq!(in_memory.train.digest(), in_file.train.digest(), "{config}");
        assert_eq!(in_memory.classes, in_file.classes, "{config}");
        assert_eq!(batches(&in_memory), batches(&in_file), "{config}");
    }
}
