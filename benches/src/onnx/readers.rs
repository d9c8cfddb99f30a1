//! Readers of ONNX, in one long-lived Python process.
//!
//! `onnx/readers.py` describes the messages. Arrays are exchanged through files, because JSON would round them.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result};
use graph::Array;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

/// A reader of ONNX.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reader {
    /// The checker and the strict shape inference of the package `onnx`. It runs nothing.
    Checker,
    /// ONNX Runtime on the processor.
    OnnxRuntime,
    /// OpenVINO on the processor, in f32.
    OpenVino,
    /// tract.
    Tract,
}

impl Reader {
    /// All readers, in the order of reports.
    pub const ALL: [Self; 4] = [Self::Checker, Self::OnnxRuntime, Self::OpenVino, Self::Tract];

    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Checker => "checker",
            Self::OnnxRuntime => "ONNX Runtime",
            Self::OpenVino => "OpenVINO",
            Self::Tract => "tract",
        }
    }

    /// The name in messages to the process.
    fn key(self) -> &'static str {
        match self {
            Self::Checker => "checker",
            Self::OnnxRuntime => "onnxruntime",
            Self::OpenVino => "openvino",
            Self::Tract => "tract",
        }
    }
}

/// The result of reading and running a file.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// The outputs of each run, in the order of the file. The checker has no outputs.
    Outputs(Vec<Vec<Array>>),
    /// The message of a reader that refuses the file or an input.
    Refused(String),
}

/// The process that runs the readers. It starts with the first job, and again after a crash.
#[derive(Debug)]
pub struct Readers {
    python: PathBuf,
    folder: TempDir,
    process: Option<Process>,
}

#[derive(Debug)]
struct Process {
    child: Child,
    /// `None` once no more jobs are sent.
    jobs: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

#[derive(Serialize)]
struct Job<'a> {
    reader: &'a str,
    model: &'a Path,
    inputs: Vec<Vec<ArrayFile>>,
    folder: &'a Path,
}

#[derive(Serialize, Deserialize)]
struct ArrayFile {
    file: PathBuf,
    shape: Vec<usize>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Message {
    Outputs { outputs: Vec<Vec<ArrayFile>> },
    Error { error: String },
}

impl Readers {
    /// The readers of this Python, whose packages are those of `onnx/requirements.txt`.
    ///
    /// # Errors
    /// If no temporary folder can be made.
    pub fn new(python: PathBuf) -> Result<Self> {
        Ok(Self { python, folder: tempfile::tempdir()?, process: None })
    }

    /// Reads a model file, and runs it on the inputs of each run, given in the order of the file.
    ///
    /// # Errors
    /// If the process cannot be started, or files cannot be exchanged with it. A reader's error is an answer.
    pub fn run(&mut self, reader: Reader, model: &Path, runs: &[Vec<Array>]) -> Result<Answer> {
        let folder = self.folder.path();
        let mut inputs = Vec::new();
        for (run, arrays) in runs.iter().enumerate() {
            let write = |(i, array): (usize, &Array)| {
                ArrayFile::write(array, folder.join(format!("input-{run}-{i}.f32")))
            };
            inputs.push(arrays.iter().enumerate().map(write).collect::<Result<Vec<_>>>()?);
        }
        let job = serde_json::to_string(&Job { reader: reader.key(), model, inputs, folder })?;
        let mut process = match self.process.take() {
            Some(process) => process,
            None => Process::start(&self.python, &self.messages())?,
        };
        let Some(line) = process.exchange(&job) else {
            let status = process.child.wait().context("could not wait for Python")?;
            let messages = fs::read_to_string(self.messages()).unwrap_or_default();
            let message = messages.trim_end().lines().last().unwrap_or("no message");
            return Ok(Answer::Refused(format!("Python ended with {status}: {message}")));
        };
        self.process = Some(process);
        match serde_json::from_str(&line).context("expected an answer of readers.py")? {
            Message::Error { error } => Ok(Answer::Refused(error)),
            Message::Outputs { outputs } => {
                let read = |run: &Vec<ArrayFile>| run.iter().map(ArrayFile::read).collect::<Result<Vec<_>>>();
                Ok(Answer::Outputs(outputs.iter().map(read).collect::<Result<_>>()?))
            }
        }
    }

    /// The file of what the process writes to standard error.
    fn messages(&self) -> PathBuf {
        self.folder.path().join("messages.txt")
    }
}

impl Process {
    fn start(python: &Path, messages: &Path) -> Result<Self> {
        let script = crate::folder("onnx").join("readers.py");
        let mut command = Command::new(python);
        command.arg("-B").arg(script).stdin(Stdio::piped()).stdout(Stdio::piped());
        // Otherwise tract adds the addresses of its functions to each error.
        command.env("RUST_BACKTRACE", "0");
        command.stderr(fs::File::create(messages)?);
        let mut child = command.spawn().with_context(|| format!("could not run {command:?}"))?;
        let jobs = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().context("the output of Python is piped")?);
        Ok(Self { child, jobs, answers })
    }

    /// Sends a line and returns the next one, or `None` if the process has ended.
    fn exchange(&mut self, line: &str) -> Option<String> {
        let jobs = self.jobs.as_mut()?;
        writeln!(jobs, "{line}").and_then(|()| jobs.flush()).ok()?;
        let mut answer = String::new();
        let count = self.answers.read_line(&mut answer).ok()?;
        if count == 0 { None } else { Some(answer) }
    }
}

impl Drop for Process {
    /// Closes the input, which ends the process.
    fn drop(&mut self) {
        self.jobs = None;
        drop(self.child.wait());
    }
}

impl ArrayFile {
    fn write(array: &Array, file: PathBuf) -> Result<Self> {
        let bytes: Vec<u8> = array.data().iter().flat_map(|value| value.to_ne_bytes()).collect();
        fs::write(&file, bytes).with_context(|| format!("could not write `{}`", file.display()))?;
        Ok(Self { file, shape: array.shape().to_vec() })
    }

    fn read(&self) -> Result<Array> {
        let failed = || format!("could not read `{}`", self.file.display());
        let bytes = fs::read(&self.file).with_context(failed)?;
        let (values, _) = bytes.as_chunks();
        let values = values.iter().map(|bytes| f32::from_ne_bytes(*bytes)).collect();
        Array::new(self.shape.clone(), values).with_context(failed)
    }
}
