//! Compares the throughput of training with plain PyTorch's and Keras's.

use std::env;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use benches::file::AtomicFile;
use benches::training::{self, NETWORKS, Network, Plan, Programs};
use clap::{Parser, Subcommand};

/// Compare training with plain PyTorch's and with SleepKit's Keras
///
/// Same network, batch, loss and AdamW; every program is a pinned process of its own, and they take turns.
/// Prints samples per second, and ours over theirs, of the same turn. Makes Python environments in the
/// user's cache folder.
#[derive(Debug, Parser)]
#[command(name = "training-peers", args_conflicts_with_subcommands = true)]
struct Arguments {
    /// Numbers of threads
    #[arg(long, value_delimiter = ',', default_value = "1,2", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Vec<u16>,
    /// Only the networks whose name contains this
    #[arg(long, value_name = "NAME")]
    filter: Option<String>,
    /// A first look, in a fraction of the time
    #[arg(long)]
    quick: bool,
    #[command(subcommand)]
    one: Option<One>,
}

/// What a turn of ours is.
#[derive(Debug, Subcommand)]
enum One {
    /// One turn of ours, as a process
    #[command(hide = true)]
    One { network: String, threads: usize, seconds: f64 },
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if let Some(One::One { network, threads, seconds }) = &arguments.one {
        let said = training::ours(network, *threads, *seconds)?;
        return Ok(writeln!(io::stdout(), "{}", serde_json::to_string(&said)?)?);
    }
    let networks = matching(arguments.filter.as_deref())?;
    let target = env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let folder = target.unwrap_or_else(|| benches::folder("").with_file_name("target")).join("bench");
    fs::create_dir_all(&folder).with_context(|| format!("could not make `{}`", folder.display()))?;
    let file = AtomicFile::begin(&folder.join("training-peers.json"))?;

    let tell = |step: &str| drop(writeln!(io::stderr(), "{step}"));
    let programs = Programs::prepare(&networks, tell)?;
    let (rounds, seconds) = if arguments.quick { (3, 1.0) } else { (7, 5.0) };
    let threads = arguments.threads.into_iter().map(usize::from).collect();
    let report = training::run(&Plan { networks, threads, rounds, seconds }, &programs, tell)?;
    write!(io::stdout(), "{report}")?;
    tell(&format!("report: {}", file.path().display()));
    file.finish(&report.json()?)
}

fn matching(filter: Option<&str>) -> Result<Vec<Network>> {
    let wanted = |network: &Network| filter.is_none_or(|filter| network.name.contains(filter));
    let networks: Vec<Network> = NETWORKS.into_iter().filter(wanted).collect();
    if networks.is_empty() {
        let names = NETWORKS.map(|network| network.name).join(", ");
        bail!("no network's name contains `{}`; there are: {names}", filter.unwrap_or_default());
    }
    Ok(networks)
}
