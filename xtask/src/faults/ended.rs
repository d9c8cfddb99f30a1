//! Classification of how a `factory` process ended.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use anyhow::{Context, Result, bail, ensure};

/// Maximum length of a line of output, in bytes.
const LONGEST: usize = 500;

/// A process that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
}

/// The ways in which a process may end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Exit code 0.
    Finished,
    /// Exit code 130.
    Interrupted,
    /// Exit code 1 or 3, with an error of one sentence.
    Refused(String),
    /// Terminated by a signal.
    Signal(i32),
}

impl Ended {
    /// Classifies the end.
    ///
    /// # Errors
    /// If there is a panic, a line that is too long or has control characters, an error of several lines or none, or
    /// another exit code.
    pub(crate) fn end(&self) -> Result<End> {
        let stderr = text(&self.stderr, "standard error")?;
        text(&self.stdout, "standard output")?;
        if let Some(signal) = self.status.signal() {
            return Ok(End::Signal(signal));
        }
        match self.status.code() {
            Some(0) => Ok(End::Finished),
            Some(130) => Ok(End::Interrupted),
            Some(1 | 3) => Ok(End::Refused(sentence(stderr)?.to_owned())),
            Some(_) | None => bail!("expected exit code 0, 1, 3 or 130, found {}: {stderr}", self.status),
        }
    }

    /// # Errors
    /// If the run did not finish.
    pub(crate) fn finished(&self) -> Result<()> {
        match self.end()? {
            End::Finished => Ok(()),
            end => bail!("expected a finished run, found {end:?}"),
        }
    }

    /// Returns the message of a refusal.
    ///
    /// # Errors
    /// If the process did not end with a refusal.
    pub(crate) fn refused(&self) -> Result<String> {
        match self.end()? {
            End::Refused(message) => Ok(message),
            end => bail!("expected a refusal, found {end:?}"),
        }
    }

    /// Standard error as text.
    pub(crate) fn messages(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }
}

/// Returns the output as text, or an error if a line is not readable.
fn text<'a>(bytes: &'a [u8], place: &str) -> Result<&'a str> {
    let text = str::from_utf8(bytes).with_context(|| format!("expected text on {place}"))?;
    for line in text.lines() {
        ensure!(!line.contains("panicked at"), "expected no panic on {place}, found {line}");
        let long = line.len();
        ensure!(long <= LONGEST, "expected lines up to {LONGEST} bytes on {place}, found {long}: {line}");
        ensure!(!line.contains(".factory-"), "expected no name of a temporary file on {place}, found {line}");
        let control = line.chars().find(|c| c.is_control());
        ensure!(control.is_none(), "expected no control characters on {place}, found {line:?}");
    }
    Ok(text)
}

/// Returns the error message, which must be the only one and the last line of standard error.
fn sentence(stderr: &str) -> Result<&str> {
    let mut messages = stderr.lines().filter_map(|line| line.strip_prefix("error: "));
    let message = messages.next().with_context(|| format!("expected a message, found {stderr:?}"))?;
    let is_last = stderr.lines().next_back().is_some_and(|line| line.ends_with(message));
    ensure!(is_last && messages.next().is_none(), "expected one sentence, found several lines: {stderr:?}");
    Ok(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(code: i32, stderr: &str) -> Ended {
        let status = ExitStatus::from_raw(code << 8);
        Ended { status, stdout: Vec::new(), stderr: stderr.into() }
    }

    #[test]
    fn acceptable_ends() {
        assert_eq!(ended(0, "epoch 1\n").end().unwrap(), End::Finished);
        assert_eq!(ended(130, "").end().unwrap(), End::Interrupted);
        let refused = ended(3, "epoch 1\nerror: run: expected a run\n").end().unwrap();
        assert_eq!(refused, End::Refused("run: expected a run".to_owned()));
        let killed = Ended { status: ExitStatus::from_raw(9), stdout: Vec::new(), stderr: Vec::new() };
        assert_eq!(killed.end().unwrap(), End::Signal(9));
    }

    #[test]
    fn unacceptable_ends() {
        let long = format!("error: {}\n", "a".repeat(LONGEST));
        let cases = [
            (101, "error: no such code\n"),
            (0, "thread 'main' panicked at src/main.rs\n"),
            (2, "error: usage\n"),
            (3, ""),
            (3, "error: one\ntwo\n"),
            (3, "error: one\nerror: two\n"),
            (3, "error: \u{1b}[2J\n"),
            (3, &long),
        ];
        for (code, stderr) in cases {
            assert!(ended(code, stderr).end().is_err(), "{code}: {stderr}");
        }
    }
}
