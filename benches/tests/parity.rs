//! The messages and the exit status of the parity check.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use benches::folder;
use benches::parity::{FillVector, Interpreter, run};
use serde_json::{Value as Json, json};

/// A small committed case.
const CASE: &str = "resnet-torchvision-custom-basic-1211-57x75";

#[test]
fn fill_rule_bit_for_bit() {
    let text = fs::read_to_string(folder("parity/fill_vectors.json")).unwrap();
    let vectors: Vec<FillVector> = serde_json::from_str(&text).unwrap();
    assert_eq!(vectors.len(), 9);
    for vector in &vectors {
        vector.check().unwrap();
    }
}

/// The text of the small case after a change.
fn changed(change: impl FnOnce(&mut Json)) -> String {
    let text = fs::read_to_string(folder("parity").join(format!("{CASE}.json"))).unwrap();
    let mut case: Json = serde_json::from_str(&text).unwrap();
    change(&mut case);
    case.to_string()
}

/// The output of a run over a folder with this one file.
fn lines_of(case: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("case.json"), case).unwrap();
    let mut lines = Vec::new();
    run(folder.path(), None, Interpreter::Torch, &mut lines).unwrap();
    String::from_utf8(lines).unwrap()
}

fn check(change: impl FnOnce(&mut Json), line: &str, summary: &str) {
    assert_eq!(lines_of(&changed(change)), format!("{line}\n{summary}\n"));
}

const FAILED: &str = "0 passed, 1 failed, 0 skipped";
const SKIPPED: &str = "0 passed, 0 failed, 1 skipped";

#[test]
fn a_different_parameter_count() {
    let line = format!("FAIL {CASE}: expected 5204295 trainable parameters, found 5204294");
    check(|case| case["params"] = json!(5_204_295), &line, FAILED);
}

#[test]
fn an_unknown_name() {
    let line = format!("FAIL {CASE}: `stem.weight` is not in the model");
    check(|case| case["keys"][0][0] = json!("stem.weight"), &line, FAILED);
}

#[test]
fn a_missing_name() {
    let line = format!("FAIL {CASE}: `fc.bias` is in the model, but not in the reference");
    let change = |case: &mut Json| {
        case["keys"].as_array_mut().unwrap().pop();
        case["roles"].as_array_mut().unwrap().pop();
    };
    check(change, &line, FAILED);
}

#[test]
fn a_different_shape() {
    let line = format!("FAIL {CASE}: `conv1.weight`: expected shape [64, 3, 5, 5], found [64, 3, 7, 7]");
    check(|case| case["keys"][0][1] = json!([64, 3, 5, 5]), &line, FAILED);
}

#[test]
fn a_different_output_shape() {
    let line = format!("FAIL {CASE}: output: expected shape [1, 6, 1], found [1, 6]");
    check(|case| case["output_shape"] = json!([1, 6, 1]), &line, FAILED);
}

#[test]
fn a_different_output() {
    let change = |case: &mut Json| case["output"]["first"][2] = json!(0.652_157_1);
    // The last digits of the output depend on the machine.
    let lines = lines_of(&changed(change));
    assert!(
        lines.starts_with(&format!("FAIL {CASE}: output[2]: expected 0.6521571, found 0.65115")),
        "{lines}"
    );
    let end = "; the difference is 1.0e-3, the tolerance 2.6e-6\n0 passed, 1 failed, 0 skipped\n";
    assert!(lines.ends_with(end), "{lines}");
}

#[test]
fn an_unknown_system() {
    let line = format!("SKIP {CASE}: resnet of caffe is not supported");
    check(|case| case["system"] = json!("caffe"), &line, SKIPPED);
}

#[test]
fn an_invalid_spec() {
    let change = |case: &mut Json| case["spec"]["layers"] = json!("many");
    let lines = lines_of(&changed(change));
    assert!(lines.starts_with(&format!("FAIL {CASE}: ")), "{lines}");
    assert_eq!(lines.lines().last(), Some(FAILED));
}

