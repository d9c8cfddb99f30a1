//! Throughput of training, here and with what others train the same networks with.
//!
//! Every program is a process of its own, pinned to as many cores as it has threads. They take turns:
//! what else the machine does meets all of them, and the figure to read is the ratio of a round.

mod environment;
mod ours;
mod report;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

pub use ours::ours;
pub use report::{Range, Report, Row};

/// A network and its batch.
#[derive(Clone, Copy, Debug)]
pub struct Network {
    /// Its name here and in `peers/`.
    pub name: &'static str,
    /// A ready model of [`factory`], or a config.
    pub config: &'static str,
    /// Samples of a batch.
    pub batch: i64,
    /// Whether SleepKit has it.
    pub keras: bool,
}

/// Every network that is compared.
pub const NETWORKS: [Network; 3] = [
    Network { name: "ss-4", config: "ss-4-tcn-sm", batch: 128, keras: true },
    Network {
        name: "mobileone-s0",
        config: "name: mobileone-s0\ninput: { channels: 3, height: 64, width: 64 }\nclasses: 10\n\
                 architecture: mobileone\npreset: mobileone_s0\n",
        batch: 32,
        keras: false,
    },
    Network {
        name: "unet-small-1d",
        config: "name: unet-small-1d\ninput: { channels: 1, length: 720 }\nclasses: 4\n\
                 architecture: unet\npreset: small\n",
        batch: 32,
        keras: false,
    },
];

/// Who trains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trainer {
    /// This project.
    Ours,
    /// Plain PyTorch.
    PyTorch,
    /// SleepKit's own code, with Keras on TensorFlow.
    Keras,
}

/// What a process says at its end, one line of JSON.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Said {
    /// Trainable parameters.
    pub parameters: u64,
    /// Samples trained on per second.
    pub samples_per_second: f64,
}

/// What is measured, and how long.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The networks.
    pub networks: Vec<Network>,
    /// Numbers of threads, and of cores.
    pub threads: Vec<usize>,
    /// Turns of each trainer.
    pub rounds: usize,
    /// Of measuring in each turn.
    pub seconds: f64,
}

/// The trainers ready to run.
#[derive(Debug)]
pub struct Programs {
    ours: PathBuf,
    pytorch: PathBuf,
    keras: PathBuf,
}

impl Programs {
    /// Makes the peers' environments where they are not there yet; `tell` hears of it.
    ///
    /// # Errors
    /// No Python, or one that cannot install what is needed.
    pub fn prepare(networks: &[Network], mut tell: impl FnMut(&str)) -> Result<Self> {
        let pytorch = environment::prepare("pytorch", &mut tell)?;
        let keras = match networks.iter().any(|network| network.keras) {
            true => environment::prepare("keras", &mut tell)?,
            false => PathBuf::new(),
        };
        let ours = std::env::current_exe().context("could not find this program's own file")?;
        Ok(Self { ours, pytorch, keras })
    }

    /// One turn.
    fn turn(&self, trainer: Trainer, network: &Network, threads: usize, seconds: f64) -> Result<Said> {
        let (program, first) = match trainer {
            Trainer::Ours => (&self.ours, "one".to_owned()),
            Trainer::PyTorch => (&self.pytorch, environment::script("pytorch")),
            Trainer::Keras => (&self.keras, environment::script("keras")),
        };
        let mut command = pinned(program, threads);
        command.args([&first, network.name, &threads.to_string(), &seconds.to_string()]);
        for variable in ["OMP_NUM_THREADS", "MKL_NUM_THREADS"] {
            command.env(variable, threads.to_string());
        }
        // Nothing is left in the source folder.
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        let title = || format!("{} with {trainer:?}", network.name);
        let output = command.stderr(Stdio::piped()).output().with_context(title)?;
        let said = String::from_utf8_lossy(&output.stdout);
        let why = String::from_utf8_lossy(&output.stderr);
        let why = why.trim_end().lines().last().unwrap_or("it gave no reason");
        ensure!(output.status.success(), "{} ended with {}: {why}", title(), output.status);
        let line = said.trim_end().lines().last().unwrap_or_default();
        serde_json::from_str(line).with_context(|| format!("{} said `{line}`, not its result", title()))
    }
}

/// On Linux on the first cores; elsewhere the system decides.
fn pinned(program: &Path, threads: usize) -> Command {
    if !cfg!(target_os = "linux") {
        return Command::new(program);
    }
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", &format!("0-{}", threads - 1)]).arg(program);
    command
}

/// Measures everything; `tell` hears what comes next.
///
/// # Errors
/// A process that fails, and twins whose parameters are not as many as ours.
pub fn run(plan: &Plan, programs: &Programs, mut tell: impl FnMut(&str)) -> Result<Report> {
    let mut rows = Vec::new();
    for network in &plan.networks {
        let mut trainers = vec![Trainer::Ours, Trainer::PyTorch];
        trainers.extend(network.keras.then_some(Trainer::Keras));
        for &threads in &plan.threads {
            let mut rates: BTreeMap<Trainer, Vec<f64>> = BTreeMap::new();
            let mut parameters = BTreeMap::new();
            for round in 0..plan.rounds {
                tell(&format!("{}, {threads} threads: round {} of {}", network.name, round + 1, plan.rounds));
                for &trainer in &trainers {
                    let said = programs.turn(trainer, network, threads, plan.seconds)?;
                    rates.entry(trainer).or_default().push(said.samples_per_second);
                    parameters.insert(trainer, said.parameters);
                }
            }
            let ours = parameters[&Trainer::Ours];
            for (trainer, &found) in &parameters {
                ensure!(found == ours, "{}: {found} parameters with {trainer:?}, {ours} here", network.name);
            }
            rows.push(Row::new(network, threads, ours, &rates));
        }
    }
    Ok(Report { rows })
}
