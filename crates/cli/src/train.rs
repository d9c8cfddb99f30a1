//! `factory train`.

mod check;
mod folds;
mod plan;
mod run;

use std::path::{Path, PathBuf};

use clap::Args;
use data::{Fold, Folds, Splits};
use graph::escaped;
use torch::tch::Device;
use train::{Run, RunEnd};

use crate::backend::{Backend, device};
use crate::document::STANDARD_INPUT;
use crate::failure::{Exit, Failure};
use crate::output::CommandOutput;
use crate::settings::Settings;
use crate::shell;
use crate::signals::Stop;
pub(crate) use check::Check;
use plan::{Plan, describe};
use run::{Measured, PageContext};

/// The text of `--help` after the options.
const HELP: &str = "\
CROSS-VALIDATION trains the model several times, each time with other training recordings held out for testing.
`--folds 5` divides the recordings into five parts with the same proportions of the classes, and never divides a
group; `--folds group` holds out one group at a time. Each fold is a run with a folder of its own, DIR/fold-1 and so
on; `report.html` and `folds.json` in DIR contain the metrics of all folds, their mean, deviation and range.
With --resume, finished folds are kept. `--fold 2/5` or `--fold group:NAME` trains a single fold. `factory evaluate
DIR/fold-2` measures a fold on what it held out.";

/// Train a model and write the run to a folder
///
/// The config has the sections `data` and `train`. A run on the CPU that is killed at any moment and continued with
/// `--resume` ends with the same bytes as an undisturbed run; on a GPU, the results differ by rounding.
///
/// Ctrl-C, SIGTERM and SIGHUP stop training after the current step: a checkpoint and the best model so far
/// are saved, the command that continues the run is printed, and the exit code is 130. A second signal ends
/// the process at once, as does any signal while data is being read or the report is being written. Signals
/// that the parent process ignores, for example under `nohup`, stay ignored.
#[derive(Args, Debug)]
#[command(after_long_help = HELP)]
pub(crate) struct Train {
    /// A config file, `-` for a config on standard input, or a ready model; a model file or run's folder trains its
    /// config again
    #[arg(value_name = "CONFIG")]
    config: String,
    #[command(flatten)]
    settings: Settings,
    /// Seed for all randomness
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Folder of the run [default: runs/NAME-SEED]
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Continue the run in the folder, if there is one
    #[arg(long)]
    resume: bool,
    /// Folder of the data [default: that of the config]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Train all folds of a cross-validation: a number of folds, or `group` for one per group
    #[arg(long, value_name = "N", conflicts_with = "fold")]
    folds: Option<Folds>,
    /// Train one fold of a cross-validation, such as 2/5 or group:NAME
    #[arg(long, value_name = "FOLD")]
    fold: Option<Fold>,
    /// Device: cpu, cuda or cuda:N
    #[arg(long, default_value = "cpu", value_parser = device)]
    device: Device,
    /// Number of libtorch threads [default: 1 for small networks, otherwise libtorch's choice]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(1..=1024))]
    threads: Option<i32>,
    /// Weights to start from: a safetensors file or a model file
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
}

impl Train {
    pub(crate) fn run(self) -> Result<CommandOutput, Failure> {
        let plan = Plan::of(&self)?;
        let folder = self.folder(&plan);
        if let Some(folds) = self.folds {
            return folds::train(&self, &plan, &folder, folds);
        }
        let splits = plan.splits(&self)?;
        describe(&splits);
        let run = self.planned(&plan, splits, self.fold.as_ref(), folder);
        // Until here there is nothing to save, so a signal may end the process.
        let stop = stop_on_signals()?;
        match run::train(&plan, &run, &stop)? {
            RunEnd::Interrupted { step, model_step, .. } => {
                Ok(self.interrupted(&run.folder, step, model_step, self.fold.as_ref()))
            }
            RunEnd::Finished(_) if stop.close() => Ok(self.without_report(&run.folder)),
            RunEnd::Finished(finished) => {
                let measured = Measured::of(finished, &run.splits, &self.backend())?;
                let report = run.folder.join("report.html");
                measured.write_page(PageContext {
                    folder: &run.folder,
                    file: &report,
                    splits: &run.splits,
                    command: self.command(&run.folder, self.fold.as_ref()),
                    seed: self.seed,
                    backend: &self.backend(),
                })?;
                let mut text = measured.text();
                text.push_str(&format!("model: {}\n", shown_model(&run.folder)));
                text.push_str(&format!("report: {}\n", escaped(&report.display().to_string())));
                Ok(text.into())
            }
        }
    }

    /// The interpreter that measures the model.
    fn backend(&self) -> Backend {
        Backend::of_training(self.device, self.threads)
    }

    fn folder(&self, plan: &Plan) -> PathBuf {
        match &self.output {
            Some(folder) => folder.clone(),
            None => format!("runs/{}-{}", plan.name, self.seed).into(),
        }
    }

    /// The run of these splits.
    fn planned(&self, plan: &Plan, splits: Splits, fold: Option<&Fold>, folder: PathBuf) -> Run {
        Run {
            graph: plan.graph.clone(),
            splits,
            config: plan.train.clone(),
            source: plan.source(fold),
            seed: self.seed,
            device: self.device,
            threads: self.threads,
            initial: plan.initial.clone(),
            folder,
            resume: self.resume,
        }
    }

    /// The result of a run that a signal stopped.
    fn interrupted(&self, folder: &Path, step: u64, model_step: u64, fold: Option<&Fold>) -> CommandOutput {
        let (again, model) = (self.command(folder, fold), shown_model(folder));
        let text = format!(
            "stopped after step {step}; continue with\n  {again} --resume\nmodel of step {model_step}: {model}\n"
        );
        CommandOutput { text, exit: Exit::Interrupted }
    }

    fn without_report(&self, folder: &Path) -> CommandOutput {
        let again = self.command(folder, self.fold.as_ref());
        let text =
            format!("training finished, but the report was not written; write it with\n  {again} --resume\n");
        CommandOutput { text, exit: Exit::Interrupted }
    }

    /// The command that repeats the run, or one fold of it, quoted for a shell.
    fn command(&self, folder: &Path, fold: Option<&Fold>) -> String {
        let mut command = format!(
            "factory train {}{} --seed {} --output {}",
            shell::word(&self.config),
            self.settings.options(),
            self.seed,
            shell::word(folder)
        );
        match (fold, self.folds) {
            (Some(fold), _) => command.push_str(&format!(" --fold {}", shell::word(fold.to_string()))),
            (None, Some(folds)) => command.push_str(&format!(" --folds {folds}")),
            (None, None) => {}
        }
        for (option, value) in [("data", &self.data), ("weights", &self.weights)] {
            if let Some(value) = value {
                command.push_str(&format!(" --{option} {}", shell::word(value)));
            }
        }
        if let Device::Cuda(index) = self.device {
            command.push_str(&format!(" --device cuda:{index}"));
        }
        if let Some(threads) = self.threads {
            command.push_str(&format!(" --threads {threads}"));
        }
        if self.config == STANDARD_INPUT {
            // The first fold has the config of all.
            let run = if self.folds.is_some() && fold.is_none() {
                folder.join("fold-1")
            } else {
                folder.to_owned()
            };
            command.push_str(&format!(" < {}", shell::word(run.join("config.yaml"))));
        }
        command
    }
}

fn stop_on_signals() -> Result<Stop, Failure> {
    Stop::on_signals().map_err(Failure::failed)
}

/// Path of the model file in a run's folder, in full, because it is meant to be copied.
fn shown_model(folder: &Path) -> String {
    escaped(&folder.join("model.safetensors").display().to_string())
}