#[test]
fn invalid_case_files() {
    let check = |text: &str, reason: &str| {
        assert_eq!(lines_of(text), format!("FAIL case: not a case: {reason}\n{FAILED}\n"));
    };
    check("{", "EOF while parsing an object at line 1 column 1");
    check("{}", "missing field `id` at line 1 column 2");
    let role = changed(|case| case["roles"][0] = json!("q"));
    assert!(
        lines_of(&role)
            .contains("role: expected `s`, `b`, `m`, `v`, `c`, `z`, or `w` and a fan-in, found `q`")
    );
    let roles = changed(|case| drop(case["roles"].as_array_mut().unwrap().pop()));
    check(&roles, "`roles`: expected 86 roles, one for each of `keys`, found 85");
}

#[test]
fn a_different_fill_rule() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("case.json"), changed(|case| case["system"] = json!("caffe"))).unwrap();
    let vector =
        json!([{ "name": "input", "shape": [2], "role": "x", "first_bits": ["bf4deac1", "00000000"] }]);
    fs::write(folder.path().join("fill_vectors.json"), vector.to_string()).unwrap();
    let mut lines = Vec::new();
    run(folder.path(), None, Interpreter::Torch, &mut lines).unwrap();
    let lines = String::from_utf8(lines).unwrap();
    let expected = "FAIL fill_vectors: `input`: element 1: expected bits 00000000, found bf347daf";
    assert_eq!(lines.lines().next(), Some(expected));
    assert_eq!(lines.lines().last(), Some("0 passed, 1 failed, 1 skipped"));
}

fn parity(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_parity")).args(arguments).output().unwrap()
}

fn refused(arguments: &[&str], sentence: &str) {
    let output = parity(arguments);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "");
    assert_eq!(String::from_utf8(output.stderr).unwrap(), format!("error: {sentence}\n"));
}

#[test]
fn nothing_to_compare() {
    let empty = tempfile::tempdir().unwrap();
    let path = empty.path().to_str().unwrap();
    refused(&[path], &format!("{path}: expected cases in JSON files, found none"));
    let output = parity(&[&format!("{path}/missing")]);
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.starts_with(&format!("error: could not list the folder `{path}/missing`")), "{error}");
    refused(
        &["--family", "vgg"],
        "no case is of the family `vgg`; the families are: efficientnetv2, mobileone, resnet, tcn, unet, unext",
    );
    assert_eq!(parity(&["--famly", "tcn"]).status.code(), Some(2));
}

#[test]
fn exit_status_and_json() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cases");
    fs::create_dir(&path).unwrap();
    let original = benches::folder("parity").join(format!("{CASE}.json"));
    fs::copy(original, path.join("a.json")).unwrap();
    fs::write(path.join("manifest.json"), "{}").unwrap();
    let (cases, report) = (path.to_str().unwrap(), folder.path().join("report.json"));
    let json = |path: &Path| fs::read_to_string(path).unwrap();

    let output = parity(&[cases, "--family", "resnet", "--json", report.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0));
    let lines = String::from_utf8(output.stdout).unwrap();
    assert!(lines.starts_with(&format!("PASS {CASE} (max diff ")), "{lines}");
    assert!(lines.ends_with("\n1 passed, 0 failed, 0 skipped\n"), "{lines}");
    let first = json(&report);
    assert!(first.contains("\"status\": \"PASS\""), "{first}");
    assert_eq!(parity(&[cases, "--json", report.to_str().unwrap()]).status.code(), Some(0));
    assert_eq!(json(&report), first);

    // A file that is not a valid case is kept for every family, because hiding it would hide its failure.
    fs::write(path.join("b.json"), "[]").unwrap();
    let output = parity(&[cases, "--family", "resnet", "--json", report.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stdout).unwrap().ends_with("\n1 passed, 1 failed, 0 skipped\n"));
    let parsed: Json = serde_json::from_str(&json(&report)).unwrap();
    assert_eq!(parsed["cases"][1]["status"], "FAIL");
    assert_eq!((&parsed["passed"], &parsed["failed"], &parsed["skipped"]), (&json!(1), &json!(1), &json!(0)));
}
