//! Arguments that cannot be used, and `--help`.

use std::io::Write;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue};
use graph::printable;

use crate::output::{cannot_print, complain, unless_closed};

/// Prints the help or the error that clap found; the exit code.
pub(crate) fn end(mut found: clap::Error) -> ExitCode {
    if !found.use_stderr() {
        let printed = found.print().and_then(|()| std::io::stdout().flush());
        if let Err(error) = unless_closed(printed) {
            complain(&cannot_print(&error).message);
            return ExitCode::FAILURE;
        }
        return ExitCode::SUCCESS;
    }
    escape(&mut found);
    // If nobody can see it, the exit code says enough.
    let _ = found.print();
    ExitCode::from(2)
}

/// clap repeats arguments as they were typed; escaped and cut they are safe to show. Its suggestions repeat
/// them, too, as text that cannot be taken apart, and are left out where that matters.
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
            // Harmless, or clap's own words and numbers.
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
