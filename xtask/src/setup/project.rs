//! `cargo xtask setup --for DIR`: tells cargo in a project outside this workspace where libtorch is.
//!
//! The project gets its own `.cargo/libtorch.toml`, and its `.cargo/config.toml` gets a first line that includes that
//! file. Everything else in `config.toml` is kept, byte for byte.

use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::{Context, Result, bail};

use super::config;
use super::source::Libtorch;

/// The line that cargo finds the file by. It is optional, so that a clone of the project without it still builds.
const INCLUDE: &str =
    "include = [{ path = \"libtorch.toml\", optional = true }] # written by `cargo xtask setup --for`\n";

/// The files that a setup of a project has changed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Written {
    /// `.cargo/libtorch.toml`, if its text is new.
    pub(crate) libtorch: Option<PathBuf>,
    /// `.cargo/config.toml`, if the line was added.
    pub(crate) config: Option<PathBuf>,
}

/// Configures cargo in `folder` and its subfolders for `libtorch`.
pub(crate) fn configure(folder: &Path, libtorch: &Libtorch, target: &str) -> Result<Written> {
    if !folder.is_dir() {
        bail!("--for: expected a folder, found `{}`", folder.display());
    }
    let cargo = folder.join(".cargo");
    let config = Some(cargo.join("config")).filter(|old_name| old_name.is_file());
    let config = config.unwrap_or_else(|| cargo.join("config.toml"));
    let old = match fs::read_to_string(&config) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        read => read.with_context(|| format!("could not read `{}`", config.display()))?,
    };
    let is_included = check(&old, target).with_context(|| format!("`{}`", config.display()))?;

    fs::create_dir_all(&cargo).with_context(|| format!("could not create `{}`", cargo.display()))?;
    let file = folder.join(config::FILE);
    // The user's folder needs no mark here: only this workspace's commands tell it from the cached one.
    let text = config::text(&Libtorch { own: false, ..libtorch.clone() }, target)?;
    let libtorch = config::write(&file, &text)?.then_some(file);
    if is_included {
        return Ok(Written { libtorch, config: None });
    }
    config::write(&config, &format!("{INCLUDE}{old}"))?;
    Ok(Written { libtorch, config: Some(config) })
}

/// Checks that an existing configuration goes together with the included file. Returns whether it is included.
fn check(text: &str, target: &str) -> Result<bool> {
    let table: toml::Table = match text.parse::<toml::Table>() {
        Ok(table) => table,
        Err(error) => bail!("expected valid TOML, found an error: {}", error.message()),
    };
    let get = |path: &[&str]| {
        let mut value = table.get(path[0])?;
        for key in &path[1..] {
            value = value.get(key)?;
        }
        Some(value)
    };
    if get(&["env", "LIBTORCH"]).is_some() {
        bail!(
            "env.LIBTORCH: expected no such key, because it replaces the folder that setup found; remove it"
        );
    }
    for key in ["rustflags", "rustdocflags"] {
        if get(&["target", target, key]).is_some_and(|flags| !flags.is_array()) {
            bail!("target.{target}.{key}: expected an array, which cargo joins with the flags for libtorch");
        }
        if get(&["build", key]).is_some() {
            bail!(
                "build.{key}: cargo ignores these flags if there are any for the target, as for libtorch; move them \
                 to `[target.{target}]`"
            );
        }
    }
    match table.get("include") {
        None => Ok(false),
        Some(include) if includes(include) => Ok(true),
        Some(_) => {
            bail!("include: expected an entry `{{ path = \"libtorch.toml\", optional = true }}`; add it")
        }
    }
}

/// Whether `libtorch.toml` is among the included files.
fn includes(include: &toml::Value) -> bool {
    match include {
        toml::Value::String(path) => path == "libtorch.toml" || path == "./libtorch.toml",
        toml::Value::Array(entries) => entries.iter().any(includes),
        toml::Value::Table(entry) => entry.get("path").is_some_and(includes),
        _ => false,
    }
}
