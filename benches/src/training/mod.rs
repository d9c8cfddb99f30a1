//! Training throughput, compared with that of other frameworks on the same networks.
//!
//! Each program runs in its own process, pinned to as many cores as it has threads. The programs take
//! turns, so other load on the machine affects all of them; the main result is the ratio within a round.

mod ours;
#[cfg(feature = "mpi")]
mod ranks;
mod report;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use crate::{command, environment, folder};

pub use ours::ours;
#[cfg(feature = "mpi")]
pub use ranks::{RanksReport, on_ranks};
pub use report::{Range, Report, Row};

/// A network and its batch size.
#[derive(Clone, Copy, Debug)]
pub struct Network {
    /// Name, here and in `peers/`.
    pub name: &'static str,
    /// Name of a ready model of [`factory`], or the text of a config.
    pub config: &'static str,
    /// Batch size.
    pub batch: i64,
    /// Whether SleepKit has this network.
    pub keras: bool,
}

/// The compared networks.
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

/// A framework that trains the networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Framework {
    /// This project.
    Ours,
    /// Plain PyTorch.
    PyTorch,
    /// SleepKit's own code, with Keras on TensorFlow.
    Keras,
}

/// The report of one process, its last line of output, as JSON.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct PeerReport {
    /// Number of trainable parameters.
    pub parameters: u64,
    /// Samples trained on per second.
    pub samples_per_second: f64,
}

/// The networks to measure, and for how long.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The networks.
    pub networks: Vec<Network>,
    /// Thread counts; each process is pinned to as many cores.
    pub threads: Vec<usize>,
    /// Number of turns of each framework.
    pub rounds: usize,
    /// Duration of each turn.
    pub seconds: f64,
}

/// Paths of the programs that train.
#[derive(Debug)]
pub struct Programs {
    ours: PathBuf,
    pytorch: PathBuf,
    keras: PathBuf,
}

impl Programs {
    /// Creates the peers' environments unless they exist, and calls `tell` with a line of progress.
    ///
    /// # Errors
    /// If Python is missing or the packages cannot be installed.
    pub fn prepare(networks: &[Network], mut tell: impl FnMut(&str)) -> Result<Self> {
        let pytorch = prepare("pytorch", &mut tell)?;
        let keras = if networks.iter().any(|network| network.keras) {
            prepare("keras", &mut tell)?
        } else {
            PathBuf::new()
        };
        let ours = std::env::current_exe().context("could not find the path of this program")?;
        Ok(Self { ours, pytorch, keras })
    }

    /// Runs one turn of a framework.
    fn turn(
        &self,
        framework: Framework,
        network: &Network,
        threads: usize,
        seconds: f64,
    ) -> Result<PeerReport> {
        let (program, first) = match framework {
            Framework::Ours => (&self.ours, "one".to_owned()),
            Framework::PyTorch => (&self.pytorch, script("pytorch")),
            Framework::Keras => (&self.keras, script("keras")),
        };
        let mut command = command::pinned(program, threads);
        command.args([&first, network.name, &threads.to_string(), &seconds.to_string()]);
        for variable in ["OMP_NUM_THREADS", "MKL_NUM_THREADS"] {
            command.env(variable, threads.to_string());
        }
        // Keeps bytecode out of the source folder.
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        let title = || format!("{} with {framework:?}", network.name);
        let output = command.stderr(Stdio::piped()).output().with_context(title)?;
        let stdout = String::from_utf8_lossy(&output.stdout);
        let stderr = String::from_utf8_lossy(&output.stderr);
        let reason = stderr.trim_end().lines().last().unwrap_or("no message");
        ensure!(output.status.success(), "{} failed with {}: {reason}", title(), output.status);
        let line = stdout.trim_end().lines().last().unwrap_or_default();
        serde_json::from_str(line)
            .with_context(|| format!("{}: expected a report as JSON, found `{line:.60}`", title()))
    }
}

/// Measures all networks, and calls `tell` with a line of progress before each round.
///
/// # Errors
/// If a process fails, or a peer's network has a different number of parameters.
pub fn run(settings: &Settings, programs: &Programs, mut tell: impl FnMut(&str)) -> Result<Report> {
    let mut rows = Vec::new();
    for network in &settings.networks {
        let mut frameworks = vec![Framework::Ours, Framework::PyTorch];
        if network.keras {
            frameworks.push(Framework::Keras);
        }
        for &threads in &settings.threads {
            let mut rates: BTreeMap<Framework, Vec<f64>> = BTreeMap::new();
            let mut parameters = BTreeMap::new();
            for round in 0..settings.rounds {
                tell(&format!(
                    "{}, {threads} threads: round {} of {}",
                    network.name,
                    round + 1,
                    settings.rounds
                ));
                for &framework in &frameworks {
                    let report = programs.turn(framework, network, threads, settings.seconds)?;
                    rates.entry(framework).or_default().push(report.samples_per_second);
                    parameters.insert(framework, report.parameters);
                }
            }
            let ours = parameters[&Framework::Ours];
            for (framework, &found) in &parameters {
                ensure!(
                    found == ours,
                    "{} with {framework:?}: expected {ours} parameters, found {found}",
                    network.name
                );
            }
            rows.push(Row::new(network, threads, ours, &rates));
        }
    }
    Ok(Report { rows })
}

/// Path of the script that trains with this peer.
fn script(peer: &str) -> String {
    folder("peers").join(format!("peer_{peer}.py")).to_string_lossy().into_owned()
}

/// Path of the Python in this peer's environment.
fn prepare(peer: &str, tell: &mut impl FnMut(&str)) -> Result<PathBuf> {
    let [all, alone] =
        ["", "-alone"].map(|kind| folder("peers").join(format!("requirements-{peer}{kind}.txt")));
    environment::prepare(&format!("peers-{peer}"), [&all, &alone], "several gigabytes", tell)
}
