//! Cross-validation and comparison.

use std::path::Path;

use crate::{ended, place, printed};

fn json(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn each_fold_is_a_run_that_is_measured_on_what_it_held_out() {
    let (folder, config) = place("{ epochs: 2, batch_size: 8 }");
    let (out, config) = (folder.path().join("cv"), config.to_str().unwrap());
    let words = ["train", config, "--threads", "1", "--folds", "2", "--output", out.to_str().unwrap()];
    let text = printed(&words);
    let titles: Vec<&str> = text.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(titles, ["fold", "1/2", "2/2", "mean", "std", "min", "max", "metrics:", "report:"], "{text}");
    assert!(out.join("report.html").is_file() && out.join("fold-1/report.html").is_file());
    let folds = json(&out.join("folds.json"));
    let accuracy = |i: usize| folds["folds"][i]["metrics"]["accuracy"].as_f64().unwrap();
    let mean = folds["metrics"]["accuracy"]["mean"].as_f64().unwrap();
    assert!((mean - (accuracy(0) + accuracy(1)) / 2.0).abs() < 1e-12);

    // `evaluate` finds the part that the fold held out, and --fold trains the same model.
    let second = out.join("fold-2");
    let evaluated = printed(&["evaluate", second.to_str().unwrap(), "--json"]);
    let evaluated: serde_json::Value = serde_json::from_str(&evaluated).unwrap();
    assert_eq!(evaluated["accuracy"], folds["folds"][1]["metrics"]["accuracy"]);
    let alone = folder.path().join("alone");
    printed(&["train", config, "--threads", "1", "--fold", "2/2", "--output", alone.to_str().unwrap()]);
    let [first, other] = [&second, &alone].map(|run| std::fs::read(run.join("model.safetensors")).unwrap());
    assert!(first == other, "a fold does not depend on the others");

    // A finished cross-validation is not trained again.
    assert_eq!(printed(&[&words[..], &["--resume"]].concat()), text);
    let again = ended(&words);
    assert_eq!(again.status.code(), Some(3));

    let page = folder.path().join("compare.html");
    let [alone, cv] = [&alone, &out].map(|path| path.to_str().unwrap());
    let table = printed(&["compare", alone, cv, "--output", page.to_str().unwrap()]);
    assert!(table.starts_with("run ") && table.lines().count() == 3, "{table}");
    assert!(page.is_file());
}

#[test]
fn a_run_without_a_test_set_is_measured_on_the_validation_set() {
    let (folder, config) = place("{ epochs: 1, batch_size: 8 }");
    let text = std::fs::read_to_string(&config).unwrap().replace("  test: BasicMotions_TEST.ts\n", "");
    std::fs::write(&config, text).unwrap();
    let run = folder.path().join("run");
    let (run, config) = (run.to_str().unwrap(), config.to_str().unwrap());
    let text = printed(&["train", config, "--threads", "1", "--output", run]);
    assert!(text.contains("\n8 validation examples\n"), "{text}");
    assert!(printed(&["evaluate", run]).starts_with("watch, 8 validation examples\n"));
}
