//! Predictions and evaluations on new files, which are read as the model's config describes its own files.

use std::fmt::Write;
use std::path::Path;

use expect_test::{Expect, expect};
use tempfile::TempDir;

use crate::{ended, printed};

/// A folder in which models are trained within a second.
struct Place(TempDir);

impl Place {
    /// With a model in `run`, trained with this `data` section on these files.
    fn new(input: &str, network: &str, data: &str, files: &[(&str, &str)]) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        for (name, content) in files {
            place.write(name, content);
        }
        place.write(
            "config.yaml",
            &format!(
                "name: t\ninput: {input}\nclasses: 2\n{network}\ndata: {data}\n\
                 train: {{ epochs: 30, batch_size: 8, learning_rate: 0.01 }}\n"
            ),
        );
        place.printed("train config.yaml --output run");
        place
    }

    fn write(&self, name: &str, content: &str) {
        std::fs::write(self.0.path().join(name), content).unwrap();
    }

    /// The arguments, with names of files made paths in the folder.
    fn arguments(&self, arguments: &str) -> Vec<String> {
        let in_folder = |word: &str| self.0.path().join(word).display().to_string();
        let is_path = |word: &str| word == "run" || word.contains('.') && !word.starts_with('-');
        let mut words: Vec<String> = vec!["--threads".to_owned(), "1".to_owned()];
        let mut given = arguments.split_whitespace();
        words.insert(0, given.next().unwrap().to_owned());
        if words[0] == "evaluate" {
            words.truncate(1);
        }
        words.extend(given.map(|word| if is_path(word) { in_folder(word) } else { word.to_owned() }));
        words
    }

    fn printed(&self, arguments: &str) -> String {
        let words = self.arguments(arguments);
        printed(&words.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn fails(&self, arguments: &str, expected: &Expect) {
        let words = self.arguments(arguments);
        let output = ended(&words.iter().map(String::as_str).collect::<Vec<_>>());
        let error = String::from_utf8(output.stderr).unwrap();
        let folder = Path::new(self.0.path()).display().to_string();
        expected.assert_eq(&error.replace(&format!("{folder}/"), ""));
        assert_eq!(output.status.code(), Some(3));
    }

    /// The predicted class of each row.
    fn classes(&self, arguments: &str) -> Vec<String> {
        let table = self.printed(arguments);
        table.lines().skip(1).map(|line| line.split(',').nth(2).unwrap().to_owned()).collect()
    }
}

const SMALL: &str = "architecture: resnet\nparams: { stages: [{ channels: 8, depth: 1, kernel: 3 }] }";

/// Two classes that differ in the position of a peak. A shift by one sample would swap them.
fn peaks(row: impl Fn(usize, &str) -> String) -> String {
    let mut text = String::new();
    for i in 0..16 {
        let mut values = [0.1 * (i % 3) as f64; 8];
        values[3 + i % 2] += 3.0;
        let values: Vec<String> = values.iter().map(ToString::to_string).collect();
        writeln!(text, "{}", row(i % 2, &values.join(","))).unwrap();
    }
    text
}

fn expected() -> Vec<String> {
    (0..16).map(|i| (i % 2).to_string()).collect()
}

#[test]
fn a_target_in_the_first_column_is_no_sample() {
    let labeled = peaks(|class, values| format!("{class},{values}"));
    let data = "{ task: classification, train: { file: train.csv, target: 0 } }";
    let place = Place::new(
        "{ channels: 1, length: 8 }",
        SMALL,
        data,
        &[("train.csv", &labeled), ("new.csv", &labeled)],
    );
    assert_eq!(place.classes("predict run new.csv"), expected());
    place.write("plain.csv", &peaks(|_, values| values.to_owned()));
    assert_eq!(place.classes("predict run plain.csv"), expected());
    place.write("last.csv", &peaks(|class, values| format!("{values},{class}")));
    assert_eq!(place.classes("predict run last.csv --target 8"), expected());
    let text = place.printed("evaluate run --on new.csv");
    assert!(
        text.starts_with("t, 16 given examples\n") && text.contains("accuracy             1.0000"),
        "{text}"
    );
    place.write("short.csv", "1,2,3\n");
    place.fails(
        "predict run short.csv",
        &expect![[r#"
        error: short.csv: row 1: expected 1 x 8 values, found 3
    "#]],
    );
}

#[test]
fn a_file_of_samples_is_one_series() {
    let rows = |labels: bool| {
        let mut text = if labels { "v,stage\n".to_owned() } else { "v\n".to_owned() };
        for i in 0..64 {
            let value = if i / 8 % 2 == 0 { -1.0 } else { 1.0 };
            let class = if labels { [",rest", ",walk"][i / 8 % 2] } else { "" };
            writeln!(text, "{value}{class}").unwrap();
        }
        text
    };
    let network = "architecture: tcn\nparams: { padding: same, blocks: [{ channels: 8, depth: 1, kernel: 3, dilation: 1 }] }";
    let data = "{ task: segmentation, train: { file: day.csv, layout: samples, target: stage }, window: { length: 16 } }";
    let place = Place::new(
        "{ channels: 1, length: 16 }",
        network,
        data,
        &[("day.csv", &rows(true)), ("new.csv", &rows(false))],
    );
    for file in ["new.csv", "day.csv"] {
        let table = place.printed(&format!("predict run {file}"));
        assert_eq!(table.lines().count(), 65, "{file}: one row per sample");
        let rows: Vec<Vec<&str>> = table.lines().skip(1).map(|line| line.split(',').collect()).collect();
        let positions: Vec<usize> = rows.iter().map(|row| row[1].parse().unwrap()).collect();
        assert_eq!(positions, (0..64).collect::<Vec<_>>(), "{file}");
        // Samples at transitions may be wrong.
        let is_correct = |i: usize| rows[i][2] == ["rest", "walk"][i / 8 % 2];
        let correct = (0..64).filter(|i| is_correct(*i)).count();
        assert!(correct >= 48, "{file}: {correct} of 64");
    }
}

/// A text label at the end is the target, which training takes from there by default.
#[test]
fn the_training_file_itself_can_be_predicted() {
    let labeled = peaks(|class, values| format!("{values},{}", ["up", "down"][class]));
    let data = "{ task: classification, train: train.csv }";
    let place = Place::new("{ channels: 1, length: 8 }", SMALL, data, &[("train.csv", &labeled)]);
    let classes: Vec<&str> = (0..16).map(|i| ["up", "down"][i % 2]).collect();
    assert_eq!(place.classes("predict run train.csv"), classes);
    place.write("plain.csv", &peaks(|_, values| values.to_owned()));
    assert_eq!(place.classes("predict run plain.csv"), classes);
}
