//! The git-ignored `.cargo/libtorch.toml`, through which plain cargo commands find libtorch.

use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::{fs, io, process};

use anyhow::{Context, Result};

use super::source::Libtorch;

/// The file's place, from the workspace's root.
pub(crate) const FILE: &str = ".cargo/libtorch.toml";

/// The value of `LIBTORCH` in the file's text.
pub(crate) fn configured(text: &str) -> Option<String> {
    let table: toml::Table = text.parse().ok()?;
    table.get("env")?.get("LIBTORCH")?.get("value")?.as_str().map(str::to_owned)
}

/// The file's text for a libtorch and the target triple it is for.
///
/// The flags are set per target, because cargo drops flags in `[build]` where the user's own configuration has
/// some for the target.
pub(crate) fn text(libtorch: &Libtorch, target: &str) -> Result<String> {
    let utf8 = |path: &Path| {
        let text = path.to_str().map(str::to_owned);
        text.with_context(|| format!("`{}` is not UTF-8, as cargo's configuration must be", path.display()))
    };
    let root = if libtorch.own { marked(&libtorch.root) } else { libtorch.root.clone() };
    let mut text = format!(
        "# Written by `cargo xtask setup`: where libtorch is. To change it, run that again.\n[env]\n\
         LIBTORCH = {{ value = {}, force = false }}\n",
        quoted(&utf8(&root)?)
    );
    if !target.contains("windows") {
        let flags = run_path(&utf8(&libtorch.libraries)?, target);
        let flags =
            flags.iter().map(|flag| format!("\"-C\", {}", quoted(flag))).collect::<Vec<_>>().join(", ");
        text += &format!("\n[target.{target}]\nrustflags = [{flags}]\nrustdocflags = [{flags}]\n");
    }
    Ok(text)
}

/// The user's own folder in a spelling that differs from the user's but names the same folder.
pub(crate) fn marked(root: &Path) -> PathBuf {
    root.join(".")
}

/// Linker flags for the run path of the libraries. With new tags, the loader's environment variable takes
/// precedence, so that a `LIBTORCH` set later is used.
fn run_path(libraries: &str, target: &str) -> Vec<String> {
    let mut flags = vec![format!("link-arg=-Wl,-rpath,{libraries}")];
    if target.contains("linux") {
        flags.insert(0, "link-arg=-Wl,--enable-new-dtags".into());
    }
    flags
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// Writes a file atomically and returns true, or returns false if its text is unchanged, because cargo rebuilds
/// when flags change.
pub(crate) fn write(file: &Path, text: &str) -> Result<bool> {
    if fs::read_to_string(file).is_ok_and(|old| old == text) {
        return Ok(false);
    }
    // The name is unique, because another run may be writing too.
    let part = file.with_extension(format!("{:x}.part", RandomState::new().hash_one(process::id())));
    let replace = || -> io::Result<()> {
        fs::write(&part, text)?;
        fs::rename(&part, file)
    };
    if let Err(error) = replace() {
        let _ = fs::remove_file(&part);
        return Err(error).with_context(|| format!("could not write `{}`", file.display()));
    }
    Ok(true)
}
