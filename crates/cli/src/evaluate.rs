//! `factory evaluate`.

use std::path::PathBuf;

use clap::Args;
use factory::aligned;
use serde_json::{Value, json};
use torch::tch::Device;
use train::Evaluation;

use crate::baseline::Baseline;
use crate::failure::Failure;
use crate::trained::{Sides, Trained, device};

/// Measure a trained model on its test data, merged and not.
#[derive(Args, Debug)]
pub(crate) struct Evaluate {
    /// A run's folder, or its model.safetensors
    #[arg(value_name = "DIR")]
    run: PathBuf,
    /// As JSON: the figures of the merged model, then both sides in full
    #[arg(long)]
    json: bool,
    /// Folder of the data, in place of the config's
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// cpu, cuda or cuda:N
    #[arg(long, default_value = "cpu", value_parser = device)]
    device: Device,
}

impl Evaluate {
    pub(crate) fn run(self) -> Result<String, Failure> {
        let trained = Trained::read(&self.run)?;
        let folder = self.data.as_deref();
        let examples = trained.test(folder)?;
        let sides = trained.evaluate(&trained.net(self.device)?, &examples)?;
        let baseline = Baseline::of(&trained, folder)?;
        if !self.json {
            let (name, text) = (&trained.model.name, table(&sides, baseline.as_ref()));
            return Ok(format!("{name}, {} test examples\n\n{text}", sides.examples));
        }
        let mut report = json!({ "name": trained.model.name, "examples": sides.examples });
        for (name, value) in sides.merged.outcome.summary() {
            report[name] = value.into();
        }
        if let Some(Baseline { name, gain }) = &baseline {
            report["baseline"] = json!({ "name": name, "gain_db": gain });
        }
        report["merged"] = full(&sides.merged);
        report["unmerged"] = full(&sides.unmerged);
        Ok(format!("{report:#}\n"))
    }
}

fn full(evaluation: &Evaluation) -> Value {
    let mut value = evaluation.outcome.to_json();
    value["loss"] = evaluation.loss.into();
    value
}

/// The figures of both sides, line by line.
pub(crate) fn table(sides: &Sides, baseline: Option<&Baseline>) -> String {
    let Sides { unmerged, merged, .. } = sides;
    let (before, after) = (unmerged.outcome.summary(), merged.outcome.summary());
    let row = |name: &str, before: f64, after: f64| {
        [name.to_owned(), format!("{before:.4}"), format!("{after:.4}")]
    };
    let mut rows = vec![["".to_owned(), "unmerged".to_owned(), "merged".to_owned()]];
    rows.extend(before.iter().map(|(name, value)| row(name, *value, after[name])));
    rows.push(row("loss", unmerged.loss, merged.loss));
    let baseline = baseline.map(|Baseline { name, gain }| format!("{name}: gain_db {gain:.4}\n"));
    aligned(&rows, 1) + &baseline.unwrap_or_default()
}
