//! Invalid arguments, and `--help`.

use std::io::Write;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue};
use graph::printable;

use crate::failure::Exit;
use crate::output::{cannot_print, print_error, unless_closed};

/// Prints the help, or the error that clap found. Returns the exit code.
pub(crate) fn end(mut found: clap::Error) -> ExitCode {
    if !found.use_stderr() {
        let printed = found.print().and_then(|()| std::io::stdout().flush());
        if let Err(error) = unless_closed(printed) {
            print_error(&cannot_print(&error).message);
            return Exit::Failed.into();
        }
        return Exit::Success.into();
    }
    escape(&mut found);
    // If standard error cannot be written, the exit code still reports the failure.
    let _ = found.print();
    Exit::Usage.into()
}

/// Escapes and truncates the arguments that an error of clap quotes. Suggestions quote them within styled
/// text, which cannot be escaped; they are removed if any argument had to be escaped.
fn escape(error: &mut clap::Error) {
    let mut shown = Vec::new();
    for (kind, value) in error.context() {
        match value {
            ContextValue::String(text) if printable(text) != *text => {
                shown.push((kind, ContextValue::String(printable(text))));
            }
            ContextValue::Strings(texts) if texts.iter().any(|text| printable(text) != *text) => {
                let texts = texts.iter().map(|text| printable(text)).collect();
                shown.push((kind, ContextValue::Strings(texts)));
            }
            // Harmless text, or text and numbers of clap itself.
            _ => {}
        }
    }
    if !shown.is_empty() {
        error.remove(ContextKind::Suggested);
    }
    for (kind, value) in shown {
        error.insert(kind, value);
    }
}
