//! Full disks: limits on the size of files, and small file systems.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitStatus};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::getuid;

use super::case::{Case, Verdict};
use super::ended::{End, Ended};
use super::folder;
use super::process::{Process, piped_to};
use super::reference::{RUN, TRAIN};

/// The unit of `ulimit -f` in a POSIX shell.
const BLOCK: u64 = 512;

/// Trains with a limit on the size of files.
pub(crate) fn limited_files(case: &mut Case<'_>) -> Result<Verdict> {
    let mut largest = 0;
    for path in folder::walk(&case.reference.folder.join(RUN))? {
        largest = largest.max(fs::metadata(path)?.len());
    }
    let blocks = case.random.u64(..=largest / BLOCK + 1);
    // The limit is not meant for the output, which therefore passes through a process without a limit.
    let logs = case.folder.join("logs");
    fs::create_dir_all(&logs)?;
    let [out, err] = ["limited.out", "limited.err"].map(|name| logs.join(name));
    let ((stdout, mut first), (stderr, mut second)) = (piped_to(&out)?, piped_to(&err)?);
    let shell = format!("trap '' XFSZ; ulimit -f {blocks}");
    let status = case.train_by(&shell, false, [Some(stdout), Some(stderr)])?.wait()?.status;
    first.wait()?;
    second.wait()?;
    let full = Ended { status, stdout: fs::read(out)?, stderr: fs::read(err)? };
    check_full(case, &full)?;
    let room = case.train(true)?.wait()?;
    check_room(case, &full, &room, &case.run())
}

/// Script that trains on a small file system, enlarges it, and resumes. It runs in a namespace of its own, so that
/// nothing stays mounted.
const SCRIPT: &str = "
mount -t tmpfs -o size=\"$1\"k tmpfs run || exit 99
shift
\"$@\" >logs/full.out 2>logs/full.err
echo $? >logs/full.code
mount -o remount,size=100m run || exit 98
\"$@\" --resume >logs/room.out 2>logs/room.err
echo $? >logs/room.code
cp -R run/. kept
";

/// Trains on a small file system.
pub(crate) fn small_disk(case: &mut Case<'_>) -> Result<Verdict> {
    if !can_mount() {
        return Ok(Verdict::Skipped);
    }
    for name in [RUN, "logs", "kept"] {
        fs::create_dir_all(case.folder.join(name))?;
    }
    let mut total = 0;
    for path in folder::walk(&case.reference.folder.join(RUN))? {
        // Files occupy whole pages.
        total += fs::metadata(path)?.len().next_multiple_of(4096);
    }
    let size = case.random.u64(4..=total * 6 / 5 / 1024 + 4);
    let mut command = unshared();
    command.args(["-c", SCRIPT, "sh", &size.to_string()]).arg(case.factory).args(TRAIN);
    command.current_dir(&case.folder);
    case.note(format!("factory {} on a disk of {size} KiB, then on a larger one", TRAIN.join(" ")));
    let ended = Process::start(command, &case.folder.join("logs"), "script", [None, None])?.wait()?;
    ensure!(ended.status.success(), "expected a mounted file system, found {}", ended.messages());
    let logs = case.folder.join("logs");
    let full = by_shell(&logs, "full")?;
    check_full(case, &full)?;
    check_room(case, &full, &by_shell(&logs, "room")?, &case.folder.join("kept"))
}

/// Checks that the run resumed with enough space ends like an undisturbed one, except for log records that were
/// reported as lost.
fn check_room(case: &Case<'_>, full: &Ended, room: &Ended, run: &Path) -> Result<Verdict> {
    room.finished().context("resumed with enough space")?;
    case.reference.compare_but_for_records(run, &(full.messages() + &room.messages()), &[])
}

/// Checks that a full disk leads to one sentence that names a file of the run, or has no effect.
fn check_full(case: &mut Case<'_>, ended: &Ended) -> Result<()> {
    match ended.end()? {
        End::Finished => case.note("there was enough space"),
        End::Refused(message) => {
            ensure!(message.contains(RUN), "expected the name of a file, found {message}");
            case.note(format!("refused: {message}"));
        }
        end => bail!("expected a refusal that names a file, found {end:?}"),
    }
    Ok(())
}

/// The result of a command in the script, from the files that the script wrote.
fn by_shell(logs: &Path, name: &str) -> Result<Ended> {
    let read = |ending: &str| fs::read(logs.join(format!("{name}.{ending}")));
    let code: i32 = String::from_utf8(read("code")?)?.trim().parse()?;
    // A shell reports a signal as 128 plus its number; these cases never interrupt training.
    let status = ExitStatus::from_raw(if code > 128 { code - 128 } else { code << 8 });
    Ok(Ended { status, stdout: read("out")?, stderr: read("err")? })
}

/// A shell in a mount namespace of its own.
fn unshared() -> Command {
    let mut command = Command::new("unshare");
    command.arg("--mount");
    if !getuid().is_root() {
        command.arg("--map-root-user");
    }
    command.arg(OsStr::new("sh"));
    command
}

/// Returns whether this user can mount a file system.
pub(crate) fn can_mount() -> bool {
    let output = unshared().args(["-c", "mount -t tmpfs -o size=4k tmpfs /tmp"]).output();
    output.is_ok_and(|output| output.status.success())
}
