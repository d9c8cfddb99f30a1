//! README.md: its commands run in their order, its config is accepted for files as it describes them, and its links
//! lead somewhere. `cargo xtask readme` also runs the commands of cargo, in a fresh clone.

#![cfg(feature = "torch")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod markdown;

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const README: &str = include_str!("../../../README.md");
/// The words that a command of the page can begin with, besides `factory`.
const CARGO: [&str; 3] = ["cargo xtask setup", "cargo install --locked --path crates/cli", "cargo new"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Runs a command of the page. The cache is empty, as after a first installation.
fn factory(command: &str, folder: &Path) -> Output {
    let arguments = command.strip_prefix("factory ").unwrap().split(' ');
    let mut program = Command::new(env!("CARGO_BIN_EXE_factory"));
    program.args(arguments).current_dir(folder).env("XDG_CACHE_HOME", folder.join("cache"));
    program.output().unwrap()
}

#[test]
fn commands_run_in_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("benches/data");
    std::fs::create_dir_all(&data).unwrap();
    let name = "BasicMotions_TEST.ts";
    std::fs::copy(root().join("benches/data").join(name), data.join(name)).unwrap();
    let mut count = 0;
    for command in markdown::commands(README) {
        if CARGO.iter().any(|known| command.starts_with(known)) {
            continue;
        }
        let output = factory(&command, folder.path());
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
        count += 1;
    }
    assert!(count >= 8, "{count}");
    for file in ["run/report.html", "predictions.csv", "activity.rs"] {
        assert!(folder.path().join(file).is_file(), "{file}");
    }
}

#[test]
fn own_data() {
    let (_, config) = markdown::blocks(README, "yaml")[0];
    assert!(config.lines().count() <= 7, "the page promises seven lines");
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("recordings")).unwrap();
    for person in 0..5 {
        let mut table = "x,y,z,activity\n".to_owned();
        for i in 0..600 {
            let activity = ["rest", "walk", "run"][i / 200];
            let value = (i * (i / 200)) as f64 / 7.0 + f64::from(person);
            writeln!(table, "{:.4},{:.4},{:.4},{activity}", value.sin(), value.cos(), (2.0 * value).sin())
                .unwrap();
        }
        std::fs::write(folder.path().join(format!("recordings/{person}.csv")), table).unwrap();
    }
    std::fs::write(folder.path().join("activity.yaml"), config).unwrap();
    let output = factory("factory check activity.yaml", folder.path());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn links_lead_to_files_and_every_page_is_linked() {
    let mut linked = Vec::new();
    for link in README.split("](").skip(1) {
        let target = link.split(')').next().unwrap();
        assert!(root().join(target).is_file(), "{target}");
        linked.push(target);
    }
    for entry in std::fs::read_dir(root().join("docs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(linked.contains(&format!("docs/{name}").as_str()), "{name}");
    }
}
