//! Splits that share a recording, a group or a part of a file are refused.
#![allow(clippy::unwrap_used, reason = "tests")]

mod files;

use data::Order;
use expect_test::{Expect, expect};
use files::Folder;

const CLASSES: &str = "task: classification\nclasses: [a, b]\nformat: { target: label }\n";
const HEADER: &str = "x,y,label\n";

fn check(folder: &Folder, config: &str, input: &[usize], expected: &Expect) {
    expected.assert_eq(&folder.error(config, input));
    let allowed = folder.open(&format!("{config}\nallow_overlap: true"), input);
    assert!(allowed.is_ok(), "{:?}", allowed.err());
}

/// Two tables that share the recording `5,6`, whose label differs, and a copy of the first.
fn tables() -> Folder {
    let first = format!("{HEADER}1,2,a\n3,4,b\n5,6,a\n");
    let second = format!("{HEADER}7,8,a\n5,6,b\n9,9,b\n");
    let folder = Folder::of(&[
        ("a.csv", first.as_bytes()),
        ("copy.csv", first.as_bytes()),
        ("b.csv", second.as_bytes()),
    ]);
    std::os::unix::fs::symlink("a.csv", folder.path().join("link.csv")).unwrap();
    folder
}

#[test]
fn splits_that_share_a_recording_are_refused() {
    let (folder, input) = (tables(), &[1, 2][..]);
    let open = |rest: &str| format!("{CLASSES}train: a.csv\n{rest}");
    check(
        &folder,
        &open("test: b.csv"),
        input,
        &expect![
            "data.test: expected recordings that are not in `train`, found 1 of 3 with the same input, such as `b.csv: row 3` and `a.csv: row 4`; remove them, or accept them with `allow_overlap: true`"
        ],
    );
    check(
        &folder,
        &open("test: copy.csv"),
        input,
        &expect![
            "data.test: expected recordings that are not in `train`, found 3 of 3 with the same input, such as `copy.csv: row 2` and `a.csv: row 2`; remove them, or accept them with `allow_overlap: true`"
        ],
    );
    check(
        &folder,
        &open("validation: b.csv"),
        input,
        &expect![
            "data.validation: expected recordings that are not in `train`, found 1 of 3 with the same input, such as `b.csv: row 3` and `a.csv: row 4`; remove them, or accept them with `allow_overlap: true`"
        ],
    );
    check(
        &folder,
        &format!(
            "{CLASSES}train: {{ file: b.csv, to: 1 }}\nvalidation: a.csv\ntest: {{ file: b.csv, from: 1 }}"
        ),
        input,
        &expect![
            "data.test: expected recordings that are not in `validation`, found 1 of 2 with the same input, such as `b.csv: row 3` and `a.csv: row 4`; remove them, or accept them with `allow_overlap: true`"
        ],
    );
    check(
        &folder,
        &open("validation: 0.34\ntest: b.csv"),
        input,
        &expect![
            "data.test: expected recordings that are not in `train`, found 1 of 3 with the same input, such as `b.csv: row 3` and `a.csv: row 4`; remove them, or accept them with `allow_overlap: true`"
        ],
    );
}

#[test]
fn a_file_in_two_splits_is_refused_by_whatever_name() {
    let (folder, input) = (tables(), &[1, 2][..]);
    let open = |rest: &str| format!("{CLASSES}train: a.csv\n{rest}");
    check(
        &folder,
        &open("test: a.csv"),
        input,
        &expect![
            "data.test: expected parts of files that are not in `train`, found a.csv in both; remove them, or accept them with `allow_overlap: true`"
        ],
    );
    check(
        &folder,
        &open("test: link.csv"),
        input,
        &expect![
            "data.test: expected parts of files that are not in `train`, found link.csv in both; remove them, or accept them with `allow_overlap: true`"
        ],
    );
    check(
        &folder,
        &open("test: { file: ./a.csv, from: 1 }"),
        input,
        &expect![
            "data.test: expected parts of files that are not in `train`, found ./a.csv from 1 in both; remove them, or accept them with `allow_overlap: true`"
        ],
    );
    check(
        &folder,
        &open("validation: '*b.csv'\ntest: b.csv"),
        input,
        &expect![
            "data.test: expected parts of files that are not in `validation`, found b.csv in both; remove them, or accept them with `allow_overlap: true`"
        ],
    );
    let twice = folder.error(&format!("{CLASSES}train: [a.csv, link.csv]"), input);
    expect!["data.train[1]: reads link.csv, which entry 0 also reads; list each recording once"]
        .assert_eq(&twice);
    let apart = "train: { file: a.csv, to: 2 }\ntest: { file: a.csv, from: 2 }";
    assert!(folder.open(&format!("{CLASSES}{apart}"), input).is_ok());
}

