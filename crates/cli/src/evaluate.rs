//! `factory evaluate`.

use std::path::PathBuf;

use clap::Args;
use graph::{format, printable};
use serde_json::{Value, json};
use torch::tch::Device;
use train::Evaluation;

use crate::baseline::Baseline;
use crate::failure::Failure;
use crate::trained::{Comparison, Trained, device};

/// Measure a trained model on its test data, as stored and merged
#[derive(Args, Debug)]
pub(crate) struct Evaluate {
    /// A run's folder, or a model file, merged or not
    #[arg(value_name = "MODEL")]
    model: PathBuf,
    /// Print JSON: the figures of the merged model, then both evaluations in full
    #[arg(long)]
    json: bool,
    /// Folder of the data [default: that of the config]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Device: cpu, cuda or cuda:N
    #[arg(long, default_value = "cpu", value_parser = device)]
    device: Device,
}

impl Evaluate {
    pub(crate) fn run(self) -> Result<String, Failure> {
        let trained = Trained::read(&self.model)?;
        let folder = self.data.as_deref();
        let examples = trained.test(folder)?;
        let comparison = trained.evaluate(&trained.net(self.device)?, &examples)?;
        let baseline = Baseline::of(&trained, folder)?;
        if !self.json {
            let text = table(&comparison, baseline.as_ref());
            return Ok(format!(
                "{}, {} test examples\n\n{text}",
                printable(&trained.name),
                comparison.examples
            ));
        }
        let mut report = json!({ "name": trained.name, "examples": comparison.examples });
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
    text
}
