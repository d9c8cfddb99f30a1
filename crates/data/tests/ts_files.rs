//! `.ts` files.
#![allow(clippy::unwrap_used, reason = "tests")]

mod files;

use data::{Order, Targets};
use expect_test::expect;
use files::Folder;

const CLASSES: &str = "task: classification\nnormalize: none\n";

/// The classes of the training examples, and their names.
fn classes(text: &[u8], rest: &str) -> (Vec<String>, Vec<i64>) {
    let folder = Folder::of(&[("t.ts", text)]);
    let splits = folder.open(&format!("{CLASSES}train: t.ts\n{rest}"), &[1, 2]).unwrap();
    let batch = splits.train.batches(Order::InOrder, splits.train.len(), 0).next().unwrap().unwrap();
    let Targets::Classes(found) = batch.target else { panic!("classes") };
    (splits.classes, found)
}

#[test]
fn a_byte_order_mark_is_skipped_and_lines_may_end_with_cr() {
    let text = b"\xef\xbb\xbf@classLabel true a b\r@data\r1,2:b\r3,4:a";
    assert_eq!(classes(text, ""), (vec!["a".to_owned(), "b".to_owned()], vec![1, 0]));
}

#[test]
fn declared_integers_are_classes_however_they_are_written() {
    let text = b"@classLabel true 1 2\n@data\n1,2:2.0\n3,4:1\n";
    assert_eq!(classes(text, ""), (vec!["1".to_owned(), "2".to_owned()], vec![1, 0]));
    let text = b"@classLabel true -1.0 1.0\n@data\n1,2:1\n3,4:-1\n";
    assert_eq!(classes(text, ""), (vec!["-1".to_owned(), "1".to_owned()], vec![1, 0]));
}

#[test]
fn the_config_names_the_declared_classes() {
    let text = b"@classLabel true 1 2 3\n@data\n1,2:2.0\n3,4:1\n5,6:3\n";
    let rest = "classes: { 3: walk, 1: rest, 2: walk }";
    assert_eq!(classes(text, rest), (vec!["walk".to_owned(), "rest".to_owned()], vec![0, 1, 0]));
}

#[test]
fn missing_values_are_refused_by_default() {
    let text = b"@classLabel true a b\n@data\n1,?:a\nNaN,4:b\n";
    let folder = Folder::of(&[("t.ts", text)]);
    expect!["t.ts: row 3, channel 1, sample 2: expected a finite number, found `?`"]
        .assert_eq(&folder.error(&format!("{CLASSES}train: t.ts"), &[1, 2]));
}

#[test]
fn keys_of_tables_are_refused() {
    let folder = Folder::of(&[("t.ts", b"@classLabel true a\n@data\n1,2:a\n")]);
    let error = |keys: &str| folder.error(&format!("{CLASSES}train: {{ file: t.ts, {keys} }}"), &[1, 2]);
    expect!["t.ts: `target`: not supported for .ts files"].assert_eq(&error("target: 0"));
    expect!["t.ts: `separator`: not supported for .ts files"].assert_eq(&error("separator: ';'"));
}
