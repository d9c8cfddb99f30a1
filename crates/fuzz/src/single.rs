//! Runs one case in this process and prints everything about it.

use std::io::Write;

use anyhow::Result;

use crate::cli::Cli;
use crate::{case, child};

/// Returns whether the case has no trouble. If the process crashes, the shell reports it.
pub(crate) fn run(cli: &Cli) -> Result<bool> {
    let entry = cli.single_kind()?;
    let scratch = tempfile::tempdir()?;
    let kind = (entry.new)(scratch.path())?;
    let input = match (&cli.input, cli.case) {
        (Some(file), _) => std::fs::read(file)?,
        (None, case) => child::input(kind.as_ref(), case.unwrap_or(0)),
    };
    let mut output = std::io::stdout().lock();
    if cli.input.is_none() {
        let file = cli.output().join(format!("{}-case-{}", entry.name, cli.case.unwrap_or(0)));
        std::fs::create_dir_all(cli.output())?;
        std::fs::write(&file, &input)?;
        writeln!(output, "input: {} ({} bytes)", file.display(), input.len())?;
    }
    case::note_panics();
    cli.limits.bound_process()?;
    let measured = case::run(kind.as_ref(), &input, &cli.limits);
    writeln!(output, "{}", if measured.outcome.accepted { "accepted" } else { "refused" })?;
    writeln!(output, "memory: {:.1} MB; time: {:.3} s", measured.memory as f64 / 1e6, measured.seconds)?;
    for message in &measured.outcome.messages {
        writeln!(output, "message: {message:?}")?;
    }
    for trouble in &measured.troubles {
        writeln!(output, "{}: {}", trouble.what.name(), trouble.detail)?;
    }
    Ok(measured.troubles.is_empty())
}
