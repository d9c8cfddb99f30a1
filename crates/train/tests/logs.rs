//! A run continues if its logs are damaged, missing or cannot be written.

#![cfg(feature = "torch")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::fs;
use std::path::Path;

use common::{config, resumed, run, turn, until, whole};
use tempfile::tempdir;
use train::{Config, RunEnd};

const JOURNAL: &str = "metrics.jsonl";
const EVENTS: &str = "events.out.tfevents.run";

fn model(folder: &Path) -> Vec<u8> {
    fs::read(folder.join("model.safetensors")).unwrap()
}

fn journal(folder: &Path) -> String {
    fs::read_to_string(folder.join(JOURNAL)).unwrap()
}

/// An epoch has 6 steps, and each step is logged; the run is stopped after step 8.
#[test]
fn damaged_logs_are_truncated_and_noted() {
    let _turn = turn();
    let whole_folder = tempdir().unwrap();
    whole(&run(config(), whole_folder.path()));
    let expected = journal(whole_folder.path());
    for (name, damaged_byte) in [(JOURNAL, 2), (EVENTS, 60)] {
        let folder = tempdir().unwrap();
        until(&run(config(), folder.path()), 8);
        let file = folder.path().join(name);
        let mut bytes = fs::read(&file).unwrap();
        // The journal loses its third line, the event log its second record.
        let line = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(1).map(|(i, _)| i);
        let damaged_byte = if name == JOURNAL { line.unwrap() + damaged_byte } else { damaged_byte };
        bytes[damaged_byte] ^= 1;
        fs::write(&file, bytes).unwrap();
        let (end, notes) = until(&resumed(config(), folder.path()), u64::MAX);
        assert!(matches!(end, RunEnd::Finished(_)));
        let [note] = &notes[..] else { panic!("{notes:?}") };
        assert!(note.starts_with(file.to_str().unwrap()), "{note}");
        assert!(note.contains(" of 9 records up to step 8 are left; "), "{note}");
        assert!(note.ends_with(" are left; training continues, and the log stays incomplete"), "{note}");
        assert!(model(folder.path()) == model(whole_folder.path()));
        let lines: Vec<&str> = expected.lines().collect();
        let left: Vec<&str> = if name == JOURNAL { [&lines[..2], &lines[9..]].concat() } else { lines };
        assert_eq!(journal(folder.path()).lines().collect::<Vec<_>>(), left);
    }
}

