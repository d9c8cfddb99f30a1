//! The benchmark's models build, and its program says what it was asked for.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use std::fs;
use std::process::{Command, Output};

use benches::bench::{MODELS, Model, Prepared};
use serde_json::Value as Json;

#[test]
fn every_model_takes_its_input() {
    for model in MODELS {
        assert_eq!(model.input.read().unwrap().shape()[1..], model.input.shape().dims(), "{}", model.name);
        model.graph().unwrap().verify().unwrap();
    }
}

#[test]
fn merged_models_compute_the_same() {
    let is_small = |model: &Model| model.name == "resnet-micro";
    let model = MODELS.into_iter().find(is_small).unwrap();
    let Prepared { eager, merged, input } = Prepared::new(&model).unwrap();
    let [eager, merged] = [eager, merged].map(|net| net.run(&input, false).unwrap());
    assert_eq!(eager.size(), [1, 4]);
    assert!(eager.allclose(&merged, 1e-4, 1e-4, false));
}

fn bench(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bench")).args(arguments).output().unwrap()
}

#[test]
fn unknown_models_are_answered_with_the_known() {
    let output = bench(&["--filter", "vgg"]);
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(error, "error: no model's name contains `vgg`; there are: resnet-micro, resnet18, resnet50\n");
}

#[test]
fn a_report_that_cannot_be_written_is_found_first() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("missing/report.json");
    let output = bench(&["--json", path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.starts_with(&format!("error: could not write `{}`", path.display())), "{error}");
}

#[test]
fn table_and_report() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.json");
    let measure = || {
        let output = bench(&["--quick", "--filter", "micro", "--json", path.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let report: Json = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        (String::from_utf8(output.stdout).unwrap(), without_timings(report))
    };
    let (table, report) = measure();
    assert!(table.starts_with("model         input    parameters"), "{table}");
    assert!(table.contains("\nresnet-micro  1×6×100"), "{table}");
    assert_eq!(report["models"]["resnet-micro"]["input"], serde_json::json!([1, 6, 100]));
    assert_eq!(report["machine"]["profile"], if cfg!(debug_assertions) { "debug" } else { "release" });
    assert_eq!(measure().1, report);
}

fn without_timings(mut report: Json) -> Json {
    let latency = report["models"]["resnet-micro"]["latency"].as_object_mut().unwrap();
    for figures in latency.values_mut() {
        assert!(figures["ratio"]["median"].as_f64().unwrap() > 0.0);
        *figures = Json::Null;
    }
    report
}
