//! A process that runs one network in one runtime, in turns.
//!
//! `latency/runner.py` describes the messages. The engine and rten run in this program, see [`runner`](super::runner).

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::files::ArrayFile;
use super::layers::Layer;
use super::runtime::Runtime;
use crate::{command, folder};

/// The first message.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Job {
    pub(super) runtime: Runtime,
    pub(super) model: PathBuf,
    pub(super) input: ArrayFile,
    pub(super) output: PathBuf,
    pub(super) threads: usize,
    /// Whether the engine's instructions are measured.
    #[serde(default)]
    pub(super) layers: bool,
}

/// The answer to the first message.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Loaded {
    pub(super) version: String,
    /// Bytes of weights and of the arena, for the engine.
    #[serde(default)]
    pub(super) memory: Option<[usize; 2]>,
    /// The engine's instructions, if the job asks for them.
    #[serde(default)]
    pub(super) layers: Vec<Layer>,
}

/// Any further message.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Turn {
    pub(super) seconds: f64,
}

/// The answer to it: times of a run in milliseconds.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Timing {
    pub(super) median: f64,
    pub(super) least: f64,
    pub(super) runs: usize,
}

/// A process that has loaded a network.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    /// `None` once no more turns are taken.
    messages: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Process {
    /// Starts a process pinned to as many cores as the job has threads, and loads the network.
    ///
    /// # Errors
    /// If the process cannot be started, or if the runtime refuses the network; the message is the runtime's.
    pub(super) fn start(job: &Job, python: &Path) -> Result<(Self, Loaded)> {
        let mut command = if job.runtime.is_rust() {
            let mut command = command::pinned(&std::env::current_exe()?, job.threads);
            command.arg("--runner");
            command
        } else {
            let mut command = command::pinned(python, job.threads);
            command.arg("-B").arg(folder("latency").join("runner.py"));
            command
        };
        command.env("RUST_BACKTRACE", "0").env("TF_CPP_MIN_LOG_LEVEL", "3");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().with_context(|| format!("could not run {command:?}"))?;
        let messages = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().context("the output is piped")?);
        let mut process = Self { child, messages, answers };
        let loaded = process.exchange(job)?;
        Ok((process, loaded))
    }

    /// Runs the network for this time, at least once.
    ///
    /// # Errors
    /// If a run fails.
    pub(super) fn turn(&mut self, seconds: f64) -> Result<Timing> {
        self.exchange(&Turn { seconds })
    }

    fn exchange<A: DeserializeOwned>(&mut self, message: &impl Serialize) -> Result<A> {
        let messages = self.messages.as_mut().context("the process has ended")?;
        writeln!(messages, "{}", serde_json::to_string(message)?)?;
        messages.flush()?;
        let mut line = String::new();
        if self.answers.read_line(&mut line)? == 0 {
            bail!("the process ended with {}", self.child.wait()?);
        }
        let answer: Value = serde_json::from_str(&line).context("expected an answer as JSON")?;
        if let Some(error) = answer["error"].as_str() {
            bail!("{}", error.lines().next().unwrap_or_default());
        }
        Ok(serde_json::from_value(answer)?)
    }
}

impl Drop for Process {
    /// Closes the input, which ends the process.
    fn drop(&mut self) {
        self.messages = None;
        drop(self.child.wait());
    }
}
