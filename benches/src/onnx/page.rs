//! The table of docs/onnx.md.

use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, Result};
use graph::format::thousands;

use super::readers::Reader;
use super::report::{ModelReport, Report};
use crate::file::AtomicFile;

/// The line above the table.
const BEGIN: &str = "<!-- Written by `cargo xtask verify-onnx --write`. -->\n";
/// The line below it.
const END: &str = "<!-- End of the table. -->\n";

/// Replaces the table in docs/onnx.md.
///
/// # Errors
/// If the page cannot be read or written, or if it has no place for the table.
pub fn write(report: &Report) -> Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/onnx.md");
    let page = std::fs::read_to_string(&path)
        .with_context(|| format!("could not read `{}`", graph::shown_path(&path)))?;
    let page =
        replaced(&page, &table(report)).context("docs/onnx.md: expected the lines around the table")?;
    AtomicFile::begin(&path)?.finish(&page)
}

/// The page with another table.
fn replaced(page: &str, table: &str) -> Option<String> {
    let (before, rest) = page.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{table}\n{END}{after}"))
}

/// The counts, a row for each model, and the reasons of limits below.
fn table(report: &Report) -> String {
    let mut text = format!("{}.\n\n| model | parameters | sizes |", report.summary());
    let readers = [Reader::OnnxRuntime, Reader::OpenVino, Reader::Tract];
    for reader in readers {
        let _ = write!(text, " {} |", reader.name());
    }
    text.push_str("\n|---|--:|---|--:|--:|--:|\n");
    let mut notes = Vec::new();
    for model in &report.models {
        let sizes = if model.has_one_size() { "one" } else { "any" };
        let _ = write!(text, "| {} | {} | {sizes} |", model.name, thousands(model.parameters));
        for reader in readers {
            let _ = write!(text, " {} |", cell(model, reader, &mut notes));
        }
        text.push('\n');
    }
    if !notes.is_empty() {
        text.push('\n');
    }
    for (number, note) in notes.iter().enumerate() {
        let _ = writeln!(text, "{}. {note}", number + 1);
    }
    text
}

/// The largest difference, and the forms that the reader does not take with the numbers of their notes.
fn cell(model: &ModelReport, reader: Reader, notes: &mut Vec<String>) -> String {
    let mut text = match model.difference(reader) {
        Some(difference) => format!("{difference:.0e}"),
        None => "–".to_owned(),
    };
    for (form, reason, source) in model.limits(reader) {
        let note = format!("{}: {reason} ({source})", reader.name());
        let position = notes.iter().position(|known| *known == note).unwrap_or_else(|| {
            notes.push(note);
            notes.len() - 1
        });
        let _ = write!(text, ", not {form} ({})", position + 1);
    }
    text
}
