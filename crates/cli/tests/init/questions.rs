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
        "day.csv: expected one column of labels, found none; name the target with --target, or use --task denoising \
         if the table has no target"
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

#[test]
fn one_class_is_no_target() {
    let place = tempdir().unwrap();
    let rows: String = (0..60).map(|i| format!("{}.5,{}.25,rest\n", i % 7, i % 11)).collect();
    write(place.path(), "one.csv", format!("x,z,label\n{rows}"));
    let sentence = question(place.path(), &["one.csv"]);
    assert_eq!(sentence, "one.csv: label: expected at least 2 classes, found 1 (rest)");
}

/// Rows with three columns of values and a label that changes every 40 rows.
fn rows(count: usize, first: impl Fn(usize) -> String, labels: [&str; 2]) -> String {
    (0..count)
        .map(|i| {
            let [x, z] = [0, 1].map(|channel| crate::value(i / 40 % 2, channel, i));
            format!("{},{x:.3},{z:.3},{}\n", first(i), labels[i / 40 % 2])
        })
        .collect()
}

#[test]
fn a_column_that_rises_is_not_an_input() {
    let place = tempdir().unwrap();
    write(
        place.path(),
        "t.csv",
        format!("Zeit,x,z,label\n{}", rows(800, |i| format!("{:.2}", i as f64 * 0.01), ["a", "b"])),
    );
    let text = accepted(place.path(), &["t.csv"]);
    assert!(text.contains("channels: [x, z]"), "{text}");
    assert!(
        text.contains("Zeit: not read (it rises from row to row; if it is the time, set `time`)"),
        "{text}"
    );
}

#[test]
fn two_labels_of_which_one_is_negative_are_classes() {
    let place = tempdir().unwrap();
    write(place.path(), "t.csv", format!("time,x,z,label\n{}", rows(800, |i| i.to_string(), ["-1", "1"])));
    let text = accepted(place.path(), &["t.csv"]);
    assert!(text.contains("classes: [\"-1\", \"1\"]"), "{text}");
}

#[test]
fn dates_in_no_order_are_not_times() {
    let place = tempdir().unwrap();
    let rows: String = (0..40)
        .map(|i| {
            let values: String = (0..30).map(|k| format!("{:.3},", crate::value(i % 2, 0, i + k))).collect();
            format!("2026-01-{:02},{values}{}\n", 1 + i * 7 % 28, ["a", "b"][i % 2])
        })
        .collect();
    let names: String = (0..30).map(|i| format!("v{i},")).collect();
    write(place.path(), "t.csv", format!("date,{names}label\n{rows}"));
    let text = accepted(place.path(), &["t.csv"]);
    assert!(text.contains("ignore: date") && text.contains("input: { channels: 1, length: 30 }"), "{text}");
}

/// Rows of two recordings, whose times both begin at 0.
fn two_recordings(name: &str) -> String {
    let rows = rows(800, |i| format!("{},{}", i / 400, i % 400), ["a", "b"]);
    format!("{name},time,x,z,label\n{rows}")
}

#[test]
fn identifiers_that_repeat_are_groups() {
    for name in ["recording", "id", "trial_id"] {
        let place = tempdir().unwrap();
        write(place.path(), "t.csv", two_recordings(name));
        let text = accepted(place.path(), &["t.csv"]);
        for line in [format!("group: {name}"), "channels: [x, z]".to_owned(), "time: time".to_owned()] {
            assert!(text.contains(&line), "{line}: {text}");
        }
    }
}

#[test]
fn identifiers_that_do_not_repeat_are_not_inputs() {
    let place = tempdir().unwrap();
    let rows: String = (0..60)
        .map(|i| {
            format!(
                "{},{:.3},{:.3},{}\n",
                i * 7919 % 1009,
                crate::value(i % 2, 0, i),
                crate::value(0, 1, i),
                i % 2
            )
        })
        .collect();
    write(place.path(), "t.csv", format!("id,a,b,label\n{rows}"));
    let text = accepted(place.path(), &["t.csv"]);
    assert!(text.contains("ignore: id"), "{text}");
}

#[test]
fn labels_that_are_written_with_a_fraction_are_classes() {
    let place = tempdir().unwrap();
    let rows: String = (0..60)
        .map(|i| format!("{:.3},{:.3},{}.0\n", crate::value(i % 2, 0, i), crate::value(0, 1, i), i % 2))
        .collect();
    write(place.path(), "t.csv", format!("a,b,label\n{rows}"));
    assert!(accepted(place.path(), &["t.csv"]).contains("task: classification"));
}

#[test]
fn a_folder_with_one_table_stands_for_the_table() {
    let place = tempdir().unwrap();
    write(place.path(), "in/day.csv", two_recordings("battery"));
    write(place.path(), "in/README.md", "About the day.\n");
    let text = accepted(place.path(), &["in"]);
    assert!(text.contains("in/day.csv"), "{text}");
}

#[test]
fn rows_in_several_files_whose_labels_change_from_row_to_row_are_recordings() {
    let place = tempdir().unwrap();
    for (file, name) in ["red.csv", "white.csv"].into_iter().enumerate() {
        let rows: String = (0..60)
            .map(|i| {
                format!("{:.3},{:.3},{}\n", crate::value(i % 3, file, i), crate::value(0, 1, i), i * i % 3)
            })
            .collect();
        write(place.path(), &format!("wine/{name}"), format!("acid,sugar,label\n{rows}"));
    }
    let text = accepted(place.path(), &["wine"]);
    assert!(text.contains("task: classification"), "{text}");
}
