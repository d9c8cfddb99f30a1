//! Tests of the benchmark: its models build, and its program reports results and errors.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Output};

use benches::bench::{BenchSubject, Input, MODELS, Prepared};
use factory::{Factory, Family};
use serde_json::Value as Json;

#[test]
fn every_model_accepts_its_input() {
    for model in MODELS {
        assert_eq!(model.input.read().unwrap().shape()[1..], model.input.shape().dims(), "{}", model.name);
        let graph = model.graph().unwrap();
        graph.verify().unwrap();
        let (_, input) = graph.inputs().next().unwrap();
        assert_eq!(input.shape, model.input.shape(), "{}", model.name);
    }
}

#[test]
fn every_family_is_measured_on_a_series_and_on_an_image() {
    let family = |model: &BenchSubject| {
        let ready = || model.name.rsplit('-').next().unwrap();
        model.name.split_once('/').map_or_else(ready, |(family, _)| family)
    };
    for input in [Input::Recording, Input::Photograph] {
        let found: BTreeSet<&str> = MODELS.iter().filter(|model| model.input == input).map(family).collect();
        let factory = Factory::builtin();
        assert_eq!(found, factory.list().map(Family::name).collect::<BTreeSet<_>>(), "{input:?}");
    }
}

#[test]
fn merged_models_compute_the_same() {
    for model in MODELS.into_iter().filter(BenchSubject::is_small) {
        let Prepared { eager, merged, input } = Prepared::new(&model).unwrap();
        let [eager, merged] = [eager, merged].map(|net| net.run(&input, false).unwrap());
        assert_eq!(eager.size()[..2], [1, 4], "{}", model.name);
        let error = f64::try_from((&eager - &merged).norm() / eager.norm()).unwrap();
        assert!(error < 1e-3, "{}: the relative error is {error:.1e}", model.name);
    }
}

fn bench(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bench")).args(arguments).output().unwrap()
}

#[test]
fn an_unknown_model_is_refused_with_the_known_names() {
    let output = bench(&["--filter", "vgg"]);
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8(output.stderr).unwrap();
    let names = MODELS.map(|model| model.name).join(", ");
    assert_eq!(error, format!("error: no model name contains `vgg`; the models are: {names}\n"));
}

#[test]
fn an_unwritable_report_is_refused_before_measuring() {
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
        let output = bench(&["--quick", "--filter", "activity-resnet", "--json", path.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let report: Json = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        (String::from_utf8(output.stdout).unwrap(), without_timings(report))
    };
    let (table, report) = measure();
    assert!(table.starts_with("model            input    parameters"), "{table}");
    assert!(table.contains("\nactivity-resnet  1×6×100"), "{table}");
    assert_eq!(report["models"]["activity-resnet"]["input"], serde_json::json!([1, 6, 100]));
    assert_eq!(report["machine"]["profile"], if cfg!(debug_assertions) { "debug" } else { "release" });
    assert_eq!(measure().1, report);
}

fn without_timings(mut report: Json) -> Json {
    let latency = report["models"]["activity-resnet"]["latency"].as_object_mut().unwrap();
    for values in latency.values_mut() {
        assert!(values["ratio"]["median"].as_f64().unwrap() > 0.0);
        *values = Json::Null;
    }
    report
}
