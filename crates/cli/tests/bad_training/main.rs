//! Wrong sections `data` and `train`: `factory train` ends with one sentence that names the place in the
//! config or the data, and with code 2, and writes nothing.

#![cfg(feature = "torch")]
#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

mod data;
mod network;
mod train;

use std::path::PathBuf;
use std::process::Command;

use expect_test::{Expect, expect};
use tempfile::TempDir;

/// A config that trains.
const GOOD: &str = "
name: good
input: { channels: 2, length: 16 }
classes: 2
architecture: resnet
preset: micro
params: { stages: [{ channels: 8, depth: 1, kernel: 3 }] }
data:
  task: classification
  train: motions.csv
  validation: 0.25
train:
  epochs: 1
  batch_size: 4
  learning_rate: 0.01
";

/// A folder with recordings of two channels and 16 samples.
pub(crate) struct Place(TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        place.table("motions.csv", |row| if row % 2 == 0 { ",rest" } else { ",run" }.to_owned());
        place.table("numbers.csv", |row| format!(",{row}.5"));
        place.table("signals.csv", |_| String::new());
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    /// Twelve recordings, a row each, with the end of the row from `target`.
    fn table(&self, name: &str, target: impl Fn(usize) -> String) {
        let row = |row: usize| {
            let values: Vec<String> = (0..32).map(|i| ((row * 7 + i * 3) % 11).to_string()).collect();
            format!("{}{}\n", values.join(","), target(row))
        };
        self.write(name, &(0..12).map(row).collect::<String>());
    }

    /// Runs the command in the folder: its exit code and its errors.
    pub(crate) fn run(&self, arguments: &str) -> (Option<i32>, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_factory"));
        command.arg("train").args(arguments.split_whitespace()).current_dir(&self.0);
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    }

    /// The sentence about a config.
    pub(crate) fn refuses(&self, config: &str, expected: &Expect) {
        self.write("bad.yaml", config);
        let (code, error) = self.run("bad.yaml --output run");
        assert_eq!(code, Some(3), "{config}: {error}");
        let words = ["invalid type", "variant", "struct ", "Value::", "usize", "u64", "f64", "panicked"];
        assert!(!words.iter().any(|word| error.contains(word)), "{error}");
        // Errors that are found after the data has been opened follow its description.
        let lines: Vec<&str> = error.lines().filter(|line| !is_about_data(line)).collect();
        expected.assert_eq(lines.join("\n").strip_prefix("error: ").unwrap());
        assert!(!self.path("run").exists(), "{config}: the run's folder is there");
    }

    /// The sentence about the good config with one text replaced.
    pub(crate) fn check(&self, from: &str, to: &str, expected: &Expect) {
        assert!(GOOD.contains(from), "{from:?}");
        self.refuses(&GOOD.replacen(from, to, 1), expected);
    }
}

/// Whether a line describes the data.
fn is_about_data(line: &str) -> bool {
    ["note: ", "train: ", "validation: ", "test: "].iter().any(|start| line.starts_with(start))
}

#[test]
fn the_good_one_trains() {
    let place = Place::new();
    place.write("good.yaml", GOOD);
    let (code, error) = place.run("good.yaml --output run");
    assert_eq!(code, Some(0), "{error}");
    assert!(place.path("run/model.safetensors").is_file());
}

#[test]
#[rustfmt::skip]
fn sections() {
    let place = Place::new();
    let check = |from: &str, to: &str, expected: Expect| place.check(from, to, &expected);
    let of = |key: &str| format!("\n{}", &GOOD[GOOD.find(&format!("\n{key}:")).unwrap() + 1..]);
    let data = of("data").split("\ntrain:").next().unwrap().to_owned();
    check(&of("train"), "\ntrain: [1]\n", expect!["bad.yaml: train: expected a mapping, found a list of 1"]);
    check(&data, "", expect!["bad.yaml: data: missing; training needs this section"]);
    check(&data, "\ndata: motions.csv", expect![[r#"bad.yaml: data: expected a mapping, found "motions.csv""#]]);
    check("\ndata:", "\ndataset: 3\ndata:", expect!["bad.yaml: dataset: unknown key; known keys: name, input, classes, architecture, preset, params, encoder, data, train"]);
    check("\ntrain:", "\ntrian:", expect!["bad.yaml: trian: unknown key; use `train`"]);
}

#[test]
#[rustfmt::skip]
fn the_command() {
    let place = Place::new();
    place.write("good.yaml", GOOD);
    let fails = |arguments: &str, code: i32, expected: Expect| {
        let (found, error) = place.run(arguments);
        assert_eq!(found, Some(code), "{arguments}: {error}");
        expected.assert_eq(error.split("\n\n").next().unwrap());
    };
    let check = |arguments: &str, expected: Expect| fails(arguments, 3, expected);
    let misuse = |arguments: &str, expected: Expect| fails(arguments, 2, expected);
    check("good", expect![[r#"
        error: expected a config file, a ready model, a preset, a model file or a run's folder, found `good`; `factory list` shows the names
    "#]]);
    check("missing.yaml", expect![[r#"
        error: missing.yaml: No such file or directory (os error 2)
    "#]]);
    check("image-resnet", expect![[r#"
        error: data: missing; training needs this section
    "#]]);
    misuse("good.yaml --device gpu", expect!["error: invalid value 'gpu' for '--device <DEVICE>': expected cpu, cuda or cuda:N, found `gpu`"]);
    // The rest depends on the machine: a libtorch without CUDA, no driver, or fewer GPUs.
    let (_, error) = place.run("good.yaml --device cuda:99");
    assert!(error.starts_with("error: invalid value 'cuda:99' for '--device <DEVICE>': expected "), "{error}");
    misuse("good.yaml --threads 0", expect!["error: invalid value '0' for '--threads <N>': 0 is not in 1..=1024"]);
    misuse("good.yaml --seed -1", expect!["error: unexpected argument '-1' found"]);
    check("good.yaml --data nowhere", expect![[r#"
        error: good.yaml: data.train: nowhere/motions.csv: No such file or directory (os error 2)
    "#]]);
    check("resnet/resnet18", expect![[r#"
        error: resnet/resnet18: a preset has no data; write a config with `preset: resnet18`, `data` and `train`
    "#]]);
    check("good.yaml --weights motions.csv", expect![[r#"
        error: weights file motions.csv: expected a complete safetensors file, found plain text
    "#]]);
}
