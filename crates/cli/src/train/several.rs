//! Several runs: the folds of a cross-validation, several seeds, or both.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use data::{CrossValidation, Fold, Folds, Splits};
use graph::escaped;
use graph::format::thousands;
use report::{RunResult, RunsPage, Spread};
use serde_json::{Value, json};
use train::{Communicator, RunEnd, SingleProcess};

use super::plan::{Plan, describe};
use super::run::{Measured, PageContext, train as train_run};
use super::{Train, stop_on_signals};
use crate::curves::of_runs;
use crate::failure::{Exit, Failure, cannot_write};
use crate::output::{CommandOutput, note};
use crate::signals::Stop;
use crate::{ranks, runs};

/// One of several runs.
pub(super) struct PlannedRun {
    seed: u64,
    pub(super) fold: Option<Fold>,
    /// The name of the run in tables.
    name: String,
    pub(super) folder: PathBuf,
}

/// The data of several runs.
pub(super) enum OpenedData {
    /// Each run has other splits.
    Folds(CrossValidation),
    /// All runs have the same splits.
    Same(Splits),
}

/// Several runs, and what they have in common.
struct Several<'a> {
    options: &'a Train,
    plan: &'a Plan,
    data: OpenedData,
    runs: Vec<PlannedRun>,
    /// The folder of all runs.
    folder: &'a Path,
    stop: Stop,
}

/// Trains and measures several models. Each of several ranks trains whole runs, one at a time; the first rank then
/// measures all of them.
pub(super) fn train(
    options: &Train,
    plan: &Plan,
    folder: &Path,
    ranks: &dyn Communicator,
) -> Result<CommandOutput, Failure> {
    let (data, runs) = ranks::agree(ranks, open(options, plan, folder, ranks))?;
    let several = Several { options, plan, data, runs, folder, stop: stop_on_signals()? };
    if ranks.size() > 1 {
        note(&format!("{} ranks share {} runs", ranks.size(), several.runs.len()));
        let stopped = several.train_share(ranks)?;
        if ranks::any(ranks, stopped.is_some()) {
            let first = stopped.unwrap_or(&several.runs[0]);
            return Ok(several.interrupted(first));
        }
        if ranks.rank() > 0 {
            return Ok(String::new().into());
        }
    }
    several.measure_all(ranks.size() > 1)
}

/// Reads the recordings, and lists the runs: for each seed, all folds.
pub(super) fn open(
    options: &Train,
    plan: &Plan,
    folder: &Path,
    ranks: &dyn Communicator,
) -> Result<(OpenedData, Vec<PlannedRun>), Failure> {
    let (data, folds) = match options.folds {
        Some(number) => {
            let opened = plan.cross_validation(options, ranks)?;
            let folds = list(&opened, number, plan, options)?;
            (OpenedData::Folds(opened), folds.into_iter().map(Some).collect())
        }
        None => (OpenedData::Same(plan.splits(options, ranks)?), vec![options.fold.clone()]),
    };
    let several_seeds = options.seeds.as_ref().map(|seeds| seeds.seeds.as_slice());
    let mut runs = Vec::new();
    for seed in several_seeds.unwrap_or(&[options.seed]) {
        for (i, fold) in folds.iter().enumerate() {
            let mut run = PlannedRun {
                seed: *seed,
                fold: fold.clone(),
                name: String::new(),
                folder: folder.to_owned(),
            };
            let mut names = Vec::new();
            if several_seeds.is_some() {
                names.push(format!("seed {seed}"));
                run.folder.push(format!("seed-{seed}"));
            }
            if let (Some(_), Some(fold)) = (options.folds, fold) {
                names.push(fold.to_string());
                run.folder.push(format!("fold-{}", i + 1));
            }
            run.name = names.join(", ");
            runs.push(run);
        }
    }
    Ok((data, runs))
}

fn list(opened: &CrossValidation, number: Folds, plan: &Plan, options: &Train) -> Result<Vec<Fold>, Failure> {
    opened.folds(number).map_err(|error| plan.failure(&error, options.data.as_deref()))
}

impl OpenedData {
    /// The splits of a run.
    pub(super) fn splits(&self, plan: &Plan, run: &PlannedRun) -> Result<Splits, Failure> {
        match (self, &run.fold) {
            (Self::Folds(opened), Some(fold)) => plan.fold(opened, fold),
            (Self::Same(splits), _) => Ok(splits.clone()),
            (Self::Folds(_), None) => unreachable!("every run of a cross-validation has a fold"),
        }
    }
}

