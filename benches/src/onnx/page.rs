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

/// The readers that have columns. The checker has none, because it computes nothing.
const READERS: [Reader; 3] = [Reader::OnnxRuntime, Reader::OpenVino, Reader::Tract];

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

/// The counts, a row for each model, and the limits of readers below.
fn table(report: &Report) -> String {
    let mut text = format!(
        "{} random graphs around single operations: {}. {}.\n\n| model | parameters | sizes |",
        report.operations.len(),
        Report::counts(&report.operations),
        report.summary()
    );
    for reader in READERS {
        let _ = write!(text, " {} |", reader.name());
    }
    text.push_str("\n|---|--:|---|--:|--:|--:|\n");
    let mut notes = Vec::new();
    for model in &report.models {
        let sizes = if model.has_one_size() { "one" } else { "any" };
        let _ = write!(text, "| {} | {} | {sizes} |", model.name, thousands(model.parameters));
        for reader in READERS {
            let _ = write!(text, " {} |", cell(model, reader, &mut notes));
        }
        text.push('\n');
    }
    for graph in &report.operations {
        for reader in READERS {
            for (_, reason, source) in graph.limits(reader) {
                position(&mut notes, note(reader, reason, source));
            }
        }
    }
    if !notes.is_empty() {
        text.push_str("\nLimits of readers:\n\n");
    }
    for (number, note) in notes.iter().enumerate() {
        let _ = writeln!(text, "{}. {note}", number + 1);
    }
    text
}

/// The largest difference, and the forms that the reader does not support with the numbers of their notes.
fn cell(model: &ModelReport, reader: Reader, notes: &mut Vec<String>) -> String {
    let mut text = match model.difference(reader) {
        Some(difference) => format!("{difference:.0e}"),
        None => "–".to_owned(),
    };
    for (form, reason, source) in model.limits(reader) {
        let _ = write!(text, ", not {form} ({})", position(notes, note(reader, reason, source)) + 1);
    }
    text
}

fn note(reader: Reader, reason: &str, source: &str) -> String {
    format!("{} {reason} ({source}).", reader.name())
}

/// The index of a note, which is added if it is new.
fn position(notes: &mut Vec<String>, note: String) -> usize {
    if let Some(position) = notes.iter().position(|known| *known == note) {
        return position;
    }
    notes.push(note);
    notes.len() - 1
}

#[cfg(test)]
mod tests {
    use onnx::Sizes;

    use super::*;
    use crate::onnx::{Cell, Form, FormReport, Outcome};

    fn model(name: &str, outcome: Outcome) -> ModelReport {
        let form = Form { merged: true, sizes: Sizes::Dynamic, as_image: false };
        let cells = vec![
            Cell { reader: Reader::OnnxRuntime, outcome: Outcome::Agrees(1.25e-6) },
            Cell { reader: Reader::Tract, outcome },
        ];
        let forms = vec![FormReport { form, result: Ok(cells) }];
        ModelReport { name: name.to_owned(), parameters: 12_345, forms, seconds: 1.0 }
    }

    fn limited() -> Outcome {
        Outcome::Limited { reason: "has no Pad".to_owned(), source: "src/ops.rs".to_owned() }
    }

    #[test]
    fn rows_and_numbered_limits() {
        let report = Report {
            models: vec![model("a", limited()), model("b", Outcome::Agrees(2e-7)), model("c", limited())],
            ..Report::default()
        };
        let table = table(&report);
        let rows: Vec<&str> = table.lines().skip(4).collect();
        assert_eq!(
            rows,
            [
                "| a | 12,345 | any | 1e-6 | – | –, not merged, dynamic (1) |",
                "| b | 12,345 | any | 1e-6 | – | 2e-7 |",
                "| c | 12,345 | any | 1e-6 | – | –, not merged, dynamic (1) |",
                "",
                "Limits of readers:",
                "",
                "1. tract has no Pad (src/ops.rs).",
            ]
        );
    }

    #[test]
    fn the_page_has_a_place_for_the_table() {
        let page = replaced(crate::onnx::example::PAGE, "the table\n").unwrap();
        assert!(page.contains(&format!("{BEGIN}\nthe table\n\n{END}")));
        assert_eq!(replaced(&page, "the table\n").as_deref(), Some(page.as_str()));
        assert_eq!(replaced("no table", ""), None);
    }
}
