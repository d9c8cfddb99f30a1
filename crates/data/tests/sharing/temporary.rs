//! Nothing is left in the folder of temporary files after success, an error, or a kill. If the folder is missing, each
//! process reads all files.

use std::path::Path;
use std::process::{Command, ExitStatus};

use crate::cases::{CASES, folder};
use crate::equal::config;
use crate::files::shape;
use crate::processes::in_processes;

/// Set in a process that kills itself.
const KILLED: &str = "SHARING_TEST_KILLED";

/// Runs a test of this program in a process of its own, with this folder of temporary files.
fn ended(test: &str, temporary: &Path) -> ExitStatus {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test]).env("TMPDIR", temporary).env(KILLED, "1");
    command.output().unwrap().status
}

#[test]
fn nothing_is_left_in_the_folder_of_temporary_files() {
    let temporary = tempfile::tempdir().unwrap();
    for (test, succeeds) in [
        ("equal::the_splits_are_those_of_a_single_process", true),
        ("errors::errors_are_those_of_a_single_process", true),
        ("temporary::a_process_that_is_killed", false),
    ] {
        assert_eq!(ended(test, temporary.path()).success(), succeeds, "{test}");
        let left: Vec<_> = std::fs::read_dir(temporary.path()).unwrap().collect();
        assert!(left.is_empty(), "{test}: {left:?}");
    }
}

#[test]
fn processes_without_temporary_files_read_on_their_own() {
    let temporary = tempfile::tempdir().unwrap();
    let missing = temporary.path().join("missing");
    assert!(ended("equal::the_splits_are_those_of_a_single_process", &missing).success());
}

#[test]
fn a_process_that_is_killed() {
    if std::env::var_os(KILLED).is_none() {
        return;
    }
    let folder = folder();
    let _splits = in_processes(&[0, 0, 0], |_, sharing| {
        config(CASES[0].config).open_shared(&shape(CASES[0].input), folder.path(), &|_| {}, sharing).unwrap()
    });
    drop(folder);
    let own = std::process::id().to_string();
    Command::new("kill").args(["-KILL", &own]).status().unwrap();
    std::thread::sleep(std::time::Duration::from_secs(60));
}
