//! `factory train`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;
use factory::{Factory, models};
use torch::tch::Device;
use train::{End, Finished, Purpose, Run};

use crate::baseline::Baseline;
use crate::evaluate::table;
use crate::failure::{Failure, read};
use crate::page::{Account, page};
use crate::progress::Progress;
use crate::trained::{Trained, device, located, sections};

/// Train a model on data, from its config, into a folder.
///
/// A config has the sections `data` and `train`. Killed at any instant and called again with
/// `--resume`, a run ends with the same bytes as if it had never been killed.
#[derive(Args, Debug)]
pub(crate) struct Train {
    /// A config file or a ready model
    #[arg(value_name = "CONFIG")]
    config: String,
    /// What all randomness derives from
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// The run's folder; runs/NAME-SEED where none is said
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Go on with the run that is in the folder, if one is
    #[arg(long)]
    resume: bool,
    /// Folder of the data, in place of the config's
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// cpu, cuda or cuda:N
    #[arg(long, default_value = "cpu", value_parser = device)]
    device: Device,
    /// Threads that libtorch computes with
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(1..=1024))]
    threads: Option<i32>,
    /// Weights to begin from, a safetensors file
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
}

impl Train {
    pub(crate) fn run(self) -> Result<String, Failure> {
        let document = document(&self.config)?;
        let in_file = |failure: Failure| match models::get(&self.config) {
            Some(_) => failure,
            None => failure.in_file(Path::new(&self.config)),
        };
        let model = Factory::builtin().build(&document).map_err(|error| in_file(error.into()))?;
        let (data, config) = sections(&document).map_err(in_file)?;
        config.validate().map_err(|error| in_file(error.into()))?;
        let (data, base) = located(&data, self.data.as_deref());
        let splits = data.open(&model.input, &base).map_err(|error| {
            let is_config = error.place().starts_with("data.");
            if is_config { in_file(error.into()) } else { error.into() }
        })?;
        let folder =
            self.output.clone().unwrap_or_else(|| format!("runs/{}-{}", model.name, self.seed).into());
        let purpose = Purpose {
            task: data.task,
            classes: splits.classes.clone(),
            normalization: splits.normalization.clone(),
        };
        let run = Run {
            graph: model.graph.clone(),
            splits,
            purpose,
            config,
            document,
            seed: self.seed,
            device: self.device,
            threads: self.threads,
            initial: self.weights.as_deref().map(read).transpose()?,
            folder: folder.clone(),
        };
        let mut progress = Progress::new(&model.name);
        let stop = stop()?;
        let end = run.go(self.resume, &mut progress, &stop);
        progress.finish();
        let is_config =
            |error: &train::Error| matches!(error, train::Error::Config { .. } | train::Error::Fit(_));
        match end.map_err(|error| if is_config(&error) { in_file(error.into()) } else { error.into() })? {
            End::Interrupted { step, .. } => {
                let again = format!("{} --resume", self.command(&folder));
                Ok(format!("stopped after step {step}; go on with\n  {again}\n"))
            }
            End::Finished(finished) => self.finished(&folder, finished),
        }
    }

    fn finished(&self, folder: &Path, finished: Finished) -> Result<String, Failure> {
        let Finished { model, steps, best } = finished;
        let trained = Trained::of(model)?;
        let (net, mut text) = (trained.net(self.device)?, format!("trained for {steps} steps"));
        if let Some(best) = best {
            text.push_str(&format!("; the model is of step {best}, the best on the validation part"));
        }
        text.push('\n');
        let mut account = Account {
            folder,
            command: self.command(folder),
            seed: self.seed,
            steps,
            best,
            test: None,
            baseline: None,
        };
        let test = trained.data.test.as_ref().map(|_| trained.test(self.data.as_deref())).transpose()?;
        let sides = test.as_ref().map(|test| trained.evaluate(&net, test)).transpose()?;
        if let Some((test, sides)) = test.as_ref().zip(sides.as_ref()) {
            account.baseline = Baseline::of(&trained, self.data.as_deref())?;
            text.push_str(&table(sides, account.baseline.as_ref()));
            account.test = Some((test, &net, sides));
        }
        let report = folder.join("report.html");
        page(&trained, &account)?
            .write(&report)
            .map_err(|error| Failure { code: 1, ..Failure::input(error) })?;
        text.push_str(&format!("model: {}\n", folder.join("model.safetensors").display()));
        text.push_str(&format!("report: {}\n", report.display()));
        Ok(text)
    }

    /// What to type to have the same run.
    fn command(&self, folder: &Path) -> String {
        let mut command =
            format!("factory train {} --seed {} --output {}", self.config, self.seed, folder.display());
        for (option, value) in [("data", &self.data), ("weights", &self.weights)] {
            if let Some(value) = value {
                command.push_str(&format!(" --{option} {}", value.display()));
            }
        }
        if let Some(threads) = self.threads {
            command.push_str(&format!(" --threads {threads}"));
        }
        command
    }
}

/// The text of a config file or ready model.
fn document(name: &str) -> Result<String, Failure> {
    let path = Path::new(name);
    match models::get(name).filter(|_| !path.is_file()) {
        Some(text) => Ok(text.to_owned()),
        None => std::fs::read_to_string(path).map_err(|error| match path.extension() {
            None => Failure::input(format!(
                "no config file or ready model is called {name:?}; `factory list` shows what there is"
            )),
            Some(_) => Failure::input(format!("{name}: {error}")),
        }),
    }
}

/// A flag that the first interrupt sets; a second one ends the process at once.
fn stop() -> Result<Arc<AtomicBool>, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    let handler = move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    };
    ctrlc::set_handler(handler).map_err(|error| Failure { code: 1, ..Failure::input(error) })?;
    Ok(stop)
}
