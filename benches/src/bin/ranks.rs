//! Compares the training throughput of several processes with that of one.

use std::io::{self, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use benches::training::{RanksReport, on_ranks};
use clap::{Parser, Subcommand};
use train::{Communicator, MpiSession, SingleProcess};

/// Compare the training throughput of several processes of one thread with that of one such process
///
/// Both train the same network with the same batch, which the processes share; they take turns. Needs `mpirun`.
#[derive(Debug, Parser)]
#[command(name = "ranks", args_conflicts_with_subcommands = true)]
struct Arguments {
    /// Number of processes
    #[arg(long, value_name = "N", default_value_t = 2)]
    ranks: usize,
    /// Networks to measure
    #[arg(long, value_name = "NAME", value_delimiter = ',', default_value = "unet-small-1d,mobileone-s0")]
    networks: Vec<String>,
    /// Examples in a batch of all processes together
    #[arg(long, value_name = "N", default_value_t = 128)]
    batch: i64,
    /// Number of turns of each
    #[arg(long, value_name = "N", default_value_t = 7)]
    rounds: usize,
    /// Seconds of a turn
    #[arg(long, value_name = "N", default_value_t = 5.0)]
    seconds: f64,
    #[command(subcommand)]
    one: Option<One>,
}

/// A hidden subcommand: one process of a turn.
#[derive(Debug, Subcommand)]
enum One {
    /// Train in this process, and print the report if it is the first
    #[command(hide = true)]
    One { network: String, batch: i64, seconds: f64 },
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if let Some(One::One { network, batch, seconds }) = &arguments.one {
        return one(network, *batch, *seconds);
    }
    for network in &arguments.networks {
        let mut ratios = Vec::new();
        let mut reports = Vec::new();
        for _ in 0..arguments.rounds {
            let alone = turn(&arguments, network, 1)?;
            let together = turn(&arguments, network, arguments.ranks)?;
            ratios.push(together.samples_per_second / alone.samples_per_second);
            reports.push((alone, together));
        }
        let parameters = reports[0].0.parameters;
        let median_of =
            |value: &dyn Fn(&(RanksReport, RanksReport)) -> f64| median(reports.iter().map(value).collect());
        writeln!(
            io::stdout(),
            "{network}: {parameters} parameters, batches of {}, {:.1} samples/s in one process, {:.1} in {}; ratio {:.2} \
             ({:.2} to {:.2}); sum of the gradients {:.2} ms",
            arguments.batch,
            median_of(&|(alone, _)| alone.samples_per_second),
            median_of(&|(_, together)| together.samples_per_second),
            arguments.ranks,
            median(ratios.clone()),
            ratios.iter().copied().fold(f64::INFINITY, f64::min),
            ratios.iter().copied().fold(0.0, f64::max),
            1e3 * median_of(&|(_, together)| together.sum_seconds),
        )?;
    }
    Ok(())
}

/// One process of a turn.
fn one(network: &str, batch: i64, seconds: f64) -> Result<()> {
    let session = MpiSession::start();
    let communicator: Arc<dyn Communicator> = match &session {
        Some(session) => Arc::new(session.communicator()),
        None => Arc::new(SingleProcess),
    };
    let report = on_ranks(network, batch, seconds, &communicator)?;
    if communicator.rank() == 0 {
        writeln!(io::stdout(), "{}", serde_json::to_string(&report)?)?;
    }
    Ok(())
}

/// One turn of several processes, each on a core of its own.
fn turn(arguments: &Arguments, network: &str, ranks: usize) -> Result<RanksReport> {
    let program = std::env::current_exe().context("could not find the path of this program")?;
    let mut command = Command::new("mpirun");
    command.args(["--bind-to", "core", "-n", &ranks.to_string()]).arg(program);
    let [batch, seconds] = [arguments.batch.to_string(), arguments.seconds.to_string()];
    command.args(["one", network, &batch, &seconds]).env("OMP_NUM_THREADS", "1");
    let output = command.stderr(Stdio::inherit()).output().context("could not start mpirun")?;
    ensure!(output.status.success(), "{network} in {ranks} processes ended with {}", output.status);
    let line =
        String::from_utf8_lossy(&output.stdout).trim_end().lines().last().unwrap_or_default().to_owned();
    serde_json::from_str(&line).with_context(|| format!("expected a report as JSON, found `{line:.60}`"))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
