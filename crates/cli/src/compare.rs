//! `factory compare`.

mod facts;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use graph::format::thousands;
use graph::printable;
use report::{Chart, ReportError, RunResult, RunsPage, Summary};
use serde_json::{Value, json};
use train::SingleProcess;

use crate::backend::Backend;
use crate::curves::of_runs;
use crate::failure::Failure;
use crate::file_settings::FileSettings;
use crate::output::data_notes;
use crate::runs;
use crate::trained::Trained;
use facts::{Facts, differing};

/// Compare trained models in a table and, with --output, on an HTML page
#[derive(Args, Debug)]
pub(crate) struct Compare {
    /// Folders of runs or of cross-validations, or model files
    #[arg(value_name = "MODEL", required = true)]
    models: Vec<PathBuf>,
    /// Labeled files to measure all models on, read as their configs describe such files [default: each model's
    /// own test or validation set]
    #[arg(long, value_name = "FILE", num_args = 1..)]
    on: Vec<PathBuf>,
    #[command(flatten)]
    settings: FileSettings,
    /// Also write the comparison to this HTML page
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Print JSON
    #[arg(long, conflicts_with = "output")]
    json: bool,
    /// Folder of the data [default: that of each config]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    #[command(flatten)]
    backend: Backend,
}

/// A model or a cross-validation that is compared.
struct Compared {
    result: RunResult,
    /// The settings of its config.
    settings: Facts,
    /// The name and the digest of the set that it was measured on.
    set: String,
}

impl Compare {
    pub(crate) fn run(self) -> Result<String, Failure> {
        let mut compared = Vec::new();
        for path in &self.models {
            let folds = path.join("folds.json");
            compared.push(if folds.is_file() { self.folds(path, &folds)? } else { self.model(path)? });
        }
        let settings: Vec<&Facts> = compared.iter().map(|compared| &compared.settings).collect();
        let differing = differing(&settings);
        for (compared, facts) in compared.iter_mut().zip(differing) {
            compared.result.facts.extend(facts);
        }
        let mut notes = Vec::new();
        if compared.windows(2).any(|pair| pair[0].set != pair[1].set) {
            notes.push(
                "the models were measured on different data; use --on to measure all of them on the same files"
                    .to_owned(),
            );
        }
        let curves = self.curves().unwrap_or_else(|error| {
            notes.push(error.to_string());
            Vec::new()
        });
        let page = RunsPage {
            title: "Comparison".to_owned(),
            summary: format!("{} models.", compared.len()),
            folds: false,
            runs: compared.into_iter().map(|compared| compared.result).collect(),
            curves,
            notes,
            ..RunsPage::default()
        };
        if self.json {
            return Ok(format!("{:#}\n", document(&page)));
        }
        data_notes(&page.notes);
        if let Some(file) = &self.output {
            page.write(file).map_err(Failure::failed)?;
        }
        Ok(runs::table(&page))
    }

    /// A model, measured now.
    fn model(&self, path: &Path) -> Result<Compared, Failure> {
        let trained = Trained::read(path)?;
        let set = if self.on.is_empty() {
            trained.evaluation_set(self.data.as_deref(), &SingleProcess)?
        } else {
            Some(trained.given_set(&self.on, &self.settings.file(), &SingleProcess)?)
        };
        let set = set.ok_or_else(|| {
            let message =
                "expected a config with test or validation data, found none; pass labeled files with --on";
            Failure::input(message).in_file(path)
        })?;
        data_notes(set.examples.notes());
        let comparison = trained.evaluate(&self.backend, &set.examples, &SingleProcess)?;
        let parameters = Summary::of(&trained.model.graph, Some(1))?.totals.trainable;
        let mut facts = BTreeMap::from([
            ("examples".to_owned(), thousands(set.examples.len() as u64)),
            ("parameters".to_owned(), thousands(parameters)),
        ]);
        if let Some(fold) = &trained.source.fold {
            facts.insert("fold".to_owned(), fold.clone());
        }
        Ok(Compared {
            result: runs::result(name(path), facts, &comparison.merged),
            settings: facts::of_config(&trained.source.config)?,
            set: format!("{} {}", set.name, set.examples.digest()),
        })
    }

    /// A cross-validation, with the mean of each metric over its folds.
    fn folds(&self, path: &Path, file: &Path) -> Result<Compared, Failure> {
        if !self.on.is_empty() {
            let message = "expected a model, found a cross-validation, which has one model per fold; to use --on, pass the folder of a fold";
            return Err(Failure::input(message).in_file(path));
        }
        let damaged = || {
            Failure::input("expected the metrics of a cross-validation, found other content").in_file(file)
        };
        let text = std::fs::read_to_string(file).map_err(|error| Failure::input(error).in_file(file))?;
        let document: Value = serde_json::from_str(&text).map_err(|_| damaged())?;
        let metrics = document["metrics"].as_object().ok_or_else(damaged)?;
        let mean = |(name, spread): (&String, &Value)| Some((name.clone(), spread["mean"].as_f64()?));
        let count = document["folds"].as_array().map_or(0, Vec::len);
        let first = Trained::read(&path.join("fold-1"))?;
        Ok(Compared {
            result: RunResult {
                name: name(path),
                facts: BTreeMap::from([("folds".to_owned(), count.to_string())]),
                metrics: metrics.iter().filter_map(mean).collect(),
                ..RunResult::default()
            },
            settings: facts::of_config(&first.source.config)?,
            set: format!("{count} folds of {:?}", first.data.train),
        })
    }

    /// The losses of the runs. A model file has no journal.
    fn curves(&self) -> Result<Vec<Chart>, ReportError> {
        let folders: Vec<&Path> =
            self.models.iter().map(PathBuf::as_path).filter(|path| path.is_dir()).collect();
        let names: Vec<String> = folders.iter().map(|folder| name(folder)).collect();
        of_runs(names.iter().map(String::as_str).zip(folders))
    }
}

/// The name of a model in the table: its path, without a slash at the end.
fn name(path: &Path) -> String {
    let path: PathBuf = path.components().collect();
    printable(&path.display().to_string())
}

fn document(page: &RunsPage) -> Value {
    let run = |run: &RunResult| json!({ "name": run.name, "facts": run.facts, "metrics": run.metrics });
    json!({ "runs": page.runs.iter().map(run).collect::<Vec<_>>(), "notes": page.notes })
}
