//! The readers of ONNX and the example of docs/onnx.md, without Python. `cargo xtask verify-onnx` runs them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::Command;

use benches::onnx::Reader;
use benches::onnx::example::script;

const REQUIREMENTS: &str = include_str!("../onnx/requirements.txt");

#[test]
fn each_package_is_pinned() {
    assert!(REQUIREMENTS.lines().all(|line| line.split("==").count() == 2), "{REQUIREMENTS}");
    for line in script().unwrap().lines() {
        let Some(packages) = line.strip_prefix("import ") else { continue };
        for package in packages.split(", ") {
            let name = package.split(" as ").next().unwrap();
            assert!(name == "json" || REQUIREMENTS.contains(&format!("{name}==")), "{name}");
        }
    }
}

#[test]
fn each_reader_has_a_function() {
    let script = include_str!("../onnx/readers.py");
    for reader in Reader::ALL {
        let key = reader.name().to_lowercase().replace(' ', "");
        assert!(script.contains(&format!("\"{key}\":")), "{key}");
    }
}

#[test]
fn a_partial_table_is_refused() {
    let verify = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_verify-onnx")).args(arguments).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, message) = verify(&["--write", "--quick"]);
    assert_eq!(code, Some(2));
    assert!(message.contains("'--write' cannot be used with '--quick'"), "{message}");
}
