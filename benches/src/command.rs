//! The command `factory`, run as a user would, and other commands.

use std::fs;
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

/// A command pinned to the last of the cores that this process may use on Linux, and not pinned on other systems. The
/// first core usually serves interrupts.
pub(crate) fn pinned(program: &Path, cores: usize) -> Command {
    let allowed = allowed_cores();
    if allowed.is_empty() {
        return Command::new(program);
    }
    let chosen = &allowed[allowed.len().saturating_sub(cores)..];
    let list = chosen.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", &list]).arg(program);
    command
}

/// The cores that this process may use on Linux; empty on other systems.
fn allowed_cores() -> Vec<usize> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    cores(list.unwrap_or_default()).unwrap_or_default()
}

/// The cores of a list such as `0-3,6`. `None` if it is not such a list.
fn cores(list: &str) -> Option<Vec<usize>> {
    let mut cores = Vec::new();
    for range in list.trim().split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let [first, last]: [usize; 2] = [first.parse().ok()?, last.parse().ok()?];
        cores.extend(first..=last);
    }
    Some(cores)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_cores() {
        assert_eq!(cores("\t0-3,6\n"), Some(vec![0, 1, 2, 3, 6]));
        assert_eq!(cores("1"), Some(vec![1]));
        assert_eq!(cores(""), None);
        assert_eq!(cores("0-x"), None);
    }
}
