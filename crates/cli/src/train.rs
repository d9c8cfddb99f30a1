//! `factory train`.

use std::path::{Path, PathBuf};

use clap::Args;
use factory::{Factory, Overrides};
use graph::escaped;
use torch::tch::Device;
use train::{Finished, Run, RunEnd, TrainError};

use crate::baseline::Baseline;
use crate::evaluate::table;
use crate::failure::{Failure, check_weights, read};
use crate::output::CommandOutput;
use crate::page::{ReportContext, page, step_count};
use crate::progress::Progress;
use crate::shell;
use crate::signals::{INTERRUPTED, Stop};
use crate::stored::Document;
use crate::trained::{Trained, data_of_stored, device, key_of_missing, located, sections};

/// Train a model and write the run to a folder
///
/// The config has the sections `data` and `train`. A run that is killed at any moment and continued with
/// `--resume` ends with the same bytes as an undisturbed run.
///
/// Ctrl-C, SIGTERM and SIGHUP stop training after the current step: a checkpoint and the best model so far
/// are saved, the command that continues the run is printed, and the exit code is 130. A second signal ends
/// the process at once, as does any signal while data is being read or the report is being written. Signals
/// that the parent process ignores, for example under `nohup`, stay ignored.
#[derive(Args, Debug)]
pub(crate) struct Train {
    /// A config file or a ready model; a model file or run's folder trains its config again
    #[arg(value_name = "CONFIG")]
    config: String,
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
        let document = Document::read(&self.config)?;
        let (name, run) = self.prepare(&document)?;
        let mut progress = Progress::new(&name);
        // Until here there is nothing to save, so a signal may end the process.
        let stop = Stop::on_signals().map_err(|error| Failure { code: 1, ..Failure::input(error) })?;
        let end = train::run(&run, &mut progress, stop.flag());
        progress.finish();
        let end = end.map_err(|error| match error {
            TrainError::Config(_) | TrainError::Mismatch(_) => document.blame(error.into()),
            error => error.into(),
        })?;
        let again = format!("{} --resume", self.command(&run.folder));
        match end {
            RunEnd::Interrupted { step, model_step, .. } => {
                let text = format!(
                    "stopped after step {step}; continue with\n  {again}\nmodel of step {model_step}: {}\n",
                    shown_model(&run.folder)
                );
                Ok(CommandOutput { text, code: INTERRUPTED })
            }
            RunEnd::Finished(_) if stop.close() => {
                let text =
                    format!("training finished, but the report was not written; write it with\n  {again}\n");
                Ok(CommandOutput { text, code: INTERRUPTED })
            }
            RunEnd::Finished(finished) => self.report(&run, finished).map(CommandOutput::from),
        }
    }

    /// The name of the model, and the run with its data read.
    fn prepare(&self, document: &Document) -> Result<(String, Run), Failure> {
        let config = &document.source.config;
        let model = dialects::build(&Factory::builtin(), config, Overrides::default())
            .map_err(|error| document.blame(error.into()))?;
        let (data, train) = sections(config).map_err(|failure| document.blame(failure))?;
        train.validate().map_err(|error| document.blame(Failure::input(error.within("train"))))?;
        let (data, base) = located(&data, &document.source, self.data.as_deref())?;
        let splits = data.open(&model.input, &base).map_err(|error| {
            if error.field().is_some() {
                document.blame(error.into())
            } else if document.is_stored {
                data_of_stored(&error, &document.source, self.data.as_deref())
            } else if let Some(key) = key_of_missing(&error, &data, &base) {
                document.blame(Failure::input(format!("{key}: {error}")))
            } else {
                error.into()
            }
        })?;
        let initial = match &self.weights {
            Some(file) => {
                let weights = read(file)?;
                check_weights(file, &weights, &model.graph, &self.config)?;
                Some(weights)
            }
            None => None,
        };
        let folder = match &self.output {
            Some(folder) => folder.clone(),
            None => format!("runs/{}-{}", model.name, self.seed).into(),
        };
        let run = Run {
            graph: model.graph,
            splits,
            config: train,
            source: document.source.clone(),
            seed: self.seed,
            device: self.device,
            threads: self.threads,
            initial,
            folder,
            resume: self.resume,
        };
        Ok((model.name, run))
    }

    /// Evaluates the model, writes the report and describes both.
    fn report(&self, run: &Run, finished: Finished) -> Result<String, Failure> {
        let folder = &run.folder;
        let Finished { model, steps, best } = finished;
        let trained = Trained::of(model)?;
        let (net, mut text) = (trained.net(self.device)?, format!("trained for {}", step_count(steps)));
        if let Some(best) = best {
            text.push_str(&format!("; this is the model of step {best}, the best on the validation set"));
        }
        text.push('\n');
        let mut context = ReportContext {
            folder,
            command: self.command(folder),
            seed: self.seed,
            steps,
            best,
            test: None,
            baseline: None,
            data: run.splits.describe(),
            notes: run.splits.notes.clone(),
        };
        let test;
        let comparison;
        if trained.data.test.is_some() {
            test = trained.test(self.data.as_deref())?;
            comparison = trained.evaluate(&net, &test)?;
            context.baseline = Baseline::of(&trained, self.data.as_deref())?;
            text.push_str(&table(&comparison, context.baseline.as_ref()));
            context.test = Some((&test, &net, &comparison));
        }
        let report = folder.join("report.html");
        page(&trained, &context)?
            .write(&report)
            .map_err(|error| Failure { code: 1, ..Failure::input(error) })?;
        text.push_str(&format!("model: {}\n", shown_model(folder)));
        text.push_str(&format!("report: {}\n", escaped(&report.display().to_string())));
        Ok(text)
    }

    /// The command that repeats the run, quoted for a shell.
    fn command(&self, folder: &Path) -> String {
        let mut command = format!(
            "factory train {} --seed {} --output {}",
            shell::word(&self.config),
            self.seed,
            shell::word(folder)
        );
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
        command
    }
}

/// Path of the model file in a run's folder, in full, because it is meant to be copied.
fn shown_model(folder: &Path) -> String {
    escaped(&folder.join("model.safetensors").display().to_string())
}
