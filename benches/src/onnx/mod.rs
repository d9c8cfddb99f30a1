//! Verification of the ONNX export in common readers.
//!
//! [`verify_all`] exports every preset and compares the outputs of each reader with those of libtorch;
//! docs/onnx.md contains its table. [`Network`] is an interpreter that exports a model and runs it in a reader, for
//! parity.

pub mod example;
mod network;
mod operations;
pub mod page;
mod readers;
mod report;
mod subject;
mod trained;
mod verify;
mod weights;

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use factory::Factory;

use crate::{command, environment, folder};

pub use network::Network;
pub use readers::{Answer, Reader, Readers};
pub use report::{Cell, Form, FormReport, ModelReport, Outcome, Report};
pub use subject::{LARGEST, Selection};
pub use verify::TOLERANCE;

/// Path of the Python in the environment of the readers, which is created if it does not exist.
///
/// # Errors
/// If the packages cannot be installed.
pub fn python(tell: &mut impl FnMut(&str)) -> Result<PathBuf> {
    let requirements = folder("onnx").join("requirements.txt");
    environment::prepare("onnx", [&requirements, Path::new("")], "430 MB", tell)
        .context("could not install the ONNX readers")
}

/// Verifies the selected operations and presets and, unless a filter is given, trained runs. Writes a line after each
/// of them, and the counts at the end.
///
/// # Errors
/// If nothing is selected, if a model cannot be run on libtorch, or if Python cannot be run. Readers that differ
/// and runs that fail are part of the report.
pub fn verify_all(python: &Path, selection: &Selection, out: &mut dyn Write) -> Result<Report> {
    let mut readers = Readers::new(python.to_owned())?;
    let mut report = Report::default();
    operations::verify_all(selection, &mut readers, &mut report, out)?;
    for subject in subject::subjects(&Factory::builtin(), selection)? {
        let verified = verify::verify(&subject, &mut readers).with_context(|| subject.name.clone())?;
        writeln!(out, "{verified}")?;
        out.flush()?;
        report.models.push(verified);
    }
    if selection.filter.is_none() {
        let factory = command::build()?;
        let further: &[&str] = if selection.quick { &[] } else { &trained::FURTHER };
        for name in [trained::FIRST].iter().chain(further) {
            match trained::verify(name, &factory, python, &mut readers) {
                Ok(line) => writeln!(out, "PASS {name}: {line}")?,
                Err(error) => {
                    let failure = format!("{name}: {error:#}");
                    writeln!(out, "FAIL {failure}")?;
                    report.failures.push(failure);
                }
            }
        }
    }
    let filter = selection.filter.as_deref().unwrap_or_default();
    ensure!(
        !report.operations.is_empty() || !report.models.is_empty(),
        "--filter: no model or operation contains {}",
        graph::quoted(filter)
    );
    if !report.models.is_empty() {
        writeln!(out, "{}", report.summary())?;
    }
    Ok(report)
}
