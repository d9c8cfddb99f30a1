//! The command in several processes that `mpirun` starts. These tests need Open MPI; they are built with the feature `mpi`.

#![cfg(all(unix, feature = "mpi", feature = "torch"))]
#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

mod killed;
mod predictions;
mod runs;
mod training;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// More processes than processors, as any user, and nothing that a container forbids.
const SETTINGS: [(&str, &str); 6] = [
    ("OMPI_ALLOW_RUN_AS_ROOT", "1"),
    ("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1"),
    ("OMPI_MCA_rmaps_base_oversubscribe", "1"),
    ("OMPI_MCA_hwloc_base_binding_policy", "none"),
    ("OMPI_MCA_mpi_yield_when_idle", "1"),
    ("OMPI_MCA_btl_vader_single_copy_mechanism", "none"),
];

/// A small config on the watch's recordings, and its folder.
fn place(train: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("watch.yaml");
    std::fs::write(&config, text(train)).unwrap();
    (folder, config)
}

fn text(train: &str) -> String {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benches/data");
    format!(
        "name: watch\n\
         input: {{ channels: 6, length: 100 }}\n\
         classes: 4\n\
         architecture: resnet\n\
         params:\n\
         \x20 stem: [{{ channels: 8, kernel: 7, stride: 4 }}]\n\
         \x20 stem_pool: none\n\
         \x20 dropout: 0.2\n\
         \x20 stages: [{{ channels: 8, depth: 1 }}]\n\
         data:\n\
         \x20 task: classification\n\
         \x20 folder: {}\n\
         \x20 train: BasicMotions_TRAIN.ts\n\
         \x20 validation: 0.2\n\
         \x20 test: BasicMotions_TEST.ts\n\
         \x20 augment: {{ jitter: 0.05, shift: 10 }}\n\
         train: {train}\n",
        data.display()
    )
}

/// The command in some processes, about to run.
fn mpirun(ranks: usize, arguments: &[&str]) -> Command {
    let mut command = Command::new("mpirun");
    command.envs(SETTINGS).args(["-n", &ranks.to_string(), env!("CARGO_BIN_EXE_factory")]).args(arguments);
    command
}

fn ended(ranks: usize, arguments: &[&str]) -> Output {
    mpirun(ranks, arguments).output().unwrap()
}

/// Runs the command in some processes, or without `mpirun` in a single one. Returns what it prints.
fn printed(ranks: usize, arguments: &[&str]) -> String {
    let output = match ranks {
        1 => Command::new(env!("CARGO_BIN_EXE_factory")).args(arguments).output().unwrap(),
        _ => ended(ranks, arguments),
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The files of a run that contain no times.
fn result(folder: &Path) -> [Vec<u8>; 2] {
    ["model.safetensors", "metrics.jsonl"].map(|name| std::fs::read(folder.join(name)).unwrap())
}

/// The errors that the command has printed, without those of `mpirun`.
fn errors(output: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    text.lines().filter(|line| line.starts_with("error: ")).map(str::to_owned).collect()
}
