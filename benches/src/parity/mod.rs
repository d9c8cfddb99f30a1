//! Comparing the models with what their reference implementations compute.
//!
//! A case is built from the reference's own terms, filled by name, and run; parameter count, names,
//! shapes and output are compared, and the output of the merged net as well. What that means is in
//! docs/parity.md.

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
pub use fill::{Fill, FillVector, Role};
pub use folder::Folder;
pub use interpreter::Interpreter;
pub use names::Count;
pub use report::{Agreement, Line, Outcome, Report};

/// Runs the cases of a folder, or those of one family in it, and writes a line for each as it ends,
/// then the counts.
///
/// # Errors
/// A folder without cases, a family without cases, an output that cannot be written to. Cases that
/// fail are in the report.
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
    // Results differ between thread counts in their last bits, and a report should not.
    tch::set_num_threads(1);
    let exceptions = documented();
    let mut report = Report::default();
    let mut tell = |report: &mut Report, line: Line| {
        writeln!(out, "{line}")?;
        report.push(line);
        out.flush()
    };
    if let Some(Err(reason)) = folder.fill_vectors.map(check_fill_rule) {
        let outcome = Outcome::Fail(format!("{reason:#}"));
        tell(&mut report, Line { id: "fill_vectors".to_owned(), outcome })?;
    }
    for (file, case) in folder.cases {
        let line = match case {
            Ok(case) => {
                Line { outcome: excepted(check(&case, interpreter), exceptions.get(&case.id)), id: case.id }
            }
            Err(reason) => Line { id: file, outcome: Outcome::Fail(format!("not a case: {reason:#}")) },
        };
        tell(&mut report, line)?;
    }
    writeln!(out, "{}", report.summary())?;
    Ok(report)
}

/// The result of one case. A panic fails the case and does not end the others.
pub fn check(case: &Case, interpreter: Interpreter) -> Outcome {
    match catch_unwind(AssertUnwindSafe(|| outcome(case, interpreter))) {
        Ok(outcome) => outcome,
        Err(_) => Outcome::Fail("it panicked, which is a defect of this project".to_owned()),
    }
}

fn outcome(case: &Case, interpreter: Interpreter) -> Outcome {
    if let Some(limit) = interpreter.parameter_limit()
        && case.params > limit
    {
        return Outcome::Skip(format!(
            "{} parameters; this interpreter runs cases of at most {limit}",
            case.params
        ));
    }
    match reference::graph(&case.system, &case.family, &case.terms(), &case.input_shape) {
        Ok(model) => match agreement(case, model, interpreter) {
            Ok(agreement) => Outcome::Pass(agreement),
            Err(reason) => Outcome::Fail(format!("{reason:#}")),
        },
        Err(error @ ReferenceError::Unsupported(_)) => Outcome::Skip(error.to_string()),
        Err(error @ (ReferenceError::Invalid(_) | ReferenceError::Build(_))) => {
            Outcome::Fail(error.to_string())
        }
    }
}

/// How well the model agrees, or the first difference.
fn agreement(case: &Case, model: ForeignModel, interpreter: Interpreter) -> Result<Agreement> {
    let parameters = names::compare(case, &model)?;
    let weights = names::weights(case, &model)?;
    let merged = graph::merge(&model.graph, &weights);
    Ok(Agreement {
        difference: difference(case, interpreter.load(model.graph, weights)?)?,
        tolerance: case.tolerance.suggested_abs,
        parameters,
        merged: interpreter
            .load(merged.graph, merged.weights)
            .and_then(|network| difference(case, network))
            .context("merged")?,
    })
}

/// The largest difference of a network's output from the reference's.
fn difference(case: &Case, mut network: Box<dyn Forward>) -> Result<f64> {
    let input = Fill::default().array("input", &case.input_shape, Role::Input)?;
    let outputs = network.forward(&[input])?;
    let output = outputs.first().context("the graph has no output")?;
    let (found, expected) = (output.shape(), case.output_shape());
    ensure!(found == expected, "expected an output of shape {expected:?}, found {found:?}");
    compare::compare(output.data(), &case.output, case.tolerance.suggested_abs)
}

fn excepted(outcome: Outcome, reason: Option<&String>) -> Outcome {
    match (outcome, reason) {
        (Outcome::Fail(_), Some(reason)) => Outcome::Excepted(reason.clone()),
        (outcome, _) => outcome,
    }
}

fn check_fill_rule(vectors: Result<Vec<FillVector>>) -> Result<()> {
    vectors?.iter().try_for_each(FillVector::check)
}