impl Several<'_> {
    /// The options that train one of the runs alone.
    fn options_of(&self, run: &PlannedRun) -> Train {
        Train { seed: run.seed, seeds: None, folds: None, fold: run.fold.clone(), ..self.options.clone() }
    }

    /// Trains this rank's share of the runs. Returns the run that a signal stopped, if any.
    fn train_share(&self, ranks: &dyn Communicator) -> Result<Option<&PlannedRun>, Failure> {
        for run in self.runs.iter().skip(ranks.rank()).step_by(ranks.size()) {
            self.announce(run);
            let options = self.options_of(run);
            let splits = self.data.splits(self.plan, run)?;
            let planned = options.planned(self.plan, splits, run.fold.as_ref(), run.folder.clone());
            if let RunEnd::Interrupted { .. } = train_run(self.plan, &planned, &alone(), &self.stop)? {
                return Ok(Some(run));
            }
        }
        Ok(None)
    }

    /// Trains the runs that are not finished, and measures all of them.
    fn measure_all(&self, are_trained: bool) -> Result<CommandOutput, Failure> {
        let (mut results, mut notes) = (Vec::new(), Vec::<String>::new());
        for run in &self.runs {
            if !are_trained {
                self.announce(run);
            }
            let mut options = self.options_of(run);
            options.resume |= are_trained;
            let splits = self.data.splits(self.plan, run)?;
            if !are_trained {
                describe(&splits);
            }
            let planned = options.planned(self.plan, splits, run.fold.as_ref(), run.folder.clone());
            let finished = match train_run(self.plan, &planned, &alone(), &self.stop)? {
                RunEnd::Finished(finished) => finished,
                RunEnd::Interrupted { .. } => return Ok(self.interrupted(run)),
            };
            let measured = Measured::of(finished, &planned.splits, &options.backend(), &SingleProcess)?;
            measured.write_page(PageContext {
                folder: &planned.folder,
                file: &planned.folder.join("report.html"),
                splits: &planned.splits,
                command: options.command(&planned.folder, run.fold.as_ref()),
                seed: run.seed,
                backend: &options.backend(),
            })?;
            for note in &planned.splits.notes {
                if !notes.contains(note) {
                    notes.push(note.clone());
                }
            }
            results.extend(result(run, &measured));
        }
        if self.stop.close() {
            return Ok(self.interrupted(&self.runs[self.runs.len() - 1]));
        }
        self.write(results, notes).map(CommandOutput::from)
    }

    fn announce(&self, run: &PlannedRun) {
        note(&match (&run.fold, &self.options.seeds) {
            (Some(Fold::Group(group)), None) => {
                let number = self.runs.iter().position(|other| other.name == run.name).unwrap_or(0) + 1;
                format!("group {} ({number} of {})", escaped(group), self.runs.len())
            }
            (_, _) => title(self.options, run),
        });
    }

    /// Writes the page and the metrics of all runs. Returns the text to print.
    fn write(&self, results: Vec<RunResult>, notes: Vec<String>) -> Result<String, Failure> {
        let has_seeds = self.options.seeds.is_some();
        let summary = match (&self.options.seeds, self.options.folds) {
            (None, _) => {
                format!("Cross-validation with {} folds, seed {}.", self.runs.len(), self.options.seed)
            }
            (Some(seeds), None) => format!("{} runs with the seeds {seeds}.", self.runs.len()),
            (Some(seeds), Some(_)) => {
                let folds = self.runs.len() / seeds.seeds.len();
                format!("Cross-validations with {folds} folds and the seeds {seeds}.")
            }
        };
        let names = self.runs.iter().map(|run| (run.name.as_str(), run.folder.as_path()));
        let page = RunsPage {
            title: self.plan.name.clone(),
            summary,
            folds: !has_seeds,
            runs: results,
            curves: of_runs(names).map_err(Failure::input)?,
            notes,
            command: self.options.command(self.folder, None),
            config: self.plan.document.source.config.clone(),
        };
        let json = self.folder.join(if has_seeds { "runs.json" } else { "folds.json" });
        let report = self.folder.join("report.html");
        let content = format!("{:#}\n", self.document(&page));
        graph::file::write(&json, content.as_bytes()).map_err(|error| cannot_write(&json, &error))?;
        page.write(&report).map_err(Failure::failed)?;
        let mut text = runs::table_with_summary(&page);
        for (name, file) in [("metrics", &json), ("report", &report)] {
            text.push_str(&format!("{name}: {}\n", escaped(&file.display().to_string())));
        }
        Ok(text)
    }

    /// The content of `folds.json` or `runs.json`.
    fn document(&self, page: &RunsPage) -> Value {
        let spread = |key: String| {
            let spread = page.spread(&key)?;
            let Spread { mean, deviation, low, high, .. } = spread;
            Some((key, json!({ "mean": mean, "deviation": deviation, "lowest": low, "highest": high })))
        };
        let metrics: serde_json::Map<String, Value> = page.keys().into_iter().filter_map(spread).collect();
        let pairs = || self.runs.iter().zip(&page.runs);
        let folder = |run: &PlannedRun| run.folder.display().to_string();
        if self.options.seeds.is_some() {
            let run = |(run, result): (&PlannedRun, &RunResult)| {
                let fold = run.fold.as_ref().map(ToString::to_string);
                json!({ "seed": run.seed, "fold": fold, "folder": folder(run), "metrics": result.metrics })
            };
            let runs: Vec<Value> = pairs().map(run).collect();
            return json!({ "name": self.plan.name, "runs": runs, "metrics": metrics });
        }
        let fold = |(run, result): (&PlannedRun, &RunResult)| json!({ "fold": result.name, "folder": folder(run), "metrics": result.metrics });
        let folds: Vec<Value> = pairs().map(fold).collect();
        json!({ "name": self.plan.name, "seed": self.options.seed, "folds": folds, "metrics": metrics })
    }

    /// The result of a training that a signal stopped.
    fn interrupted(&self, run: &PlannedRun) -> CommandOutput {
        let again = self.options.command(self.folder, None);
        let text = format!("stopped in {}; continue with\n  {again} --resume\n", title(self.options, run));
        CommandOutput { text, exit: Exit::Interrupted }
    }
}

/// The title of a run, such as `fold 2/5` or `seed 1, 2/5`.
pub(super) fn title(options: &Train, run: &PlannedRun) -> String {
    if options.seeds.is_some() { escaped(&run.name) } else { format!("fold {}", escaped(&run.name)) }
}

fn alone() -> Arc<dyn Communicator> {
    Arc::new(SingleProcess)
}

/// The result of a run on the recordings that it was measured on.
fn result(run: &PlannedRun, measured: &Measured) -> Option<RunResult> {
    let (set, comparison) = measured.evaluation.as_ref()?;
    let facts = BTreeMap::from([("examples".to_owned(), thousands(set.examples.len() as u64))]);
    Some(runs::result(run.name.clone(), facts, &comparison.merged))
}
