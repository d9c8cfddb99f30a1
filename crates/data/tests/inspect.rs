//! Contents of files, before anything is known about the task.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use data::{Config, Content, File, TableContent, TableLayout, Task, inspect, npy};
use tempfile::{TempDir, tempdir};

fn table(text: &str) -> (TempDir, TableContent) {
    let place = tempdir().unwrap();
    std::fs::write(place.path().join("t.csv"), text).unwrap();
    let Content::Tables(table) = inspect(&place.path().join("t.csv")).unwrap().content else {
        panic!("{text}")
    };
    (place, table)
}

#[test]
fn columns_are_described_by_their_cells() {
    let text = "# watch\ntime;x;n;label\n;g;;\n2026-03-01;1,5;7;a\n2026-03-02;;8;a\n2026-03-03;-2,0;9;b\n";
    let (_place, table) = table(text);
    assert_eq!((table.rows, table.fewest_rows, table.has_header, table.is_ragged), (3, 3, true, false));
    let [time, x, n, label] = &table.columns[..] else { panic!("{table:?}") };
    assert_eq!((time.name.as_str(), time.texts, time.times, time.rises), ("time", 3, 3, true));
    assert_eq!((x.numbers, x.integers, x.missing, x.range), (2, 0, 1, Some([-2.0, 1.5])));
    assert!(n.counts && n.rises && n.integers == 3 && !n.is_binary());
    let labels: Vec<(&str, usize)> =
        label.labels.iter().flatten().map(|(name, n)| (name.as_str(), *n)).collect();
    assert_eq!((labels, label.changes), (vec![("a", 2), ("b", 1)], 1));
}

#[test]
fn columns_of_further_files_are_found_by_name_and_changes_end_with_a_file() {
    let place = tempdir().unwrap();
    std::fs::write(place.path().join("a.csv"), "x,y\n0,1\n0,2\n").unwrap();
    std::fs::write(place.path().join("b.csv"), "y,z,x\n3,9,1\n4,9,1\n5,9,1\n").unwrap();
    let found = inspect(place.path()).unwrap();
    assert_eq!(found.files.len(), 2);
    let Content::Tables(table) = found.content else { panic!() };
    assert_eq!((table.rows, table.fewest_rows, table.columns.len()), (5, 2, 2));
    let [x, y] = &table.columns[..] else { panic!() };
    assert_eq!(
        (x.changes, x.is_binary(), y.changes, y.counts, y.range),
        (0, true, 3, true, Some([1.0, 5.0]))
    );
}

#[test]
fn columns_with_the_same_name_are_two() {
    let (_place, table) = table("a,a,l\n1,2,u\n3,4,v\n");
    assert_eq!([table.columns[0].range, table.columns[1].range], [Some([1.0, 3.0]), Some([2.0, 4.0])]);
}

#[test]
fn rows_of_different_lengths_are_ragged_and_their_last_cells_are_known() {
    let (_place, ragged) = table("1,2,a\n1,2,3,b\n1,a\n");
    assert!(ragged.is_ragged);
    assert_eq!(ragged.last.labels.unwrap().len(), 2);
    let (_place, even) = table("1,2,\n3,4,\n");
    assert!(!even.is_ragged);
}

#[test]
fn arrays_have_names_and_shapes() {
    let place = tempdir().unwrap();
    let file = place.path().join("x.npy");
    std::fs::write(&file, npy::write_integers(&[2, 3], &[0; 6])).unwrap();
    let Content::Arrays(arrays) = inspect(&file).unwrap().content else { panic!() };
    assert_eq!(arrays.len(), 1);
    let array = &arrays[0];
    assert_eq!(
        (array.name.as_str(), &array.shape[..], array.is_integer, array.is_text),
        ("", &[2, 3][..], true, false)
    );
}

#[test]
fn files_of_several_kinds_are_refused() {
    let place = tempdir().unwrap();
    std::fs::write(place.path().join("a.csv"), "1,a\n").unwrap();
    std::fs::write(place.path().join("b.npy"), npy::write_floats(&[1, 4], &[0.0; 4])).unwrap();
    let error = inspect(place.path()).unwrap_err();
    assert!(error.message().starts_with("expected files of one kind, found "), "{error}");
}

#[test]
fn facts_are_those_of_the_recordings_before_windows_and_fillings() {
    let place = tempdir().unwrap();
    let text = "s,x,l\nanna,1,a\nanna,,a\nanna,3,b\nben,4,?\nben,5,b\n";
    std::fs::write(place.path().join("t.csv"), text).unwrap();
    let file = File {
        layout: Some(TableLayout::Samples),
        group: Some(data::Column::Name("s".to_owned())),
        ..File::new("t.csv")
    };
    let config = Config { train: file.into(), ..Config::new(Task::Segmentation) };
    let facts = config.recording_facts(&[1, 1].into(), place.path()).unwrap();
    assert_eq!((facts.count, facts.channels, facts.missing, facts.has_one_class_each), (2, 1, 1, false));
    assert_eq!(facts.lengths, [2, 3]);
    assert_eq!(facts.classes, [("a".to_owned(), 2), ("b".to_owned(), 2)]);
    assert_eq!(facts.groups.len(), 2);
}
