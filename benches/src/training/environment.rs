//! The peers' virtual environments, in the user's cache folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::folder;

/// Path of the script that trains with this peer.
pub(super) fn script(peer: &str) -> String {
    folder("peers").join(format!("peer_{peer}.py")).to_string_lossy().into_owned()
}

/// Path of the Python in this peer's environment. Creates the environment unless it exists with the
/// requirements in `peers/`.
pub(super) fn prepare(peer: &str, tell: &mut impl FnMut(&str)) -> Result<PathBuf> {
    let cache = factory::ready_data::cache_folder()
        .context("could not find the cache folder; set `XDG_CACHE_HOME` or `HOME`")?;
    let environment = cache.join(format!("peers-{peer}"));
    let python = environment.join("bin/python");
    let files = ["", "-alone"].map(|kind| folder("peers").join(format!("requirements-{peer}{kind}.txt")));
    let [requirements, without_dependencies] =
        files.each_ref().map(|file| fs::read_to_string(file).unwrap_or_default());
    // Written last, so that an incomplete environment is created again.
    let mark = environment.join("model-factory-requirements.txt");
    let wanted = requirements + &without_dependencies;
    if fs::read_to_string(&mark).is_ok_and(|found| found == wanted) {
        return Ok(python);
    }
    tell(&format!("creating {} (once; several gigabytes)", environment.display()));
    call(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment))?;
    pip(&python, &files[0], &[])?;
    if !without_dependencies.is_empty() {
        pip(&python, &files[1], &["--no-deps"])?;
    }
    fs::write(&mark, wanted).with_context(|| format!("could not write `{}`", mark.display()))?;
    Ok(python)
}

fn pip(python: &Path, requirements: &Path, options: &[&str]) -> Result<()> {
    let mut command = Command::new(python);
    command.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(options);
    call(command.arg("--requirement").arg(requirements))
}

fn call(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("could not run {command:?}"))?;
    ensure!(status.success(), "{command:?} ended with {status}");
    Ok(())
}
