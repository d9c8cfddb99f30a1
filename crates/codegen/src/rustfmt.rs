//! Generated Rust source in the layout of the folder it is written to.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// `text` as `rustfmt` lays it out with the settings that apply in `folder`.
pub(crate) fn format(text: &str, folder: &Path) -> Result<String> {
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024"])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("could not start `rustfmt`; install it with `rustup component add rustfmt`")?;
    let mut input = child.stdin.take().context("`rustfmt` has no standard input")?;
    input.write_all(text.as_bytes()).context("could not write to `rustfmt`")?;
    drop(input);
    let output = child.wait_with_output().context("could not read from `rustfmt`")?;
    if !output.status.success() {
        bail!("`rustfmt` ended with {}", output.status);
    }
    String::from_utf8(output.stdout).context("`rustfmt` printed invalid UTF-8")
}
