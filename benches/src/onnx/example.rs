//! The Python example of docs/onnx.md.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use graph::Array;

use crate::command::output;

/// The page with the example.
pub const PAGE: &str = include_str!("../../../docs/onnx.md");
/// The opening line of the example.
const OPENING: &str = "```python classify.py\n";

/// The program of the example.
pub fn script() -> Option<&'static str> {
    let (_, rest) = PAGE.split_once(OPENING)?;
    Some(rest.split_once("```")?.0)
}

/// Runs the example on a model and a recording `[C, T]`, and compares the class that it prints.
///
/// # Errors
/// If the example fails, or if it prints something else.
pub(super) fn check(python: &Path, model: &Path, recording: &Array, class: &str) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let script = script().context("docs/onnx.md: expected the example `classify.py`")?;
    fs::write(folder.path().join("classify.py"), script)?;
    fs::copy(model, folder.path().join("activity.onnx"))?;
    fs::write(folder.path().join("recording.csv"), table(recording))?;
    let printed = output(Command::new(python).arg("classify.py").current_dir(folder.path()))?;
    let printed = String::from_utf8_lossy(&printed);
    ensure!(
        printed.trim_end() == class,
        "docs/onnx.md: expected the example to print {}, found {}",
        graph::quoted(class),
        graph::quoted(&printed)
    );
    Ok(())
}

/// A row for each sample, a column for each channel.
fn table(recording: &Array) -> String {
    let samples = recording.shape().last().copied().unwrap_or(0);
    let mut text = String::new();
    for sample in 0..samples {
        let values = recording.data().iter().skip(sample).step_by(samples);
        let row: Vec<String> = values.map(ToString::to_string).collect();
        let _ = writeln!(text, "{}", row.join(","));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_the_example() {
        assert!(script().unwrap().contains("InferenceSession"));
    }

    #[test]
    fn columns_are_channels() {
        let recording = Array::new([2, 3], vec![1.0, 2.0, 3.0, 4.0, 5.5, 6.0]).unwrap();
        assert_eq!(table(&recording), "1,4\n2,5.5\n3,6\n");
    }
}
