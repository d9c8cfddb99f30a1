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
mod names;
mod report;

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use dialects::reference::{self, ForeignModel, ReferenceError};
use torch::Net;
use torch::tch::nn::VarStore;
use torch::tch::{self, Device, Kind, Tensor};

pub use case::{Case, Expected, Tolerance};
pub use exceptions::documented;
pub use fill::{Fill, FillVector, Role};
pub use folder::Folder;
pub use names::Count;
pub use report::{Agreement, Line, Outcome, Report};

/// Runs the cases of a folder, or those of one family in it, and writes a line for each as it ends,
/// then the counts.
///
/// # Errors
/// A folder without cases, a family without cases, an output that cannot be written to. Cases that
/// fail are in the report.
pub fn run(folder: &Path, family: Option<&str>, out: &mut dyn Write) -> Result<Report> {
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
            Ok(case) => Line { outcome: excepted(check(&case), exceptions.get(&case.id)), id: case.id },
            Err(reason) => Line { id: file, outcome: Outcome::Fail(format!("not a case: {reason:#}")) },
        };
        tell(&mut report, line)?;
    }
    writeln!(out, "{}", report.summary())?;
    Ok(report)
}

/// What comes of one case. A panic is the case's failure, and not the end of the others.
pub fn check(case: &Case) -> Outcome {
    let agreement = || -> Result<Agreement, Outcome> {
        let model = reference::graph(&case.system, &case.family, &case.terms(), &case.input_shape);
        let model = model.map_err(|error| match error {
            ReferenceError::Unsupported(_) => Outcome::Skip(error.to_string()),
            ReferenceError::Invalid(_) | ReferenceError::Build(_) => Outcome::Fail(error.to_string()),
        })?;
        tch::no_grad(|| agreement(case, model)).map_err(|reason| Outcome::Fail(format!("{reason:#}")))
    };
    match catch_unwind(AssertUnwindSafe(agreement)) {
        Ok(Ok(agreement)) => Outcome::Pass(agreement),
        Ok(Err(outcome)) => outcome,
        Err(_) => Outcome::Fail("it panicked, which is a defect of this project".to_owned()),
    }
}

/// How well the model agrees, or the first difference.
fn agreement(case: &Case, model: ForeignModel) -> Result<Agreement> {
    let parameters = names::compare(case, &model)?;
    let weights = names::weights(case, &model)?;
    let input = torch::tensor(&Fill::default().array("input", &case.input_shape, Role::Input)?)?;
    let store = VarStore::new(Device::Cpu);
    let net = Net::with_weights(&store.root(), model.graph, &weights)?;
    let tolerance = case.tolerance.suggested_abs;
    let difference = |net: &Net| compare::compare(&output(net, &input, case)?, &case.output, tolerance);
    Ok(Agreement {
        difference: difference(&net)?,
        tolerance,
        parameters,
        merged: net
            .merged()
            .map_err(Into::into)
            .and_then(|merged| difference(&merged.net))
            .context("merged")?,
    })
}

/// The flattened output.
fn output(net: &Net, input: &Tensor, case: &Case) -> Result<Vec<f32>> {
    let output = net.run(input, false)?;
    let (found, needed) = (output.size(), case.output_shape());
    let same = found.iter().map(|&size| usize::try_from(size)).eq(needed.iter().map(|&size| Ok(size)));
    ensure!(same, "the output has shape {found:?}, {needed:?} needed");
    Ok(Vec::try_from(output.f_to_kind(Kind::Float)?.f_reshape([-1])?)?)
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
