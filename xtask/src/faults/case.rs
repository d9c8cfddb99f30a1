//! A case: a folder of its own, seeded randomness, and a log of its actions.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use fastrand::Rng;
use rustix::process::Signal;

use super::ended::{End, Ended};
use super::process::Process;
use super::reference::{RESULTS, RUN, Reference, TRAIN};

/// The result of a case that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The same bytes as the undisturbed run.
    Equal,
    /// A complete run and a note about what was lost, or a difference only in a damaged record that is still valid.
    Noted,
    /// A refusal in one sentence, after which either the run could still be finished or nothing had changed.
    Refused,
    /// The fault is not possible on this machine.
    Skipped,
}

/// A case.
pub(crate) struct Case<'a> {
    pub(crate) factory: &'a Path,
    pub(crate) reference: &'a Reference,
    /// The folder with the config and the data, in which the commands run.
    pub(crate) folder: PathBuf,
    pub(crate) random: Rng,
    /// The commands and faults so far.
    pub(crate) log: Vec<String>,
    commands: usize,
}

impl<'a> Case<'a> {
    pub(crate) fn new(factory: &'a Path, reference: &'a Reference, folder: PathBuf, random: Rng) -> Self {
        Self { factory, reference, folder, random, log: Vec::new(), commands: 0 }
    }

    /// The folder of the run.
    pub(crate) fn run(&self) -> PathBuf {
        self.folder.join(RUN)
    }

    /// Returns whether training was started only once.
    pub(crate) fn has_one_command(&self) -> bool {
        self.commands == 1
    }

    /// A random time, up to a multiple of the duration of the undisturbed run.
    pub(crate) fn moment(&mut self, multiple: f64) -> Duration {
        self.reference.duration.mul_f64(multiple * self.random.f64())
    }

    /// Lets a process run for a random part of the training, measured by its journal, so that the moment is within
    /// training however busy the machine is, or by the clock before there is a journal.
    pub(crate) fn let_run(&mut self, process: &mut Process) -> Result<()> {
        if self.random.u8(..4) == 0 {
            let pause = self.moment(1.1);
            process.sleep(pause)?;
            self.note(format!("after {} ms:", pause.as_millis()));
            return Ok(());
        }
        let journal = self.run().join(RESULTS[1]);
        let written = || fs::read(&journal).map_or(0, |bytes| bytes.split(|byte| *byte == b'\n').count() - 1);
        // A resumed run continues the existing journal.
        let (begin, end) = (written(), self.reference.journal().len());
        let lines = self.random.usize(begin.min(end)..=end);
        process.wait_until(|| written() >= lines)?;
        let pause = Duration::from_millis(self.random.u64(..20));
        process.sleep(pause)?;
        self.note(format!("{} ms after {lines} lines of the journal:", pause.as_millis()));
        Ok(())
    }

    pub(crate) fn note(&mut self, text: impl Into<String>) {
        self.log.push(text.into());
    }

    /// Starts training.
    pub(crate) fn train(&mut self, resume: bool) -> Result<Process> {
        self.train_by("", resume, [None, None])
    }

    /// Starts training from a shell that first runs a command, with its output redirected if given.
    pub(crate) fn train_by(
        &mut self,
        shell: &str,
        resume: bool,
        output: [Option<Stdio>; 2],
    ) -> Result<Process> {
        let words = if resume { &[&TRAIN[..], &["--resume"]].concat()[..] } else { &TRAIN };
        self.start(shell, words, output)
    }

    /// Starts `factory`, or a shell that replaces itself with `factory`.
    pub(crate) fn start(
        &mut self,
        shell: &str,
        words: &[&str],
        output: [Option<Stdio>; 2],
    ) -> Result<Process> {
        let mut command = if shell.is_empty() {
            Command::new(self.factory)
        } else {
            let mut command = Command::new("sh");
            command.args(["-c".into(), OsString::from(format!("{shell}; exec \"$@\"")), "sh".into()]);
            command.arg(self.factory);
            command
        };
        command.args(words).current_dir(&self.folder);
        let shell = if shell.is_empty() { String::new() } else { format!("{shell}; ") };
        self.note(format!("{shell}factory {}", words.join(" ")));
        self.commands += 1;
        let logs = self.folder.join("logs");
        fs::create_dir_all(&logs)?;
        Process::start(command, &logs, &self.commands.to_string(), output)
    }

    /// Runs a `factory` command that must succeed.
    pub(crate) fn succeed(&mut self, words: &[&str]) -> Result<()> {
        let ended = self.start("", words, [None, None])?.wait()?;
        match ended.end()? {
            End::Finished => Ok(()),
            end => bail!("expected `factory {}` to succeed, found {end:?}", words.join(" ")),
        }
    }

    /// Waits for a process to which SIGKILL was sent; it may have finished before.
    pub(crate) fn wait_for_killed(&mut self, process: Process) -> Result<Ended> {
        let ended = process.wait()?;
        match ended.end()? {
            End::Signal(signal) if signal == Signal::KILL.as_raw() => {}
            End::Finished => {}
            end => bail!("expected a killed or finished run, found {end:?}"),
        }
        Ok(ended)
    }

    /// Trains until there are some checkpoints and for a random time longer, then kills the process. The run may have
    /// finished before.
    pub(crate) fn kill_after_checkpoints(&mut self, count: usize) -> Result<()> {
        let mut process = self.train(false)?;
        let run = self.run();
        process.wait_until(|| checkpoints(&run).is_ok_and(|found| found.len() >= count))?;
        self.let_run(&mut process)?;
        process.signal(Signal::KILL)?;
        let end = self.wait_for_killed(process)?.end()?;
        self.note(format!("SIGKILL: {end:?}"));
        // If only one is kept, the older ones have been removed since.
        ensure!(!checkpoints(&run)?.is_empty(), "expected a checkpoint, found none");
        Ok(())
    }

    /// Resumes the run to its end and compares the result.
    pub(crate) fn resume_and_compare(&mut self) -> Result<Verdict> {
        self.train(true)?.wait()?.finished().context("resumed")?;
        self.reference.compare(&self.run())?;
        Ok(Verdict::Equal)
    }
}

/// The checkpoint files of a run, oldest first.
pub(crate) fn checkpoints(run: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(run.join("checkpoints"))? {
        let name = entry?.file_name();
        let name = name.to_string_lossy();
        let step = name.strip_suffix(".safetensors").unwrap_or_default();
        if step.len() == 10 && step.bytes().all(|byte| byte.is_ascii_digit()) {
            files.push(run.join("checkpoints").join(name.as_ref()));
        }
    }
    files.sort();
    Ok(files)
}
