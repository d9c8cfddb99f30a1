//! `factory evaluate`.

use std::path::PathBuf;

use clap::Args;
use graph::{format, printable};
use serde_json::{Value, json};
use train::{Communicator, Evaluation};

use crate::backend::Backend;
use crate::baseline::Baseline;
use crate::failure::Failure;
use crate::file_settings::FileSettings;
use crate::output::data_notes;
use crate::ranks::agree;
use crate::trained::{Comparison, EvaluationSet, Trained};

/// Measure a trained model on its test data or on labeled files, as stored and merged
#[derive(Args, Debug)]
pub(crate) struct Evaluate {
    /// A run's folder, or a model file, merged or not
    #[arg(value_name = "MODEL")]
    model: PathBuf,
    /// Labeled files to measure on, read as the config describes such files [default: the test set of the config, or
    /// its validation set]
    #[arg(long, value_name = "FILE", num_args = 1..)]
    on: Vec<PathBuf>,
    #[command(flatten)]
    settings: FileSettings,
    /// Print JSON: the figures of the merged model, then both evaluations in full
    #[arg(long)]
    json: bool,
    /// Folder of the data [default: that of the config]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) backend: Backend,
}

impl Evaluate {
    pub(crate) fn run(self, ranks: &dyn Communicator) -> Result<String, Failure> {
        let trained = agree(ranks, Trained::read(&self.model))?;
        let measured = agree(ranks, self.examples(&trained, ranks))?;
        data_notes(measured.examples.notes());
        let comparison = trained.evaluate(&self.backend, &measured.examples, ranks)?;
        if ranks.rank() > 0 {
            return Ok(String::new());
        }
        let baseline = if self.on.is_empty() && Baseline::applies(&trained) {
            Baseline::of(&trained, &trained.splits(self.data.as_deref())?)?
        } else {
            None
        };
        if !self.json {
            let text = table(&comparison, baseline.as_ref());
            return Ok(format!("{}, {}\n\n{text}", printable(&trained.name), measured.describe()));
        }
        let mut report =
            json!({ "name": trained.name, "set": measured.name, "examples": comparison.examples });
        for (name, value) in comparison.merged.outcome.summary() {
            report[name] = value.into();
        }
        if let Some(Baseline { name, gain }) = &baseline {
            report["baseline"] = json!({ "name": name, "gain_db": gain });
        }
        report["merged"] = full(&comparison.merged);
        report["unmerged"] = full(&comparison.unmerged);
        Ok(format!("{report:#}\n"))
    }

    /// The given files, or the set of the config.
    fn examples(&self, trained: &Trained, ranks: &dyn Communicator) -> Result<EvaluationSet, Failure> {
        if !self.on.is_empty() {
            return trained.given_set(&self.on, &self.settings.file(), ranks);
        }
        let set = trained.evaluation_set(self.data.as_deref(), ranks)?;
        set.ok_or_else(|| {
            Failure::input("data.test: missing; list the test files, or pass labeled files with --on")
        })
    }
}

fn full(evaluation: &Evaluation) -> Value {
    let mut value = evaluation.outcome.to_json();
    value["loss"] = evaluation.loss.into();
    value
}

/// The figures of both evaluations, line by line.
pub(crate) fn table(comparison: &Comparison, baseline: Option<&Baseline>) -> String {
    let Comparison { unmerged, merged, .. } = comparison;
    let (before, after) = (unmerged.outcome.summary(), merged.outcome.summary());
    let row = |name: &str, before: f64, after: f64| {
        [name.to_owned(), format!("{before:.4}"), format!("{after:.4}")]
    };
    let mut rows = vec![["".to_owned(), "unmerged".to_owned(), "merged".to_owned()]];
    for (name, value) in &before {
        // A metric may be defined for one of them only.
        rows.push(row(name, *value, after.get(name).copied().unwrap_or(f64::NAN)));
    }
    rows.push(row("loss", unmerged.loss, merged.loss));
    let mut text = format::table(&rows, 1);
    if let Some(Baseline { name, gain }) = baseline {
        text.push_str(&format!("{name}: gain_db {gain:.4}\n"));
    }
    let details = &merged.details;
    for baseline in &details.baselines {
        let figures = baseline.outcome.summary();
        let figures = figures.iter().map(|(name, value)| format!("{name} {value:.4}"));
        let figures: Vec<String> = figures.collect();
        text.push_str(&format!("{}: {}\n", printable(&baseline.name), figures.join("  ")));
    }
    for baseline in details.not_beaten(&merged.outcome) {
        text.push_str(&format!("note: the model is not better than: {}\n", printable(&baseline.name)));
    }
    text
}
