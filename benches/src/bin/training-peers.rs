//! Compares training throughput with that of plain PyTorch and Keras.

use std::env;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use benches::file::AtomicFile;
use benches::training::{self, NETWORKS, Network, Programs, Settings};
use clap::{Parser, Subcommand};

/// Compare training throughput with that of plain PyTorch and of SleepKit's Keras code
///
/// All programs use the same network, batch, loss and AdamW settings; each runs in its own pinned process,
/// and they take turns. Prints samples per second, and our throughput divided by theirs within a round.
/// Creates Python environments in the user's cache folder.
#[derive(Debug, Parser)]
#[command(name = "training-peers", args_conflicts_with_subcommands = true)]
struct Arguments {
    /// Thread counts, separated by commas
    #[arg(long, value_delimiter = ',', default_value = "1,2", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Vec<u16>,
    /// Measure only the networks whose name contains NAME
    #[arg(long, value_name = "NAME")]
    filter: Option<String>,
    /// Measure for a fraction of the time, for a quick estimate
    #[arg(long)]
    quick: bool,
    #[command(subcommand)]
    one: Option<One>,
}

/// A hidden subcommand: one turn of this project.
#[derive(Debug, Subcommand)]
enum One {
    /// Run one turn of this project and print its report
    #[command(hide = true)]
    One { network: String, threads: usize, seconds: f64 },
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if let Some(One::One { network, threads, seconds }) = &arguments.one {
        let report = training::ours(network, *threads, *seconds)?;
        return Ok(writeln!(io::stdout(), "{}", serde_json::to_string(&report)?)?);
    }
    let networks = matching(arguments.filter.as_deref())?;
    let target = env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let folder = target.unwrap_or_else(|| benches::folder("").with_file_name("target")).join("bench");
    fs::create_dir_all(&folder)
        .with_context(|| format!("could not create the folder `{}`", folder.display()))?;
    let file = AtomicFile::begin(&folder.join("training-peers.json"))?;

    let tell = |step: &str| drop(writeln!(io::stderr(), "{step}"));
    let programs = Programs::prepare(&networks, tell)?;
    let (rounds, seconds) = if arguments.quick { (3, 1.0) } else { (7, 5.0) };
    let threads = arguments.threads.into_iter().map(usize::from).collect();
    let report = training::run(&Settings { networks, threads, rounds, seconds }, &programs, tell)?;
    write!(io::stdout(), "{report}")?;
    tell(&format!("report: {}", file.path().display()));
    file.finish(&report.json()?)
}

fn matching(filter: Option<&str>) -> Result<Vec<Network>> {
    let wanted = |network: &Network| filter.is_none_or(|filter| network.name.contains(filter));
    let networks: Vec<Network> = NETWORKS.into_iter().filter(wanted).collect();
    if networks.is_empty() {
        let names = NETWORKS.map(|network| network.name).join(", ");
        bail!("no network name contains `{}`; the networks are: {names}", filter.unwrap_or_default());
    }
    Ok(networks)
}
