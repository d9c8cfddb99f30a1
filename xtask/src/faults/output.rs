//! Output that cannot be written: closed pipes, full devices, closed descriptors, a terminal that disappears.

use std::fs::File;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use rustix::fs::OFlags;
use rustix::io::{FdFlags, fcntl_setfd};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use super::case::{Case, Verdict};
use super::process::closed_pipe;

/// The destinations of output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// A regular file, which always works.
    File,
    /// A pipe whose reader is closed.
    ClosedPipe,
    /// A device that is always full.
    Full,
    /// A closed descriptor.
    Closed,
}

const PLACES: [Place; 4] = [Place::File, Place::ClosedPipe, Place::Full, Place::Closed];

/// Trains with output that cannot be written: training must end as if it could.
pub(crate) fn unwritable(case: &mut Case<'_>) -> Result<Verdict> {
    let (stdout, mut stderr) = (PLACES[case.random.usize(..4)], PLACES[case.random.usize(..4)]);
    if stdout == Place::File && stderr == Place::File {
        stderr = Place::ClosedPipe;
    }
    case.note(format!("standard output: {stdout:?}, standard error: {stderr:?}"));
    let mut shell = "true".to_owned();
    for (place, redirection) in [(stdout, ">&-"), (stderr, "2>&-")] {
        if place == Place::Closed {
            shell.push_str(&format!("; exec {redirection}"));
        }
    }
    let output = [sink(stdout)?, sink(stderr)?];
    let ended = case.train_by(&shell, false, output)?.wait()?;
    match (stdout, stderr) {
        (Place::Full, Place::File) => {
            let message = ended.refused()?;
            ensure!(
                message.contains("standard output"),
                "expected a message about standard output, found {message}"
            );
        }
        (Place::Full, _) => {
            let (code, status) = (ended.status.code(), ended.status);
            ensure!(code == Some(1), "expected exit code 1 after a failed write, found {status}");
        }
        _ => ended.finished()?,
    }
    case.reference.compare(&case.run())?;
    Ok(Verdict::Equal)
}

/// The terminal disappears in the middle of training.
pub(crate) fn gone_terminal(case: &mut Case<'_>) -> Result<Verdict> {
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).context("could not open a terminal")?;
    // A child process that keeps it open would keep it alive.
    fcntl_setfd(&terminal, FdFlags::CLOEXEC)?;
    grantpt(&terminal)?;
    unlockpt(&terminal)?;
    let name = ptsname(&terminal, Vec::new())?;
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let user = rustix::fs::open(name.as_c_str(), flags, rustix::fs::Mode::empty())?;
    let output = [Some(Stdio::from(user.try_clone()?)), Some(Stdio::from(user))];
    let mut process = case.train_by("", false, output)?;
    // The output is never read; it fits in the terminal's buffer.
    case.let_run(&mut process)?;
    drop(terminal);
    case.note("the terminal disappears");
    let ended = process.wait()?;
    // The result cannot be printed on a terminal that has disappeared, and neither can an error message.
    if ended.status.code() != Some(1) {
        ended.finished()?;
    }
    case.reference.compare(&case.run())?;
    Ok(Verdict::Equal)
}

fn sink(place: Place) -> Result<Option<Stdio>> {
    Ok(match place {
        Place::File | Place::Closed => None,
        Place::ClosedPipe => Some(closed_pipe()?),
        Place::Full => {
            let device =
                File::options().write(true).open("/dev/full").context("this system has no /dev/full")?;
            Some(device.into())
        }
    })
}
