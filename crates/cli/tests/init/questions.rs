//! Data that does not tell what it means.

use tempfile::tempdir;

use crate::{accepted, question, write};

#[test]
fn the_target_is_asked_for_if_no_column_is_one() {
    let place = tempdir().unwrap();
    let rows: String = (0..40).map(|i| format!("{}.5,{}.25,{}.125\n", i % 7, i % 11, i * 3 % 13)).collect();
    write(place.path(), "day.csv", format!("ppg,acc,rate\n{rows}"));
    let sentence = question(place.path(), &["day.csv"]);
    assert_eq!(
        sentence,
        "day.csv: expected one column of labels, found none; name the target with --target, or set --task denoising if \
         there is none"
    );
    accepted(place.path(), &["day.csv", "--target", "rate", "--layout", "recordings"]);
}

#[test]
fn rows_sorted_by_class_may_be_samples_or_recordings() {
    let place = tempdir().unwrap();
    let rows: String = (0..60)
        .map(|i| format!("{}.{},{}.5,{}\n", i % 7, i, i * 3 % 5, ["setosa", "virginica"][i / 30]))
        .collect();
    write(place.path(), "iris.csv", format!("length,width,species\n{rows}"));
    let sentence = question(place.path(), &["iris.csv"]);
    assert!(
        sentence.starts_with("iris.csv: expected rows whose order tells whether they are samples"),
        "{sentence}"
    );
    accepted(place.path(), &["iris.csv", "--layout", "recordings"]);
}

#[test]
fn what_cannot_be_a_data_set_is_refused_in_one_sentence() {
    let place = tempdir().unwrap();
    write(place.path(), "notes.txt", "hello\n");
    write(place.path(), "mixed/a.csv", "1,a\n");
    write(place.path(), "mixed/b.ts", "@data\n1:a\n");
    write(place.path(), "set.h5", b"\x89HDF");
    std::fs::create_dir(place.path().join("empty")).unwrap();
    for (name, expected) in [
        ("notes.txt", "notes.txt: "),
        ("mixed", "mixed: expected files of one kind"),
        ("empty", "empty: expected at least one data file"),
        ("set.h5", "set.h5: "),
        ("absent.csv", "absent.csv: No such file"),
    ] {
        let sentence = question(place.path(), &[name]);
        assert!(sentence.starts_with(expected), "{sentence}");
    }
}

#[test]
fn channels_last_are_named_as_such() {
    let place = tempdir().unwrap();
    let bytes = data::npy::write_floats(&[10, 150, 3], &[0.0; 4500]);
    write(place.path(), "x.npy", bytes);
    let sentence = question(place.path(), &["x.npy"]);
    assert!(
        sentence.contains("with the channels last; transpose it, for example with `.transpose(0, 2, 1)`"),
        "{sentence}"
    );
}

#[test]
fn an_existing_config_is_kept() {
    let place = tempdir().unwrap();
    write(place.path(), "model.yaml", "name: mine\n");
    let arguments = ["init", "x.csv", "--output", "model.yaml"];
    let output = crate::ended(place.path(), &arguments);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("model.yaml: the file exists"));
    assert_eq!(std::fs::read_to_string(place.path().join("model.yaml")).unwrap(), "name: mine\n");
}
