//! docs/data.md and docs/training.md: their configs and files are read as those of users.
//! The Rust of docs/training.md is compiled with the crate `train`'s documentation.

#![cfg(feature = "torch")]
#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

mod markdown;

use std::path::{Path, PathBuf};

use data::{File, Split, Splits, Validation};
use factory::Factory;
use graph::Shape;
use serde_yaml::Value;

const DATA: &str = include_str!("../../../docs/data.md");
const GUIDE: &str = include_str!("../../../docs/training.md");

/// The guides' blocks of one language: the rest of the first line, and the text.
fn blocks(language: &str) -> Vec<(&'static str, &'static str)> {
    [markdown::blocks(GUIDE, language), markdown::blocks(DATA, language)].concat()
}

/// The files that the guide shows, in a folder.
fn files() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in blocks("csv").into_iter().chain(blocks("ts")) {
        assert!(!name.is_empty(), "{text}");
        std::fs::write(folder.path().join(name), format!("{text}\n")).unwrap();
    }
    folder
}

fn input(text: &str) -> Option<Shape> {
    let config: Value = serde_yaml::from_str(text).unwrap();
    let size = |key: &str| config["input"].get(key)?.as_u64().map(|size| usize::try_from(size).unwrap());
    let space: Vec<usize> = ["length", "height", "width"].into_iter().filter_map(size).collect();
    Some(Shape::new(size("channels")?, space))
}

/// All files of a section.
fn named(data: &data::Config) -> Vec<&File> {
    let held = data.validation.iter().filter_map(|held| match held {
        Validation::Files(part) => Some(part),
        Validation::Share(_) => None,
    });
    let parts: Vec<&Split> = [&data.train].into_iter().chain(held).chain(&data.test).collect();
    parts.into_iter().flat_map(|part| &part.0).collect()
}

/// The splits of a section whose files the guide shows or the repository has.
fn open(text: &str, shown: &Path) -> Option<Splits> {
    let data: data::Config = Factory::section(text, "data").unwrap()?;
    let input = input(text).unwrap();
    data.validate(&input).unwrap_or_else(|error| panic!("{text}: {error}"));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let (base, folder) = match &data.folder {
        Some(folder) => (root.clone(), root.join(folder)),
        None => (shown.to_owned(), shown.to_owned()),
    };
    let paths: Vec<PathBuf> = named(&data).iter().map(|file| folder.join(&file.file)).collect();
    if !paths.iter().all(|path| path.exists()) {
        return None;
    }
    Some(data.open(&input, &base).unwrap_or_else(|error| panic!("{text}: {error}")))
}

#[test]
fn configs() {
    let (folder, blocks) = (files(), blocks("yaml"));
    let mut opened = Vec::new();
    for (_, text) in &blocks {
        if let Some(train) = Factory::section::<train::Config>(text, "train").unwrap() {
            train.validate().unwrap_or_else(|error| panic!("{text}: {error}"));
        }
        if text.contains("architecture:") {
            Factory::builtin().build(text).unwrap();
        }
        opened.extend(open(text, folder.path()).map(|splits| splits.train.len()));
    }
    assert_eq!(blocks.len(), 12);
    // The recordings shown, the stitched windows and those of the ECG.
    assert_eq!(opened, [6, 4, 2, 4, 2, 8, 57, 953]);
}

/// The first config trains on the table that the guide shows.
#[test]
fn the_first_one_trains() {
    let folder = files();
    std::fs::write(folder.path().join("steps.yaml"), blocks("yaml")[0].1).unwrap();
    let run = |arguments: &str| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_factory"));
        let output = command.args(arguments.split(' ')).current_dir(&folder).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        (output.status.code().unwrap(), error)
    };
    let (code, error) = run("train steps.yaml --output runs/steps");
    assert_eq!(code, 0, "{error}");
    // The errors that the guide quotes.
    let text = blocks("yaml")[0].1;
    std::fs::write(folder.path().join("steps.yaml"), text.replace("rate: 0.003", "rate: -1")).unwrap();
    let (_, error) = run("train steps.yaml");
    let said = error.trim_end().strip_prefix("error: ").unwrap();
    assert!(GUIDE.contains(said), "{said}");
    assert!(GUIDE.contains("report.html") && folder.path().join("runs/steps/report.html").is_file());
    let section = GUIDE.split("## A run's folder").nth(1).unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let rows: Vec<&str> = rows.collect();
    assert_eq!(rows.len(), 6);
    for name in rows {
        assert!(folder.path().join("runs/steps").join(name).exists(), "{name}");
    }
}
