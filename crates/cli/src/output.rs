//! Standard output and standard error. A failed write never ends the work of a command, only its printing.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::process::ExitCode;
use std::sync::OnceLock;

use clap::error::ErrorKind as ArgumentErrorKind;
use graph::{escaped, printable};

use crate::failure::{Exit, Failure};

/// Number of names that a list shows unless the command is verbose.
pub(crate) const SHOWN: usize = 5;

/// The amount of output, from the options `--quiet` and `--verbose`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verbosity {
    /// Results and errors, without notes and progress.
    Quiet,
    Normal,
    /// All names of long lists.
    Verbose,
}

static VERBOSITY: OnceLock<Verbosity> = OnceLock::new();

/// Sets the amount of output for the whole process, once.
pub(crate) fn set_verbosity(verbosity: Verbosity) {
    VERBOSITY.get_or_init(|| verbosity);
}

pub(crate) fn is_quiet() -> bool {
    VERBOSITY.get() == Some(&Verbosity::Quiet)
}

pub(crate) fn is_verbose() -> bool {
    VERBOSITY.get() == Some(&Verbosity::Verbose)
}

/// The result of a command that succeeded: the text to print, and the exit code.
pub(crate) struct CommandOutput {
    pub(crate) text: String,
    pub(crate) exit: Exit,
}

impl From<String> for CommandOutput {
    fn from(text: String) -> Self {
        Self { text, exit: Exit::Success }
    }
}

/// Prints the result of a command. Returns the exit code.
pub(crate) fn end(result: Result<CommandOutput, Failure>) -> ExitCode {
    match result {
        Ok(CommandOutput { text, exit }) => match print(&text) {
            Ok(()) => exit.into(),
            Err(error) => {
                print_error(&cannot_print(&error).message);
                if exit == Exit::Success { Exit::Failed.into() } else { exit.into() }
            }
        },
        Err(Failure { exit, is_of_another_rank: true, .. }) => exit.into(),
        Err(Failure { report, message, exit, .. }) => {
            // If the report cannot be printed, the message is still the more useful error.
            let _ = print(&report);
            print_error(&message);
            exit.into()
        }
    }
}

/// Prints a string and flushes it. A pipe that its reader has closed, such as `head`, is not an error.
fn print(text: &str) -> io::Result<()> {
    let mut stdout = EscapedOutput::new(io::stdout().lock());
    unless_closed(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()))
}

/// Treats a pipe that its reader has closed as success.
pub(crate) fn unless_closed(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// The failure that standard output cannot be written.
pub(crate) fn cannot_print(error: &io::Error) -> Failure {
    Failure::failed(format!("standard output: cannot write: {error}"))
}

/// Prints an error as one line of at most 500 bytes. If standard error cannot be written, the exit code still
/// reports the failure.
pub(crate) fn print_error(message: &str) {
    const LONGEST: usize = 500;
    let mut message = escaped(message.trim_end());
    let longest = LONGEST - "error: ".len();
    if message.len() > longest {
        message.truncate(message.floor_char_boundary(longest - '…'.len_utf8()));
        message.push('…');
    }
    // clap colors its errors on a terminal, unless NO_COLOR is set; these errors look the same.
    let error =
        clap::Error::raw(ArgumentErrorKind::Io, message + "\n").with_cmd(&clap::Command::new("factory"));
    let mut stderr = io::stderr();
    let may_have_colors = stderr.is_terminal() || std::env::var_os("CLICOLOR_FORCE").is_some();
    let _ = if may_have_colors {
        error.print()
    } else {
        // At once, because clap writes in parts, between which `mpirun` may print messages of its own.
        stderr.write_all(error.render().to_string().as_bytes())
    };
}

/// Prints a line to standard error, unless the command is quiet; errors are ignored.
pub(crate) fn note(line: &str) {
    if !is_quiet() {
        let _ = writeln!(io::stderr(), "{line}");
    }
}

/// A line for each of the first names of a list, which all begin with `what`, and the number of the others. With
/// `--verbose`, all names.
pub(crate) fn names(what: &str, names: &[impl AsRef<str>]) -> String {
    let names: Vec<String> = names.iter().map(|name| printable(name.as_ref())).collect();
    lines(what, &names)
}

/// As [`names`], of lines that need no escaping.
pub(crate) fn lines(what: &str, lines: &[String]) -> String {
    let most = if is_verbose() { lines.len() } else { SHOWN };
    let mut text = String::new();
    for line in lines.iter().take(most) {
        text.push_str(&format!("{what}  {line}\n"));
    }
    if lines.len() > most {
        text.push_str(&format!("{what}  and {} more (--verbose lists all)\n", lines.len() - most));
    }
    text
}

/// Prints notes about data to standard error, one line each.
pub(crate) fn data_notes(sentences: &[String]) {
    for sentence in sentences {
        note(&format!("note: {}", escaped(sentence)));
    }
}

/// Line-based standard output. On a terminal, control characters are escaped; files and pipes get the bytes
/// unchanged.
pub(crate) struct EscapedOutput<W> {
    output: W,
    /// The incomplete last line, if the output is a terminal.
    line: Option<Vec<u8>>,
}

impl<W: Write + IsTerminal> EscapedOutput<W> {
    pub(crate) fn new(output: W) -> Self {
        let line = if output.is_terminal() { Some(Vec::new()) } else { None };
        Self { output, line }
    }
}

impl<W: Write> Write for EscapedOutput<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(line) = &mut self.line else { return self.output.write(bytes) };
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            line.extend_from_slice(part);
            if let Some(whole) = line.strip_suffix(b"\n") {
                let shown = escaped(&String::from_utf8_lossy(whole)) + "\n";
                line.clear();
                self.output.write_all(shown.as_bytes())?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminal_output_is_escaped_line_by_line() {
        let mut shown = EscapedOutput { output: Vec::new(), line: Some(Vec::new()) };
        shown.write_all(b"a\x1b[2J,\xe6").unwrap();
        assert!(shown.output.is_empty());
        shown.write_all(b"\xad\xa9\nb\nc").unwrap();
        assert_eq!(String::from_utf8(shown.output).unwrap(), "a\\u{1b}[2J,歩\nb\n");
    }
}
