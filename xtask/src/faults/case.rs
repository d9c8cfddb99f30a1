//! One case: a folder of its own, seeded randomness, and a log of what was done.

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

/// The end of a case in which nothing failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The bytes of the undisturbed run.
    Equal,
    /// A whole run, and a note that says what was lost; or all of it but for a damaged record that still can be read.
    Noted,
    /// A refusal in one sentence, after which the run still could be finished or nothing was touched.
    Refused,
    /// This machine does not allow the fault.
    Skipped,
}

/// One case.
pub(crate) struct Case<'a> {
    pub(crate) factory: &'a Path,
    pub(crate) reference: &'a Reference,
    /// The folder with config and data, in which the commands run.
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

    /// Returns whether the training was started once only.
    pub(crate) fn has_one_command(&self) -> bool {
        self.commands == 1
    }

    /// A random time up to a multiple of the undisturbed training's.
    pub(crate) fn moment(&mut self, multiple: f64) -> Duration {
        self.reference.duration.mul_f64(multiple * self.random.f64())
    }

    /// Lets a process run for a random part of the training: by its journal, so that the moment is within the
    /// training however busy the machine is, or else by the clock.
    pub(crate) fn let_run(&mut self, process: &mut Process) -> Result<()> {
        if self.random.u8(..4) == 0 {
            let pause = self.moment(1.1);
            process.sleep(pause)?;
            self.note(format!("after {} ms:", pause.as_millis()));
            return Ok(());
        }
        let journal = self.run().join(RESULTS[1]);
        let written = || fs::read(&journal).map_or(0, |bytes| bytes.split(|byte| *byte == b'\n').count() - 1);
        // A resumed training goes on from what is written.
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

    /// Starts the training.
    pub(crate) fn train(&mut self, resume: bool) -> Result<Process> {
        self.train_by("", resume, [None, None])
    }

    /// Starts the training from a shell that first does something, with its output where it is given.
    pub(crate) fn train_by(
        &mut self,
        shell: &str,
        resume: bool,
        output: [Option<Stdio>; 2],
    ) -> Result<Process> {
        let words = if resume { &[&TRAIN[..], &["--resume"]].concat()[..] } else { &TRAIN };
        self.start(shell, words, output)
    }

    /// Starts `factory`, or a shell that becomes it.
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

    /// Runs a command of `factory` that must succeed.
    pub(crate) fn succeed(&mut self, words: &[&str]) -> Result<()> {
        let ended = self.start("", words, [None, None])?.wait()?;
        match ended.end()? {
            End::Finished => Ok(()),
            end => bail!("expected `factory {}` to succeed, found {end:?}", words.join(" ")),
        }
    }

    /// Waits for a process that SIGKILL was sent to, and which may have ended before.
    pub(crate) fn wait_for_killed(&mut self, process: Process) -> Result<Ended> {
        let ended = process.wait()?;
        match ended.end()? {
            End::Signal(signal) if signal == Signal::KILL.as_raw() => {}
            End::Finished => {}
            end => bail!("expected a killed or finished training, found {end:?}"),
        }
        Ok(ended)
    }

    /// Trains until there are some checkpoints and a random part of the training longer, then kills. The training may
    /// have ended before.
    pub(crate) fn kill_after_checkpoints(&mut self, count: usize) -> Result<()> {
        let mut process = self.train(false)?;
        let run = self.run();
        process.wait_until(|| checkpoints(&run).is_ok_and(|found| found.len() >= count))?;
        self.let_run(&mut process)?;
        process.signal(Signal::KILL)?;
        let end = self.wait_for_killed(process)?.end()?;
        self.note(format!("SIGKILL: {end:?}"));
        // Where one is kept, an older one may have been removed since.
        ensure!(!checkpoints(&run)?.is_empty(), "expected a checkpoint, found none");
        Ok(())
    }

    /// Resumes the training to its end and compares the result.
    pub(crate) fn resume_and_compare(&mut self) -> Result<Verdict> {
        self.train(true)?.wait()?.finished().context("resumed")?;
        self.reference.compare(&self.run())?;
        Ok(Verdict::Equal)
    }
}

/// The files of a run's checkpoints, the oldest first.
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
