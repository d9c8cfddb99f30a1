//! `cargo xtask readme`: runs the README's commands as printed and in order, in a fresh clone with an empty cache.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::environment;
use crate::setup::say;

#[path = "../../crates/cli/tests/markdown/mod.rs"]
pub(crate) mod markdown;

/// Clones the workspace at `root` into a temporary folder and runs the README's commands there. The clone has the
/// committed files, a cache folder of its own and an installation folder of its own. Stops at the first command that
/// fails.
pub(crate) fn run(root: &Path) -> Result<()> {
    let scratch = tempfile::tempdir().context("could not create a temporary folder")?;
    let clone = scratch.path().join("clone");
    let status = Command::new("git").args(["clone", "--quiet"]).arg(root).arg(&clone).status();
    ensure!(status.context("could not start git")?.success(), "could not clone {}", root.display());
    let page = fs::read_to_string(clone.join("README.md")).context("could not read the clone's README.md")?;
    let mut times = Vec::new();
    let mut folder = clone;
    for command in markdown::commands(&page) {
        if let Some(other) = command.strip_prefix("cd ") {
            folder.push(other);
            continue;
        }
        say(&format!("$ {command}"));
        let start = Instant::now();
        let status = shell(&command, &folder, scratch.path())?.status().context("could not start sh")?;
        if !status.success() {
            bail!("`{command}` ended with {status}");
        }
        times.push((start.elapsed(), command));
    }
    for (time, command) in &times {
        say(&format!("{:8.1} s  {command}", time.as_secs_f64()));
    }
    let total: Duration = times.iter().map(|(time, _)| *time).sum();
    say(&format!("{:8.1} s  {} commands", total.as_secs_f64(), times.len()));
    Ok(())
}

/// A command of the page, with the environment of a user who has just cloned the repository.
fn shell(command: &str, folder: &Path, scratch: &Path) -> Result<Command> {
    let installed = scratch.join("install");
    let mut path = vec![installed.join("bin")];
    path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).current_dir(folder);
    environment::clean(&mut shell);
    shell.env("XDG_CACHE_HOME", scratch.join("cache"));
    shell.env("CARGO_INSTALL_ROOT", &installed);
    shell.env("PATH", std::env::join_paths(path.iter().map(PathBuf::as_path))?);
    Ok(shell)
}
