//! Planted faults are found, distinguished, reduced and repeated.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a failing helper fails its test")]

use std::path::Path;
use std::process::{Command, Output};

fn fuzz(output: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fuzz"));
    // With low limits, the planted faults can be small.
    command.args(["--case-seconds", "0.1", "--killing-seconds", "1", "--refused-bytes", "10000000"]);
    command.arg("--output").arg(output).args(["--jobs", "1"]).args(arguments).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The reduced inputs that a run found for one sort of trouble.
fn inputs(folder: &Path, start: &str) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let found = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(start));
    found.map(|entry| std::fs::read_to_string(entry.path()).unwrap()).collect()
}

#[test]
fn every_planted_fault_is_found_once_and_reduced() {
    let folder = tempfile::tempdir().unwrap();
    let output = fuzz(folder.path(), &["--kind", "planted", "--cases", "300"]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    let faults = [
        ("panic", "PANIC", "planted.rs:"),
        ("abort", "ABORT", "signal 6"),
        ("memory", "MEMORY", "20 MB, refused: expected less, found 20000000"),
        ("message", "LINES", "several lines: expected one line,\\nfound two"),
        ("wrong", "WRONG", "no planted word"),
    ];
    for (sort, word, detail) in faults {
        let lines = text.lines().filter(|line| line.starts_with(&format!("planted: {sort}: ")));
        assert_eq!(lines.clone().count(), 1, "{sort}: {text}");
        assert!(lines.clone().all(|line| line.contains(detail)), "{sort}: {text}");
        assert_eq!(inputs(folder.path(), &format!("planted-{sort}-")), [word]);
    }
    let hangs = inputs(folder.path(), "planted-hang-");
    assert!(!hangs.is_empty() && hangs.iter().all(|input| input.contains("HANG")), "{text}");
    let total = text.lines().last().unwrap();
    assert!(total.starts_with("planted") && total.contains(" 300 "), "{text}");
}

#[test]
fn a_case_that_does_not_end_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let output = fuzz(folder.path(), &["--kind", "endless", "--cases", "1"]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("endless: hang: the process did not end and was killed"), "{text}");
    assert!(inputs(folder.path(), "endless-hang-").iter().all(|input| input.contains("ENDLESS")));
}

#[test]
fn a_finding_is_repeated_by_its_case_and_by_its_input() {
    let folder = tempfile::tempdir().unwrap();
    let text = stdout(&fuzz(folder.path(), &["--kind", "planted", "--cases", "300"]));
    let lines: Vec<&str> = text.lines().collect();
    let wrong = lines.iter().position(|line| line.starts_with("planted: wrong: ")).unwrap();
    let (_, case) = lines[wrong + 1].rsplit_once(' ').unwrap();
    let (_, input) = lines[wrong + 2].split_once("input: ").unwrap();
    let (input, _) = input.split_once(" (").unwrap();
    for argument in [["--case", case], ["--input", input]] {
        let output = fuzz(folder.path(), &[&["--kind", "planted"], &argument[..]].concat());
        assert_eq!(output.status.code(), Some(1));
        assert!(stdout(&output).contains("wrong: no planted word"), "{}", stdout(&output));
    }
}

#[test]
fn a_run_without_findings_succeeds() {
    let folder = tempfile::tempdir().unwrap();
    let output = fuzz(folder.path(), &["--kind", "planted", "--cases", "1"]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn an_unknown_kind_is_refused() {
    let output = fuzz(Path::new("."), &["--kind", "image"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("expected one of configs, foreign"));
}
