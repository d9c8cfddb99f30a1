//! Comparison of the models with their reference implementations.
//!
//! The network of a case is built from the reference's own arguments, its weights are filled by name, and
//! it is run. The parameter count, names, shapes and output are compared, as is the output of the merged
//! network; docs/parity.md describes the checks.

mod case;
mod compare;
mod exceptions;
mod fill;
mod folder;
mod interpreter;
mod names;
mod report;

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use dialects::reference::{self, ForeignModel, ReferenceError};
use graph::Forward;
use torch::tch;

pub use case::{Case, Expected, Tolerance};
pub use exceptions::documented;
pub use fill::{Fill, FillRole, FillVector};
pub use folder::Folder;
pub use interpreter::Interpreter;
use interpreter::Loader;
pub use names::Count;
pub use report::{Agreement, CaseOutcome, CaseReport, Report};

/// Runs the cases in a folder, or only those of one family. Writes a line after each case, and the counts
/// at the end.
///
/// # Errors
/// If the folder or the family has no cases, if the interpreter cannot be prepared, or if `out` cannot be written.
/// Failed cases are part of the report.
pub fn run(
    folder: &Path,
    family: Option<&str>,
    interpreter: Interpreter,
    out: &mut dyn Write,
) -> Result<Report> {
    let mut folder = Folder::read(folder)?;
    if let Some(family) = family {
        folder.only(family)?;
    }
    // The last bits of the results depend on the number of threads; the report must not.
    tch::set_num_threads(1);
    let loader = interpreter.loader()?;
    let exceptions = documented();
    let mut report = Report::default();
    let mut tell = |report: &mut Report, line: CaseReport| {
        writeln!(out, "{line}")?;
        report.push(line);
        out.flush()
    };
    if let Some(Err(reason)) = folder.fill_vectors.map(check_fill_rule) {
        let outcome = CaseOutcome::Fail(format!("{reason:#}"));
        tell(&mut report, CaseReport { id: "fill_vectors".to_owned(), outcome })?;
    }
    for (file, case) in folder.cases {
        let line = match case {
            Ok(case) => CaseReport {
                outcome: excepted(check(&case, interpreter, &loader), exceptions.get(&case.id)),
                id: case.id,
            },
            Err(reason) => {
                CaseReport { id: file, outcome: CaseOutcome::Fail(format!("not a case: {reason:#}")) }
            }
        };
        tell(&mut report, line)?;
    }
    writeln!(out, "{}", report.summary())?;
    Ok(report)
}

/// Checks one case. A panic fails the case and does not affect the others.
fn check(case: &Case, interpreter: Interpreter, loader: &Loader) -> CaseOutcome {
    match catch_unwind(AssertUnwindSafe(|| outcome(case, interpreter, loader))) {
        Ok(outcome) => outcome,
        Err(_) => CaseOutcome::Fail("panicked; this is a bug".to_owned()),
    }
}

fn outcome(case: &Case, interpreter: Interpreter, loader: &Loader) -> CaseOutcome {
    if let Some(limit) = interpreter.parameter_limit()
        && case.params > limit
    {
        return CaseOutcome::Skip(format!(
            "expected at most {limit} parameters for this interpreter, found {}",
            case.params
        ));
    }
    match reference::graph(&case.system, &case.family, &case.terms(), &case.input_shape) {
        Ok(model) => match agreement(case, model, (interpreter, loader)) {
            Ok(agreement) => CaseOutcome::Pass(agreement),
            Err(reason) => CaseOutcome::Fail(format!("{reason:#}")),
        },
        Err(error @ ReferenceError::Unsupported(_)) => CaseOutcome::Skip(error.to_string()),
        Err(error @ (ReferenceError::Invalid(_) | ReferenceError::Build(_))) => {
            CaseOutcome::Fail(error.to_string())
        }
    }
}

/// Measures the agreement with the reference, or returns the first difference as an error.
fn agreement(
    case: &Case,
    model: ForeignModel,
    (interpreter, loader): (Interpreter, &Loader),
) -> Result<Agreement> {
    let parameters = names::compare(case, &model)?;
    let weights = names::weights(case, &model)?;
    let merged = graph::merge(&model.graph, &weights);
    let tolerance = case.tolerance.suggested_abs.max(interpreter.tolerance() * case.output.abs_max);
    Ok(Agreement {
        difference: difference(case, loader.load(model.graph, weights)?, tolerance)?,
        tolerance,
        parameters,
        merged: loader
            .load(merged.graph, merged.weights)
            .and_then(|network| difference(case, network, tolerance))
            .context("merged")?,
    })
}

/// Returns the largest difference between the network's output and the reference's.
fn difference(case: &Case, mut network: Box<dyn Forward>, tolerance: f64) -> Result<f64> {
    let input = Fill::default().array("input", &case.input_shape, FillRole::Input)?;
    let outputs = network.forward(&[input])?;
    let output = outputs.first().context("the graph has no output")?;
    let (found, expected) = (output.shape(), case.output_shape());
    ensure!(found == expected, "output: expected shape {expected:?}, found {found:?}");
    compare::compare(output.data(), &case.output, tolerance)
}

fn excepted(outcome: CaseOutcome, reason: Option<&String>) -> CaseOutcome {
    match (outcome, reason) {
        (CaseOutcome::Fail(_), Some(reason)) => CaseOutcome::Excepted(reason.clone()),
        (outcome, _) => outcome,
    }
}

fn check_fill_rule(vectors: Result<Vec<FillVector>>) -> Result<()> {
    for vector in vectors? {
        vector.check()?;
    }
    Ok(())
}
