//! Layout of Rust source by the program `rustfmt`.

use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};

/// Returns Rust source as `rustfmt` lays it out with the settings that apply in `folder`.
///
/// # Errors
/// If `rustfmt` is not installed ([`io::ErrorKind::NotFound`]) or fails.
pub fn format(source: &str, folder: &Path) -> io::Result<String> {
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024"])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(source.as_bytes())?;
    }
    let output = child.wait_with_output()?;
    if !output.status.success() {
        return Err(io::Error::other(format!("`rustfmt` ended with {}", output.status)));
    }
    String::from_utf8(output.stdout).map_err(io::Error::other)
}
