//! `factory check` refuses what `factory train` refuses before the first step, with the same sentence, and changes
//! nothing.

use std::path::Path;

use crate::{ended, place, printed};

/// The paths of all files and folders below a folder.
fn listing(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            names.extend(listing(&path));
        }
        names.push(path.display().to_string());
    }
    names.sort();
    names
}

#[test]
fn a_config_that_can_be_trained_is_described_and_nothing_is_written() {
    let (folder, config) = place("{ epochs: 2, batch_size: 8 }");
    let run = folder.path().join("run");
    let before = listing(folder.path());
    let text = printed(&["check", config.to_str().unwrap(), "--output", run.to_str().unwrap()]);
    assert_eq!(listing(folder.path()), before);
    let lines: Vec<&str> = text.lines().collect();
    assert!(
        lines[0].starts_with("network: ") && lines[0].contains("input [N, 6, 100], output [N, 4]"),
        "{text}"
    );
    assert_eq!(
        lines[1..4],
        [
            "train: 32 recordings; classes: Standing 8, Running 8, Walking 8, Badminton 8",
            "validation: 8 recordings; classes: Standing 2, Running 2, Walking 2, Badminton 2",
            "test: 40 recordings; classes: Standing 10, Running 10, Walking 10, Badminton 10",
        ]
    );
    assert_eq!(lines[4], "training: 2 epochs of 4 steps");
    let folds = printed(&["check", config.to_str().unwrap(), "--folds", "5"]);
    assert_eq!(folds.matches("fold ").count(), 5, "{folds}");
}

#[test]
fn check_and_train_refuse_the_same_with_the_same_sentence() {
    let (folder, config) = place("{ epochs: 1 }");
    let text = std::fs::read_to_string(&config).unwrap();
    let one_position = "stages: [{ channels: 8, depth: 1, stride: 25 }]";
    for (from, to) in [
        ("epochs: 1", "epochs: 0"),
        ("epochs: 1", "loss: mse"),
        ("epochs: 1", "best: mae"),
        ("classes: 4", "classes: 3"),
        ("length: 100", "length: 90"),
        ("resnet", "resent"),
        ("dropout: 0.2", "output_activation: softmax"),
        ("test: BasicMotions_TEST.ts", "test: elsewhere.ts"),
        ("test: BasicMotions_TEST.ts", "test: BasicMotions_TRAIN.ts"),
        ("jitter: 0.05", "jitter: -1"),
        ("\x20 validation: 0.2\n", "\x20 class_weights: [1, 2]\n"),
        ("stages: [{ channels: 8, depth: 1 }]\n", &format!("{one_position}\nseed: 1\n")),
    ] {
        assert!(text.contains(from), "{from}");
        std::fs::write(&config, text.replace(from, to)).unwrap();
        let run = folder.path().join("run");
        let refused = |command| {
            let output = ended(&[command, config.to_str().unwrap(), "--output", run.to_str().unwrap()]);
            let error = String::from_utf8(output.stderr).unwrap();
            (output.status.code(), error.lines().last().unwrap().to_owned())
        };
        let (checked, trained) = (refused("check"), refused("train"));
        assert_ne!(checked.0, Some(0), "{to}");
        assert_eq!(checked, trained, "{to}");
    }
}

#[test]
fn a_batch_norm_needs_two_values_before_the_first_step() {
    let (folder, config) = place("{ epochs: 1, batch_size: 1 }");
    let text = std::fs::read_to_string(&config).unwrap();
    let text = text
        .replace("stages: [{ channels: 8, depth: 1 }]", "stages: [{ channels: 8, depth: 1, stride: 25 }]");
    std::fs::write(&config, text).unwrap();
    let output = ended(&["check", config.to_str().unwrap()]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("train.batch_size: expected at least 2 examples in a batch, found 1"), "{error}");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
}

#[test]
fn the_folder_of_another_run_is_refused() {
    let (folder, config) = place("{ epochs: 1, batch_size: 16 }");
    let run = folder.path().join("run");
    let arguments = [config.to_str().unwrap(), "--output", run.to_str().unwrap()];
    printed(&[&["train"], &arguments[..]].concat());
    let output = ended(&[&["check"], &arguments[..]].concat());
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && error.contains("the folder contains a run"), "{error}");
    printed(&[&["check"], &arguments[..], &["--resume"]].concat());
}
