//! Processes with a time limit, and signals to them.

use std::fs::{self, File};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use super::ended::Ended;

/// A process that takes longer is considered to hang. Training takes about a second.
pub(crate) const LIMIT: Duration = Duration::from_secs(120);
/// Polling interval for processes and folders.
const GLANCE: Duration = Duration::from_millis(2);

/// A running process, whose output goes to two files.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    pid: Pid,
    start: Instant,
    output: [PathBuf; 2],
}

impl Process {
    /// Starts a command. Its output goes to `NAME.out` and `NAME.err` in a folder, unless other destinations are given.
    pub(crate) fn start(
        mut command: Command,
        folder: &Path,
        name: &str,
        [stdout, stderr]: [Option<Stdio>; 2],
    ) -> Result<Self> {
        let output = ["out", "err"].map(|ending| folder.join(format!("{name}.{ending}")));
        let [out, err] = [File::create(&output[0])?, File::create(&output[1])?];
        command.stdin(Stdio::null());
        command.stdout(stdout.unwrap_or_else(|| out.into())).stderr(stderr.unwrap_or_else(|| err.into()));
        // A process group of its own, so that all of it can be killed if it hangs.
        let child = command.process_group(0).spawn().context("could not start a process")?;
        let pid = Pid::from_child(&child);
        Ok(Self { child, pid, start: Instant::now(), output })
    }

    /// Sends a signal, unless the process has ended. Returns whether it was sent.
    pub(crate) fn signal(&mut self, signal: Signal) -> Result<bool> {
        // The id of an ended process is not reused until it is waited for, here or in `wait`.
        if self.child.try_wait()?.is_some() {
            return Ok(false);
        }
        kill_process(self.pid, signal).context("could not send a signal")?;
        Ok(true)
    }

    pub(crate) fn has_ended(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_some())
    }

    /// Waits until a condition is true. Returns false if the process ends first.
    pub(crate) fn wait_until(&mut self, mut is_true: impl FnMut() -> bool) -> Result<bool> {
        while !is_true() {
            if self.has_ended()? {
                return Ok(false);
            }
            self.check_limit()?;
            sleep(GLANCE);
        }
        Ok(true)
    }

    /// Sleeps, but no longer than until the process ends.
    pub(crate) fn sleep(&mut self, time: Duration) -> Result<()> {
        let end = Instant::now() + time;
        self.wait_until(|| Instant::now() >= end)?;
        Ok(())
    }

    /// Waits for the process to end.
    pub(crate) fn wait(mut self) -> Result<Ended> {
        let status = loop {
            if let Some(status) = self.child.try_wait()? {
                break status;
            }
            self.check_limit()?;
            sleep(GLANCE);
        };
        let [stdout, stderr] = self.output.each_ref().map(fs::read);
        Ok(Ended { status, stdout: stdout?, stderr: stderr? })
    }

    pub(crate) fn pid(&self) -> Pid {
        self.pid
    }

    fn check_limit(&mut self) -> Result<()> {
        if self.start.elapsed() < LIMIT {
            return Ok(());
        }
        let _ = kill_process_group(self.pid, Signal::KILL);
        let _ = self.child.wait();
        bail!("expected the process to end within {} s, found it running", LIMIT.as_secs());
    }
}

impl Drop for Process {
    /// Kills the process, so that a failed case leaves none behind.
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _ = kill_process_group(self.pid, Signal::KILL);
            let _ = self.child.wait();
        }
    }
}

/// Non-default treatment of a signal by a process.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Disposition {
    /// The process has a handler for the signal.
    Handled,
    /// The process ignores the signal.
    Ignored,
}

/// Returns whether a process treats a signal in this way, or `None` on systems without `/proc`.
pub(crate) fn disposition(pid: Pid, way: Disposition, signal: Signal) -> Option<bool> {
    let key = match way {
        Disposition::Handled => "SigCgt:",
        Disposition::Ignored => "SigIgn:",
    };
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let mask = status.lines().find_map(|line| line.strip_prefix(key))?;
    let mask = u64::from_str_radix(mask.trim(), 16).ok()?;
    Some(mask >> (signal.as_raw() - 1) & 1 == 1)
}

/// A pipe whose reader is already closed.
pub(crate) fn closed_pipe() -> io::Result<Stdio> {
    let (reader, writer) = io::pipe()?;
    drop(reader);
    Ok(OwnedFd::from(writer).into())
}

/// A pipe to a file through another process, to which limits of the writer do not apply.
pub(crate) fn piped_to(path: &Path) -> Result<(Stdio, Child)> {
    let (reader, writer) = io::pipe()?;
    let cat = Command::new("cat").stdin(reader).stdout(File::create(path)?).spawn()?;
    Ok((OwnedFd::from(writer).into(), cat))
}
