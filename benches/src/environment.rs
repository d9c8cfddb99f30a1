//! Virtual environments of Python, in the user's cache folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// Path of the Python in the environment called `name`. Creates the environment unless it exists with these
/// requirements; the second file lists packages that are installed without their dependencies.
pub(crate) fn prepare(
    name: &str,
    requirements: [&Path; 2],
    size: &str,
    tell: &mut impl FnMut(&str),
) -> Result<PathBuf> {
    let cache = factory::ready_data::cache_folder()
        .context("could not find the cache folder; set `XDG_CACHE_HOME` or `HOME`")?;
    let environment = cache.join(name);
    let python = environment.join("bin/python");
    let [all, without_dependencies] = requirements.map(|file| fs::read_to_string(file).unwrap_or_default());
    // Written last, so that an incomplete environment is created again.
    let mark = environment.join("model-factory-requirements.txt");
    let wanted = all + &without_dependencies;
    if fs::read_to_string(&mark).is_ok_and(|found| found == wanted) {
        return Ok(python);
    }
    tell(&format!("creating {} (once; {size})", environment.display()));
    call(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment))?;
    pip(&python, requirements[0], &[])?;
    if !without_dependencies.is_empty() {
        pip(&python, requirements[1], &["--no-deps"])?;
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