/// The ranges have different samples, so no recording is equal to another.
#[test]
fn ranges_of_one_series_that_intersect_are_refused() {
    let rows: String = (0..40).map(|i| format!("{},{}\n", i * i % 17, ["a", "b"][i / 5 % 2])).collect();
    let folder = Folder::of(&[("day.csv", rows.as_bytes())]);
    let open = |test: &str| {
        format!(
            "task: segmentation\nformat: {{ layout: samples }}\nwindow: {{ length: 4 }}\n\
             train: {{ file: day.csv, to: 28 }}\ntest: {test}"
        )
    };
    check(
        &folder,
        &open("{ file: day.csv, from: 12 }"),
        &[1, 4],
        &expect![
            "data.test: expected parts of files that are not in `train`, found day.csv from 12 to 28 in both; remove them, or accept them with `allow_overlap: true`"
        ],
    );
    check(
        &folder,
        &open("day.csv"),
        &[1, 4],
        &expect![
            "data.test: expected parts of files that are not in `train`, found day.csv from 0 to 28 in both; remove them, or accept them with `allow_overlap: true`"
        ],
    );
    assert!(folder.open(&open("{ file: day.csv, from: 28 }"), &[1, 4]).is_ok());
}

#[test]
fn the_arrays_of_an_archive_are_not_one_file() {
    let array = |begin: f32| {
        files::npy("<f4", "(2, 1, 2)", &files::floats(&[begin, begin + 1.0, begin + 2.0, begin + 3.0]))
    };
    let folder = Folder::of(&[("a.npz", &files::npz(&[("x", array(0.0)), ("y", array(9.0))]))]);
    let open = |test: &str| {
        let config = format!(
            "task: denoising\nnoise: {{ snr: 0 }}\ntrain: {{ file: a.npz, input: x }}\ntest: {{ file: a.npz, input: {test} }}"
        );
        folder.open(&config, &[1, 2])
    };
    assert!(open("y").is_ok() && open("x").is_err());
}

#[test]
fn an_overlap_that_is_accepted_is_a_note() {
    let folder = tables();
    let config = format!("{CLASSES}train: a.csv\ntest: b.csv\nallow_overlap: true");
    let splits = folder.open(&config, &[1, 2]).unwrap();
    let notes: Vec<&String> = splits.notes.iter().filter(|note| note.starts_with("test: ")).collect();
    let [note] = notes[..] else { panic!("{:?}", splits.notes) };
    let note = note.replace(&format!("{}/", folder.path().display()), "");
    expect!["test: 1 of 3 recordings have the same input as recordings in `train`, such as `b.csv: row 3` and `a.csv: row 4`"].assert_eq(&note);
}

/// Each recording is there four times.
#[test]
fn equal_recordings_are_on_one_side_of_a_share_if_that_is_possible() {
    let rows: String = (0..40).map(|i| format!("{},{},{}\n", i % 10, i % 10, ["a", "b"][i % 2])).collect();
    let folder = Folder::of(&[("t.csv", format!("{HEADER}{rows}").as_bytes())]);
    let values = |examples: &data::Examples| -> std::collections::BTreeSet<String> {
        let value = |i| examples.example(i, Order::InOrder).unwrap().input.data()[0].to_string();
        (0..examples.len()).map(value).collect()
    };
    let splits = folder.open(&format!("{CLASSES}train: t.csv\nvalidation: 0.4"), &[1, 2]).unwrap();
    let validation = splits.validation.unwrap();
    assert_eq!((splits.train.len(), validation.len()), (24, 16));
    assert_eq!(validation.class_counts(), [8, 8]);
    assert!(values(&splits.train).is_disjoint(&values(&validation)));
    assert_eq!(splits.notes.iter().filter(|note| note.starts_with("validation: ")).count(), 0);

    let splits = folder.open(&format!("{CLASSES}train: t.csv\nvalidation: 0.05"), &[1, 2]).unwrap();
    assert_eq!(
        splits.validation.unwrap().class_counts(),
        [1, 1],
        "no two of eight recordings are without equal"
    );
    expect!["validation: some training recordings have the same input as validation recordings, because no share keeps them together"]
        .assert_eq(splits.notes.iter().find(|note| note.starts_with("validation: ")).unwrap());
}
