//! Tests of the benchmark: its models build, and its program reports results and errors.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::process::{Command, Output, Stdio};

use benches::bench::{BenchSubject, Input, MODELS, Prepared};
use benches::peers;
use factory::{Factory, Family};
use serde_json::{Value as Json, json};

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
        let Prepared { eager, merged, input, .. } = Prepared::new(&model).unwrap();
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
fn an_unknown_network_is_refused_with_the_known_names() {
    let output = bench(&["--peers", "--filter", "vgg"]);
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(
        error.starts_with("error: no network name contains `vgg`; the networks are: ss-2-tcn-sm, "),
        "{error}"
    );
}

#[test]
fn an_unknown_thread_count_is_refused() {
    let output = bench(&["--peers", "--filter", "resnet/", "--threads", "3"]);
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(error, "error: --threads: expected 1 or 2 for these networks, found 3\n");
}

#[test]
fn the_engine_takes_turns_as_a_runner() {
    let folder = tempfile::tempdir().unwrap();
    let [model, input, output] = ["m.safetensors", "x.f32", "y.f32"].map(|name| folder.path().join(name));
    let network = peers::networks(Some("activity-resnet")).remove(0);
    network.model().unwrap().write(&model).unwrap();
    let values = Input::Recording.read().unwrap();
    let bytes: Vec<u8> = values.data().iter().flat_map(|value| value.to_ne_bytes()).collect();
    fs::write(&input, bytes).unwrap();
    let job = json!({
        "runtime": "engine", "model": model, "input": { "file": input, "shape": [1, 6, 100] }, "output": output,
        "threads": 1, "layers": true,
    });
    let mut runner = Command::new(env!("CARGO_BIN_EXE_bench"))
        .arg("--runner")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let turn = json!({ "seconds": 0.0 });
    writeln!(runner.stdin.take().unwrap(), "{job}\n{turn}").unwrap();
    let found = runner.wait_with_output().unwrap();
    assert_eq!(found.status.code(), Some(0));
    let answers: Vec<Json> = found
        .stdout
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    assert!(answers[0]["memory"][0].as_u64().unwrap() > 4 * 45_000, "{answers:?}");
    let layers = answers[0]["layers"].as_array().unwrap();
    let sum = |key: &str| layers.iter().map(|layer| layer[key].as_f64().unwrap()).sum::<f64>();
    assert!(layers.len() > 5 && sum("microseconds") > 0.0 && sum("macs") > 1e5, "{answers:?}");
    assert!(answers[1]["median"].as_f64().unwrap() > 0.0, "{answers:?}");
    assert_eq!(fs::read(&output).unwrap().len(), 4 * 4);
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
    assert_eq!(report["models"]["activity-resnet"]["input"], json!([1, 6, 100]));
    assert_eq!(report["machine"]["profile"], if cfg!(debug_assertions) { "debug" } else { "release" });
    assert_eq!(measure().1, report);
}

fn without_timings(mut report: Json) -> Json {
    assert!(report["peak_gflops"].as_f64().unwrap() > 0.1);
    report["peak_gflops"] = Json::Null;
    let latency = report["models"]["activity-resnet"]["latency"].as_object_mut().unwrap();
    for values in latency.values_mut() {
        assert!(values["ratio"]["median"].as_f64().unwrap() > 0.0);
        *values = Json::Null;
    }
    report
}
