//! The command `factory`, run as a user would, and other commands.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// Builds the command `factory`, and returns its path.
///
/// # Errors
/// If it cannot be built.
pub fn build() -> Result<PathBuf> {
    let root =
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("could not find the workspace folder")?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.current_dir(root).args(["build", "--release", "--locked", "--package", "cli"]);
    ensure!(
        build.status().context("could not start cargo")?.success(),
        "could not build the command `factory`"
    );
    Ok(std::env::current_exe()?.with_file_name(format!("factory{}", std::env::consts::EXE_SUFFIX)))
}

/// Runs a command to its end and returns its standard output.
///
/// # Errors
/// If it fails, with its standard error.
pub fn output(command: &mut Command) -> Result<Vec<u8>> {
    let output = command.output().with_context(|| format!("could not run {command:?}"))?;
    let message = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?} ended with {}: {message}", output.status);
    Ok(output.stdout)
}

/// A command pinned to the first cores on Linux, and not pinned on other systems.
pub(crate) fn pinned(program: &Path, cores: usize) -> Command {
    if !cfg!(target_os = "linux") {
        return Command::new(program);
    }
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", &format!("0-{}", cores - 1)]).arg(program);
    command
}