/// Damage after the latest checkpoint loses nothing, because those steps are taken again.
#[test]
fn damage_after_the_checkpoint_is_undone() {
    let _turn = turn();
    let (whole_folder, folder) = (tempdir().unwrap(), tempdir().unwrap());
    whole(&run(config(), whole_folder.path()));
    until(&run(config(), folder.path()), 8);
    for name in [JOURNAL, EVENTS] {
        let mut bytes = fs::read(folder.path().join(name)).unwrap();
        bytes.extend(b"neither a line nor a record, but longer than the head of one\n{}\n");
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    whole(&resumed(config(), folder.path()));
    assert!(common::result(folder.path()) == common::result(whole_folder.path()));
}

#[test]
fn a_lost_journal_is_noted() {
    let _turn = turn();
    let folder = tempdir().unwrap();
    until(&run(config(), folder.path()), 8);
    fs::remove_file(folder.path().join(JOURNAL)).unwrap();
    let (_, notes) = until(&resumed(config(), folder.path()), u64::MAX);
    let file = folder.path().join(JOURNAL);
    let expected = format!(
        "{}: 0 of 9 records up to step 8 are left; training continues, and the log stays incomplete",
        file.display()
    );
    assert_eq!(notes, [expected]);
    assert!(journal(folder.path()).starts_with("{\"step\":9,"));
}

/// Limits on the size of files apply to a whole process, so the run with full logs has a process of its own.
#[cfg(unix)]
mod full {
    use std::os::unix::process::ExitStatusExt;
    use std::path::PathBuf;
    use std::process::Command;

    use super::*;

    const FOLDER: &str = "FACTORY_TEST_FOLDER";
    const OTHER_FOLDER: &str = "FACTORY_TEST_OTHER_FOLDER";

    fn long() -> Config {
        Config { epochs: 60, ..config() }
    }

    /// Runs the test called `name` in a process whose files have at most `blocks` blocks.
    fn limited(name: &str, variable: &str, folder: &Path, blocks: usize) {
        let script = "trap '' XFSZ; ulimit -f $1; shift; exec \"$@\"";
        let mut command = Command::new("sh");
        command.args(["-c", script, "sh", &blocks.to_string()]).arg(std::env::current_exe().unwrap());
        let output = command.args(["--exact", name, "--nocapture"]).env(variable, folder).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && output.status.signal().is_none(), "{text}");
    }

    /// The blocks of 512 bytes (in some shells, of 1024) that are enough for a checkpoint.
    fn blocks(folder: &Path) -> usize {
        let longest = common::checkpoints(folder).iter().map(|file| fs::metadata(file).unwrap().len()).max();
        usize::try_from(longest.unwrap()).unwrap() / 512 + 2
    }

    #[test]
    fn logs_that_cannot_be_written_do_not_end_a_run() {
        let _turn = turn();
        let (whole_folder, folder) = (tempdir().unwrap(), tempdir().unwrap());
        whole(&run(long(), whole_folder.path()));
        let blocks = blocks(whole_folder.path());
        assert!(journal(whole_folder.path()).len() > 1024 * blocks, "the journal is too short for this test");
        limited("full::run_with_full_logs", FOLDER, folder.path(), blocks);
        assert!(model(folder.path()) == model(whole_folder.path()));
        let written = journal(folder.path());
        assert!(journal(whole_folder.path()).starts_with(&written));
        // The log is incomplete, which a resumed run reports.
        let (end, notes) = until(&resumed(long(), folder.path()), u64::MAX);
        assert!(matches!(end, RunEnd::Finished(_)));
        assert_eq!(notes.len(), 2, "{notes:?}");
        assert!(
            notes.iter().all(|note| note.contains(" of 420 records up to step 360 are left; ")),
            "{notes:?}"
        );
    }

    /// The part of the test above that runs under the limit.
    #[test]
    fn run_with_full_logs() {
        let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
        let _turn = turn();
        let (end, notes) = until(&run(long(), &folder), u64::MAX);
        assert!(matches!(end, RunEnd::Finished(_)));
        let count = |name: &str, end: &str| {
            notes.iter().filter(|note| note.contains(name) && note.ends_with(end)).count()
        };
        for name in [JOURNAL, EVENTS] {
            let noted = "; training continues, and these records will be written later if possible";
            assert_eq!(count(name, noted), 1, "{notes:?}");
            assert_eq!(count(name, "; the log of this run is incomplete"), 1, "{notes:?}");
        }
    }

    #[test]
    fn a_checkpoint_that_cannot_be_written_ends_a_run_that_can_be_resumed() {
        let _turn = turn();
        let (whole_folder, folder) = (tempdir().unwrap(), tempdir().unwrap());
        whole(&run(config(), whole_folder.path()));
        limited("full::run_with_full_checkpoints", OTHER_FOLDER, folder.path(), 2);
        whole(&resumed(config(), folder.path()));
        assert!(common::result(folder.path()) == common::result(whole_folder.path()));
    }

    /// The part of the test above that runs under the limit.
    #[test]
    fn run_with_full_checkpoints() {
        let Some(folder) = std::env::var_os(OTHER_FOLDER).map(PathBuf::from) else { return };
        let _turn = turn();
        let error = common::refused(&run(config(), &folder)).to_string();
        let file = folder.join("checkpoints/0000000006.safetensors");
        assert!(error.starts_with(&format!("{}: cannot write: ", file.display())), "{error}");
        assert_eq!(common::checkpoints(&folder), Vec::<PathBuf>::new());
    }
}
