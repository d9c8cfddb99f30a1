//! `factory init` on data of many shapes: each gives a config that `factory check` accepts, or one sentence that says
//! what it needs to know.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

mod questions;
mod shapes;

use std::path::Path;
use std::process::{Command, Output};

/// Runs the command in a folder.
fn ended(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_factory"));
    command.args(arguments).current_dir(folder).output().unwrap()
}

/// Writes a config for the data in a folder, and checks it. Returns its text.
fn accepted(folder: &Path, arguments: &[&str]) -> String {
    let output = ended(folder, &[&["init", "--output", "model.yaml"], arguments].concat());
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {error}");
    let text = std::fs::read_to_string(folder.join("model.yaml")).unwrap();
    if cfg!(feature = "torch") {
        let checked = ended(folder, &["check", "model.yaml"]);
        assert!(checked.status.success(), "{text}\n{}", String::from_utf8_lossy(&checked.stderr));
    }
    text
}

/// Returns the question that is asked about the data in a folder.
fn question(folder: &Path, arguments: &[&str]) -> String {
    let output = ended(folder, &[&["init", "--output", "model.yaml"], arguments].concat());
    assert!(!output.status.success());
    assert!(!folder.join("model.yaml").exists());
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(error.lines().count(), 1, "{error}");
    error.trim_end().strip_prefix("error: ").unwrap().to_owned()
}

/// Writes a file in a folder.
fn write(folder: &Path, name: &str, content: impl AsRef<[u8]>) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

/// A value of channel `channel` at sample `i`: a sine whose frequency depends on the class, with some noise.
fn value(class: usize, channel: usize, i: usize) -> f64 {
    let noise = graph::Noise::of("init").normal((class * 1000 + channel * 100_000 + i) as u64);
    (i as f64 * (0.2 + 0.4 * class as f64) + channel as f64).sin() + 0.1 * noise
}
