//! `cargo xtask setup`: finds libtorch, or fetches it, and tells cargo where it is.
//!
//! In this order: the user's `LIBTORCH` or `LIBTORCH_USE_PYTORCH`; the cache; the network, once.

mod config;
mod error;
mod fetch;
mod pip;
mod progress;
mod project;
#[cfg(test)]
mod project_tests;
mod source;
#[cfg(test)]
mod tests;
mod unpack;
mod wheels;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Result;

use self::error::SetupError;
pub(crate) use self::progress::say;
pub(crate) use self::source::Libtorch;
use self::source::{Environment, Source};
use self::wheels::Platform;

/// The properties of the machine that setup depends on.
pub(crate) struct Host {
    environment: Environment,
    os: String,
    arch: String,
    platform: Option<&'static Platform>,
    free_space: fn(&Path) -> io::Result<u64>,
    create: fn(&Path) -> io::Result<File>,
    /// The workspace's root.
    root: PathBuf,
}

impl Host {
    /// This machine, and the workspace at `root`.
    pub(crate) fn this(root: PathBuf) -> Self {
        let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
        Self {
            environment: Environment::of_process(),
            os: os.into(),
            arch: arch.into(),
            // There is no wheel for musl.
            platform: wheels::platform(os, arch).filter(|_| !cfg!(target_env = "musl")),
            free_space: |path| fs4::available_space(path),
            create: fetch::CREATE,
            root,
        }
    }
}

/// Finds or fetches libtorch and writes cargo's configuration for it.
pub(crate) fn run(host: &Host) -> Result<Libtorch> {
    let old = fs::read_to_string(host.root.join(config::FILE)).unwrap_or_default();
    let libtorch = locate(host, config::configured(&old).as_deref())?;
    let text = config::text(&libtorch, env!("TARGET"))?;
    if config::write(&host.root.join(config::FILE), &text)? {
        say(&format!("{} now names {}", config::FILE, libtorch.root.display()));
    }
    Ok(libtorch)
}

/// Sets up the workspace, and then a project outside it.
pub(crate) fn run_for(host: &Host, project: &Path) -> Result<()> {
    let libtorch = run(host)?;
    let written = project::configure(project, &libtorch, env!("TARGET"))?;
    if let Some(file) = &written.config {
        say(&format!("{} now includes libtorch.toml", file.display()));
    }
    match &written.libtorch {
        Some(file) => say(&format!(
            "{} now names {}, a folder on this machine: do not commit that file",
            file.display(),
            libtorch.root.display()
        )),
        None => say(&format!("{} is unchanged", project.join(config::FILE).display())),
    }
    Ok(())
}

fn locate(host: &Host, configured: Option<&str>) -> Result<Libtorch> {
    match source::choose(&host.environment, configured) {
        Source::Folder(root) => Ok(source::own(&host.environment, "LIBTORCH", &root)?),
        Source::Pytorch => {
            let root = source::pytorch(&host.environment)?;
            Ok(source::own(&host.environment, "LIBTORCH_USE_PYTORCH", &root)?)
        }
        Source::Cache => {
            let unsupported = || SetupError::Unsupported { os: host.os.clone(), arch: host.arch.clone() };
            let platform = host.platform.ok_or_else(unsupported)?;
            let cache = source::cache(&host.environment, &host.os)?;
            let root = fetch::cached(host, platform, &cache)?;
            Ok(Libtorch { libraries: root.join("lib"), root, own: false })
        }
    }
}
