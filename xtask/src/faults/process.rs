//! Processes that are waited for with a limit, and signals to them.

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

/// A process that takes longer hangs. The trainings take a second or so.
pub(crate) const LIMIT: Duration = Duration::from_secs(120);
/// The time between two looks at a process or a folder.
const GLANCE: Duration = Duration::from_millis(2);

/// A started process. Its output goes to two files.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    pid: Pid,
    start: Instant,
    output: [PathBuf; 2],
}

impl Process {
    /// Starts a command with its output in `NAME.out` and `NAME.err` of a folder, unless it is given elsewhere.
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
        // A group of its own, so that nothing of it is left where it hangs.
        let child = command.process_group(0).spawn().context("could not start a process")?;
        let pid = Pid::from_child(&child);
        Ok(Self { child, pid, start: Instant::now(), output })
    }

    /// Sends a signal, unless the process has ended. Returns whether it was sent.
    pub(crate) fn signal(&mut self, signal: Signal) -> Result<bool> {
        // A process that ended keeps its number until it is waited for, here or in `wait`.
        if self.child.try_wait()?.is_some() {
            return Ok(false);
        }
        kill_process(self.pid, signal).context("could not send a signal")?;
        Ok(true)
    }

    pub(crate) fn has_ended(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_some())
    }

    /// Waits until something is true. Returns false if the process ended before it was.
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

    /// Sleeps, but not beyond the end of the process.
    pub(crate) fn sleep(&mut self, time: Duration) -> Result<()> {
        let end = Instant::now() + time;
        self.wait_until(|| Instant::now() >= end)?;
        Ok(())
    }

    /// Waits for the end.
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
        bail!("expected an end within {} s, found none", LIMIT.as_secs());
    }
}

impl Drop for Process {
    /// A failed case leaves no process.
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _ = kill_process_group(self.pid, Signal::KILL);
            let _ = self.child.wait();
        }
    }
}

/// The ways in which a process may treat a signal, apart from the usual one.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Disposition {
    /// It has a handler.
    Handled,
    /// It ignores the signal.
    Ignored,
}

/// Returns whether a process treats a signal in a way; `None` where the system does not tell.
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

/// A pipe whose reader is closed already.
pub(crate) fn closed_pipe() -> io::Result<Stdio> {
    let (reader, writer) = io::pipe()?;
    drop(reader);
    Ok(OwnedFd::from(writer).into())
}

/// A pipe into a file, by way of another process that no limit of the writer reaches.
pub(crate) fn piped_to(path: &Path) -> Result<(Stdio, Child)> {
    let (reader, writer) = io::pipe()?;
    let cat = Command::new("cat").stdin(reader).stdout(File::create(path)?).spawn()?;
    Ok((OwnedFd::from(writer).into(), cat))
}
