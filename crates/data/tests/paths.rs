//! Folders and patterns of files.
#![allow(clippy::unwrap_used, reason = "tests")]

mod files;

use std::sync::Mutex;

use data::{Config, OpenProgress};
use expect_test::expect;
use files::{Folder, shape};

const CLASSES: &str = "task: classification\n";

/// Files of several subjects, with others beside them.
fn subjects() -> Folder {
    Folder::of(&[
        ("subjects/s2.csv", b"2,0,a\n2,1,b\n"),
        ("subjects/s1.csv", b"1,0,a\n"),
        ("subjects/deep/s3.csv", b"3,0,b\n3,1,c\n"),
        ("subjects/.hidden.csv", b"x"),
        ("subjects/.git/x.csv", b"x"),
        ("subjects/README.txt", b"x"),
        ("subjects/plot.png", b"x"),
        ("subjects/report.pdf", b"x"),
        ("a[1]/s1.csv", b"1,0,a\n"),
        ("empty/report.pdf", b"x"),
        ("texts/a.txt", b"x"),
        ("photos/labels.csv", b"x"),
        ("photos/a/1.png", b"x"),
    ])
}

/// Returns the first value of each recording, without normalization.
fn firsts(folder: &Folder, files: &str) -> Vec<f32> {
    let splits = folder.open(&format!("{CLASSES}normalize: none\ntrain: {files}"), &[1, 2]).unwrap();
    let example = |i| splits.train.example(i, data::Order::InOrder).unwrap().input.data()[0];
    (0..splits.train.len()).map(example).collect()
}

#[test]
fn a_folder_of_data_files_is_read_in_order_of_their_names() {
    let folder = subjects();
    let splits = folder.open(&format!("{CLASSES}train: subjects"), &[1, 2]).unwrap();
    assert_eq!(splits.classes, ["a", "b", "c"]);
    assert_eq!(splits.train.recordings(), 5);
    assert_eq!(firsts(&folder, "subjects"), [3.0, 3.0, 1.0, 2.0, 2.0]);
    let notes = splits.notes.join("\n").replace(&format!("{}/", folder.path().display()), "");
    expect!["subjects: 3 files were not read: README.txt, plot.png, report.pdf"].assert_eq(&notes);
}

#[test]
fn patterns_match_files_and_folders() {
    let folder = subjects();
    assert_eq!(firsts(&folder, "'subjects/*.csv'"), [1.0, 2.0, 2.0]);
    assert_eq!(firsts(&folder, "'subjects/s?.csv'"), [1.0, 2.0, 2.0]);
    assert_eq!(firsts(&folder, "'subjects/**/s*.csv'"), [3.0, 3.0, 1.0, 2.0, 2.0]);
    assert_eq!(firsts(&folder, "'subjects/d*'"), [3.0, 3.0]);
    assert_eq!(firsts(&folder, "'sub*'"), [3.0, 3.0, 1.0, 2.0, 2.0]);
    assert_eq!(firsts(&folder, "'a[1]/*.csv'"), [1.0]);
    assert_eq!(firsts(&folder, "['subjects/s1.csv', 'subjects/deep/*']"), [1.0, 3.0, 3.0]);
}

#[test]
fn from_and_to_count_the_recordings_of_all_files() {
    let folder = subjects();
    assert_eq!(firsts(&folder, "{ file: subjects, from: 1, to: 4 }"), [3.0, 1.0, 2.0]);
    let error = folder.error(&format!("{CLASSES}train: {{ file: subjects, to: 6 }}"), &[1, 2]);
    expect!["subjects: expected `from` < `to` <= 5, the number of recordings, found 0 and 6"]
        .assert_eq(&error);
}

#[test]
fn folders_and_patterns_without_data_files_are_refused() {
    let folder = subjects();
    let error = |files: &str| folder.error(&format!("{CLASSES}train: {files}"), &[1, 2]);
    expect!["subjects/*.tsv: expected at least one file that matches this pattern, found none"]
        .assert_eq(&error("'subjects/*.tsv'"));
    expect!["empty: expected at least one data file, found none; name a folder of .csv, .tsv, .txt, .ts, .npy, .npz or .safetensors files, or of images"]
        .assert_eq(&error("empty"));
    expect!["photos/*/*: expected at least one data file, found images; name the folder that contains a folder of images for each class"]
        .assert_eq(&error("'photos/*/*'"));
    expect!["subjects/***: invalid pattern: wildcards are either regular `*` or recursive `**`"]
        .assert_eq(&error("'subjects/***'"));
    // A table beside folders of images does not make them data files.
    let error = folder.error(&format!("{CLASSES}train: photos"), &[3, 8, 8]);
    assert!(error.starts_with("photos/a/1.png: "), "{error}");
}

#[test]
fn the_first_file_with_an_error_is_named_for_any_number_of_threads() {
    let files: Vec<(String, Vec<u8>)> = (0..40)
        .map(|i| {
            (format!("t/{i:02}.csv"), if i % 13 == 12 { b"1,x,a\n".to_vec() } else { b"1,2,a\n".to_vec() })
        })
        .collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (&name[..], &bytes[..])).collect();
    let folder = Folder::of(&files);
    for threads in [1, 2, 7] {
        let error = folder.error(&format!("{CLASSES}threads: {threads}\ntrain: t"), &[1, 2]);
        assert!(error.starts_with("t/12.csv: row 1, column 2: "), "{error}");
    }
}

#[test]
fn progress_counts_files_and_recordings() {
    let folder = subjects();
    let config: Config =
        serde_yaml::from_str(&format!("{CLASSES}train: subjects\ntest: 'a*/*.csv'\nallow_overlap: true"))
            .unwrap();
    let seen = Mutex::new(Vec::new());
    config
        .open_with(&shape(&[1, 2]), folder.path(), &|progress| seen.lock().unwrap().push(progress))
        .unwrap();
    let seen = seen.into_inner().unwrap();
    assert_eq!(seen.len(), 4 + 5 + 1);
    for done in 1..=4 {
        assert!(seen.contains(&OpenProgress::Files { done, total: 4 }));
    }
    assert!(seen.contains(&OpenProgress::Recordings { done: 5, total: 5 }));
    assert_eq!(seen.last(), Some(&OpenProgress::Recordings { done: 1, total: 1 }));
}

#[test]
fn folders_and_patterns_are_read_for_prediction() {
    let folder = Folder::of(&[
        ("night/2.csv", b"3,4\n"),
        ("night/1.csv", b"1,2\n"),
        ("night/notes.md", b"x"),
        ("other/1.npy", &files::npy("<f4", "(1, 1, 2)", &files::floats(&[5.0, 6.0]))),
    ]);
    let read = |path: &str| {
        let input = shape(&[1, 2]);
        let memory = data::InputReader::new(&input).read(&folder.path().join(path)).unwrap();
        let first = |recording: &data::Recording| recording.input.data()[0];
        (memory.recordings.iter().map(first).collect::<Vec<f64>>(), memory.description.notes)
    };
    let (found, notes) = read("night");
    assert_eq!(found, [1.0, 3.0]);
    assert!(notes[0].ends_with("night: 1 file was not read: notes.md"), "{notes:?}");
    assert_eq!(read("*/1.*").0, [1.0, 5.0]);
}
