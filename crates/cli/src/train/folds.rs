//! All folds of a cross-validation.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use data::{CrossValidation, Fold, Folds};
use graph::escaped;
use graph::format::thousands;
use report::{RunResult, RunsPage, Spread};
use serde_json::{Value, json};
use train::RunEnd;

use super::plan::{Plan, describe};
use super::run::{Measured, PageContext, train as train_run};
use super::{Train, stop_on_signals};
use crate::curves::of_runs;
use crate::failure::{Exit, Failure, cannot_write};
use crate::output::{CommandOutput, note};
use crate::runs;

/// Trains and measures one model per fold.
pub(super) fn train(
    options: &Train,
    plan: &Plan,
    folder: &Path,
    folds: Folds,
) -> Result<CommandOutput, Failure> {
    let (opened, folds) = open(options, plan, folds)?;
    let stop = stop_on_signals()?;
    let (mut results, mut notes) = (Vec::new(), Vec::<String>::new());
    for (i, fold) in folds.iter().enumerate() {
        note(&match fold {
            Fold::Part { .. } => format!("fold {fold}"),
            Fold::Group(group) => format!("group {} ({} of {})", escaped(group), i + 1, folds.len()),
        });
        let splits = plan.fold(&opened, fold)?;
        describe(&splits);
        let run = options.planned(plan, splits, Some(fold), folder_of(folder, i));
        let finished = match train_run(plan, &run, &stop)? {
            RunEnd::Finished(finished) => finished,
            RunEnd::Interrupted { .. } => return Ok(interrupted(options, folder, fold)),
        };
        let measured = Measured::of(finished, &run.splits, &options.backend())?;
        measured.write_page(PageContext {
            folder: &run.folder,
            file: &run.folder.join("report.html"),
            splits: &run.splits,
            command: options.command(&run.folder, Some(fold)),
            seed: options.seed,
            backend: &options.backend(),
        })?;
        for note in &run.splits.notes {
            if !notes.contains(note) {
                notes.push(note.clone());
            }
        }
        results.extend(result(fold, &measured));
    }
    if stop.close() {
        return Ok(interrupted(options, folder, &folds[folds.len() - 1]));
    }
    let names: Vec<String> = folds.iter().map(ToString::to_string).collect();
    let folders: Vec<PathBuf> = (0..folds.len()).map(|i| folder_of(folder, i)).collect();
    let runs = names.iter().map(String::as_str).zip(folders.iter().map(PathBuf::as_path));
    let page = RunsPage {
        title: plan.name.clone(),
        summary: format!("Cross-validation with {} folds, seed {}.", folds.len(), options.seed),
        folds: true,
        runs: results,
        curves: of_runs(runs).map_err(Failure::input)?,
        notes,
        command: options.command(folder, None),
        config: plan.document.source.config.clone(),
    };
    let (json, report) = (folder.join("folds.json"), folder.join("report.html"));
    let content = format!("{:#}\n", document(plan, options, &page, folder));
    graph::file::write(&json, content.as_bytes()).map_err(|error| cannot_write(&json, &error))?;
    page.write(&report).map_err(Failure::failed)?;
    let mut text = runs::table(&page);
    for (name, file) in [("metrics", &json), ("report", &report)] {
        text.push_str(&format!("{name}: {}\n", escaped(&file.display().to_string())));
    }
    Ok(text.into())
}

/// Reads the recordings, and lists the folds.
pub(super) fn open(
    options: &Train,
    plan: &Plan,
    folds: Folds,
) -> Result<(CrossValidation, Vec<Fold>), Failure> {
    let opened = plan.cross_validation(options)?;
    let folds = opened.folds(folds).map_err(|error| plan.failure(&error, options.data.as_deref()))?;
    Ok((opened, folds))
}

/// The folder of a fold.
pub(super) fn folder_of(folder: &Path, index: usize) -> PathBuf {
    folder.join(format!("fold-{}", index + 1))
}

/// The result of a fold on the recordings that it held out.
fn result(fold: &Fold, measured: &Measured) -> Option<RunResult> {
    let (set, comparison) = measured.evaluation.as_ref()?;
    let facts = BTreeMap::from([("examples".to_owned(), thousands(set.examples.len() as u64))]);
    Some(runs::result(fold.to_string(), facts, &comparison.merged))
}

/// The content of `folds.json`.
fn document(plan: &Plan, options: &Train, page: &RunsPage, folder: &Path) -> Value {
    let fold = |(i, run): (usize, &RunResult)| {
        let folder = folder_of(folder, i).display().to_string();
        json!({ "fold": run.name, "folder": folder, "metrics": run.metrics })
    };
    let spread = |key: String| {
        let spread = page.spread(&key)?;
        let Spread { mean, deviation, low, high, .. } = spread;
        Some((key, json!({ "mean": mean, "deviation": deviation, "lowest": low, "highest": high })))
    };
    json!({
        "name": plan.name,
        "seed": options.seed,
        "folds": page.runs.iter().enumerate().map(fold).collect::<Vec<_>>(),
        "metrics": page.keys().into_iter().filter_map(spread).collect::<serde_json::Map<_, _>>(),
    })
}

/// The result of a cross-validation that a signal stopped.
fn interrupted(options: &Train, folder: &Path, fold: &Fold) -> CommandOutput {
    let again = options.command(folder, None);
    let fold = escaped(&fold.to_string());
    let text = format!("stopped in fold {fold}; continue with\n  {again} --resume\n");
    CommandOutput { text, exit: Exit::Interrupted }
}
