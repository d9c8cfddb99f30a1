//! docs/first-model.md: its commands are run in their order, on data of the kind that it describes, and print what it
//! shows. `…` stands for what depends on the machine, or for lines that are left out.

#![cfg(feature = "torch")]
#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

mod markdown;

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use graph::Noise;

const PAGE: &str = include_str!("../../../docs/first-model.md");
const SUBJECTS: [&str; 6] = ["anna", "ben", "cleo", "dan", "eve", "finn"];
/// Samples per second.
const RATE: f64 = 25.0;

/// The activity at a sample: mostly rest, and stairs for a short time.
fn activity(i: usize) -> &'static str {
    match i % 1000 {
        0..400 | 600..700 => "rest",
        700..800 => "stairs",
        _ => "walk",
    }
}

/// A file of one subject. One cell in 97 is missing.
fn recording(subject: usize, samples: usize) -> String {
    let noise = Noise::of(SUBJECTS[subject]);
    let mut text = "time,acc_x,acc_y,acc_z,battery,activity\n".to_owned();
    for i in 0..samples {
        let seconds = i as f64 / RATE;
        let (step, swing) = match activity(i) {
            "rest" => (0.0, 0.0),
            "walk" => (1.8, 0.5),
            _ => (1.1, 0.8),
        };
        let phase = std::f64::consts::TAU * (step + 0.05 * subject as f64) * seconds;
        let normal = |axis: u64| 0.05 * noise.normal(3 * i as u64 + axis);
        let x = swing * phase.sin() + normal(0);
        let y = if i % 97 == 96 { String::new() } else { format!("{:.3}", 0.3 * swing + normal(1)) };
        let z = 1.0 + 0.6 * swing * phase.cos() + normal(2);
        let (minute, second) = ((seconds / 60.0).floor(), seconds % 60.0);
        let battery = 96 - subject - i / 400;
        writeln!(
            text,
            "2026-03-01T08:{minute:02.0}:{second:05.2},{x:.3},{y},{z:.3},{battery},{}",
            activity(i)
        )
        .unwrap();
    }
    text
}

/// Runs a command in a folder. Returns what it prints.
fn run(folder: &Path, command: &str) -> String {
    let factory = env!("CARGO_BIN_EXE_factory");
    let arguments = command.strip_prefix("factory ").unwrap_or_else(|| panic!("{command}"));
    let line = format!("'{factory}' {arguments} 2>&1");
    let output = Command::new("sh").args(["-c", &line]).current_dir(folder).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{command}: {text}");
    text
}

/// Whether a line is as shown, where `…` stands for anything.
fn is_shown(shown: &str, line: &str) -> bool {
    let mut rest = line;
    let mut parts = shown.split('…');
    let first = parts.next().unwrap_or_default();
    let Some(after) = rest.strip_prefix(first) else { return false };
    rest = after;
    let mut ends = !shown.contains('…');
    for part in parts {
        let Some(place) = rest.rfind(part) else { return false };
        rest = &rest[place + part.len()..];
        ends = part.is_empty();
    }
    ends || rest.is_empty()
}

/// Checks that an output has the lines that the page shows. A line of `…` stands for any lines.
fn check_shown(shown: &str, text: &str) {
    let mut lines = text.lines();
    let mut may_skip = false;
    for expected in shown.lines() {
        if expected.trim() == "…" {
            may_skip = true;
            continue;
        }
        let found = if may_skip { lines.find(|line| is_shown(expected, line)) } else { lines.next() };
        assert!(
            found.is_some_and(|found| is_shown(expected, found)),
            "`{expected}`, found {found:?} in\n{text}"
        );
        may_skip = false;
    }
    assert!(may_skip || lines.next().is_none(), "more than\n{shown}\nin\n{text}");
}

/// Replaces each line that begins with `-` by the one after it, which begins with `+`.
fn edit(text: &str, diff: &str) -> String {
    let mut edited = text.to_owned();
    let lines: Vec<&str> = diff.lines().collect();
    for pair in lines.chunks(2) {
        let [before, after] = pair else { panic!("{diff}") };
        let (before, after) = (before.strip_prefix('-').unwrap(), after.strip_prefix('+').unwrap());
        assert_eq!(edited.lines().filter(|line| *line == before).count(), 1, "`{before}` in\n{edited}");
        edited = edited.replace(&format!("{before}\n"), &format!("{after}\n"));
    }
    edited
}

#[test]
fn the_page_is_true_from_raw_files_to_a_trained_model() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    std::fs::create_dir(folder.join("recordings")).unwrap();
    for (i, subject) in SUBJECTS.iter().enumerate() {
        std::fs::write(folder.join(format!("recordings/{subject}.csv")), recording(i, 1500 + 100 * i))
            .unwrap();
    }
    let new: Vec<String> =
        recording(5, 1000).lines().map(|line| line.rsplit_once(',').unwrap().0.to_owned()).collect();
    std::fs::write(folder.join("new.csv"), new.join("\n")).unwrap();
    let mut printed = String::new();
    let mut edits = 0;
    for (language, file, text) in markdown::all_blocks(PAGE) {
        match language {
            "sh" => printed = text.lines().map(|command| run(folder, command)).collect(),
            "text" => check_shown(text, &printed),
            "csv" | "yaml" => check_shown(text, &std::fs::read_to_string(folder.join(file)).unwrap()),
            "diff" => {
                let path = folder.join(file);
                std::fs::write(&path, edit(&std::fs::read_to_string(&path).unwrap(), text)).unwrap();
                edits += 1;
            }
            other => panic!("a block of {other}"),
        }
    }
    assert_eq!(edits, 3);
    assert!(folder.join("runs/activity-0/report.html").is_file());
}
