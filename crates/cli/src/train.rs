//! `factory train`.

mod check;
mod plan;
mod run;
mod seeds;
mod several;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use data::{Fold, Folds, Splits};
use graph::escaped;
use torch::tch::Device;
use train::{Communicator, Run, RunEnd};

use crate::backend::{Backend, device};
use crate::document::STANDARD_INPUT;
use crate::failure::{Exit, Failure};
use crate::output::{CommandOutput, note};
use crate::ranks;
use crate::settings::Settings;
use crate::shell;
use crate::signals::Stop;
use crate::stored::share_standard_input;
pub(crate) use check::Check;
use plan::{Plan, describe};
use run::{Measured, PageContext};
use seeds::Seeds;

/// The text of `--help` after the options.
const HELP: &str = "\
CROSS-VALIDATION trains the model several times, each time with other training recordings held out for testing.
`--folds 5` divides the recordings into five parts with the same proportions of the classes, and never divides a
group; `--folds group` holds out one group at a time. Each fold is a run with a folder of its own, DIR/fold-1 and so
on; `report.html` and `folds.json` in DIR contain the metrics of all folds, their mean, deviation and range.
With --resume, finished folds are kept. `--fold 2/5` or `--fold group:NAME` trains a single fold. `factory evaluate
DIR/fold-2` measures a fold on what it held out.

SEEDS With `--seeds 1-5` the same training is repeated, in DIR/seed-1 and so on, or with folds in DIR/seed-1/fold-1;
`runs.json` in DIR contains the metrics of all runs.

SEVERAL PROCESSES With the feature `mpi`, `mpirun -n 4 factory train CONFIG` trains one model in four processes, which
share each batch; with --folds or --seeds, each process trains whole runs. See docs/scale.md.";

/// Train a model and write the run to a folder
///
/// The config has the sections `data` and `train`. A run on the CPU that is killed at any moment and continued with
/// `--resume` ends with the same bytes as an undisturbed run; on a GPU, the results differ by rounding.
///
/// Ctrl-C, SIGTERM and SIGHUP stop training after the current step: a checkpoint and the best model so far
/// are saved, the command that continues the run is printed, and the exit code is 130. A second signal ends
/// the process at once, as does any signal while data is being read or the report is being written. Signals
/// that the parent process ignores, for example under `nohup`, stay ignored.
#[derive(Args, Clone, Debug)]
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
    /// Train a model for each of these seeds, such as 1-5 or 1,3,8
    #[arg(long, value_name = "SEEDS", conflicts_with = "seed")]
    seeds: Option<Seeds>,
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
    pub(crate) device: Device,
    /// Number of libtorch threads [default: 1 for small networks, otherwise libtorch's choice]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(1..=1024))]
    threads: Option<i32>,
    /// Weights to start from: a safetensors file or a model file
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
}

impl Train {
    pub(crate) fn run(self, ranks: &Arc<dyn Communicator>) -> Result<CommandOutput, Failure> {
        if self.config == STANDARD_INPUT {
            share_standard_input(ranks.as_ref())?;
        }
        let plan = ranks::agree(ranks.as_ref(), Plan::of(&self))?;
        let folder = self.folder(&plan);
        if self.has_several_runs() {
            return several::train(&self, &plan, &folder, ranks.as_ref());
        }
        let splits = ranks::agree(ranks.as_ref(), plan.splits(&self, ranks.as_ref()))?;
        describe(&splits);
        if ranks.size() > 1 {
            note(&format!("{} ranks share each batch", ranks.size()));
        }
        let run = self.planned(&plan, splits, self.fold.as_ref(), folder);
        // Until here there is nothing to save, so a signal may end the process.
        let stop = stop_on_signals()?;
        match run::train(&plan, &run, ranks, &stop)? {
            RunEnd::Interrupted { step, model_step, .. } => {
                Ok(self.interrupted(&run.folder, step, model_step, ranks.size()))
            }
            RunEnd::Finished(_) if ranks::any(ranks.as_ref(), stop.close()) => {
                Ok(self.without_report(&run.folder, ranks.size()))
            }
            RunEnd::Finished(finished) => {
                let measured = Measured::of(finished, &run.splits, &self.backend(), ranks.as_ref())?;
                let report = run.folder.join("report.html");
                if ranks.rank() > 0 {
                    return Ok(String::new().into());
                }
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

    /// Whether the command trains several models.
    fn has_several_runs(&self) -> bool {
        self.folds.is_some() || self.seeds.is_some()
    }

    fn folder(&self, plan: &Plan) -> PathBuf {
        match (&self.output, &self.seeds) {
            (Some(folder), _) => folder.clone(),
            (None, Some(seeds)) => format!("runs/{}-{seeds}", plan.name).into(),
            (None, None) => format!("runs/{}-{}", plan.name, self.seed).into(),
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
    fn interrupted(&self, folder: &Path, step: u64, model_step: u64, ranks: usize) -> CommandOutput {
        let again = launched(ranks, self.command(folder, self.fold.as_ref()));
        let model = shown_model(folder);
        let text = format!(
            "stopped after step {step}; continue with\n  {again} --resume\nmodel of step {model_step}: {model}\n"
        );
        CommandOutput { text, exit: Exit::Interrupted }
    }

    fn without_report(&self, folder: &Path, ranks: usize) -> CommandOutput {
        let again = launched(ranks, self.command(folder, self.fold.as_ref()));
        let text =
            format!("training finished, but the report was not written; write it with\n  {again} --resume\n");
        CommandOutput { text, exit: Exit::Interrupted }
    }

    /// The command that repeats the run, or one fold of it, quoted for a shell.
    fn command(&self, folder: &Path, fold: Option<&Fold>) -> String {
        let seeds = match &self.seeds {
            Some(seeds) => format!("--seeds {seeds}"),
            None => format!("--seed {}", self.seed),
        };
        let mut command = format!(
            "factory train {}{} {seeds} --output {}",
            shell::word(&self.config),
            self.settings.options(),
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
            // The first run has the config of all.
            let mut run = folder.to_owned();
            if let Some(seeds) = &self.seeds {
                run.push(format!("seed-{}", seeds.seeds[0]));
            }
            if self.folds.is_some() && fold.is_none() {
                run.push("fold-1");
            }
            command.push_str(&format!(" < {}", shell::word(run.join("config.yaml"))));
        }
        command
    }
}

/// A command that is to be run in as many ranks as before.
fn launched(ranks: usize, command: String) -> String {
    if ranks == 1 { command } else { format!("mpirun -n {ranks} {command}") }
}

fn stop_on_signals() -> Result<Stop, Failure> {
    Stop::on_signals().map_err(Failure::failed)
}

/// Path of the model file in a run's folder, in full, because it is meant to be copied.
fn shown_model(folder: &Path) -> String {
    escaped(&folder.join("model.safetensors").display().to_string())
}
