//! Each operation with each padding, rank, stride, dilation and number of groups, in each reader.
//!
//! The random graphs are those of the suite that every interpreter passes; the expected outputs are those of the
//! plain interpreter of `graph`, in f64.

use std::io::Write;
use std::time::Instant;

use anyhow::{Context, Result};
use graph::random::{self, Problem};
use graph::reference::Interpreter;
use model::Model;

use super::readers::Readers;
use super::report::{ModelReport, Report};
use super::subject::{Run, Runs, SECOND_BATCH, Selection, other_size, run};
use super::verify::check;

/// Random graphs around each operation.
const GRAPHS: u64 = 3;

/// Verifies the selected operations. Writes a line for each graph that fails or agrees in spite of a known limit, and a line
/// with the counts.
///
/// # Errors
/// If Python cannot be run.
pub(super) fn verify_all(
    selection: &Selection,
    readers: &mut Readers,
    report: &mut Report,
    out: &mut dyn Write,
) -> Result<()> {
    let start = Instant::now();
    let graphs = if selection.quick { 1 } else { GRAPHS };
    let cells = random::cells();
    for (index, cell) in cells.iter().enumerate() {
        for seed in 0..graphs {
            let problem = random::problem(index, seed);
            let name = format!("{cell}, graph {seed}");
            if !selection.includes(&name) {
                continue;
            }
            let verified = verify(name.clone(), &problem, readers).context(name)?;
            if verified.is_failed() || verified.exceeds_limit() {
                writeln!(out, "{verified}")?;
            }
            report.operations.push(verified);
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    let (count, counts) = (report.operations.len(), Report::counts(&report.operations));
    if count > 0 {
        writeln!(out, "{count} graphs around operations: {counts}, {seconds:.0} s")?;
        out.flush()?;
    }
    Ok(())
}

fn verify(name: String, problem: &Problem, readers: &mut Readers) -> Result<ModelReport> {
    let start = Instant::now();
    let model = Model::new(problem.graph.clone(), problem.weights.clone());
    let forms = check(&model, &runs(problem)?, readers)?;
    let seconds = start.elapsed().as_secs_f64();
    Ok(ModelReport { name, parameters: problem.graph.cost()?.trainable, forms, seconds })
}

fn runs(problem: &Problem) -> Result<Runs> {
    let mut interpreter = Interpreter::new(problem.graph.clone(), problem.weights.clone())?;
    let (first, others) = problem.sizes.split_first().context("a problem has a size")?;
    let has_one_size = other_size(&problem.graph, first).is_none();
    let one = run(&mut interpreter, 1, first)?;
    let batch = run(&mut interpreter, SECOND_BATCH, first)?;
    let others = others.iter().filter(|size| *size != first);
    let resized = others.map(|size| run(&mut interpreter, SECOND_BATCH, size));
    Ok(Runs { one, batch, resized: resized.collect::<Result<Vec<Run>>>()?, has_one_size })
}
