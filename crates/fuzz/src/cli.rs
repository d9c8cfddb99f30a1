//! The arguments.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::{Args, Parser, Subcommand};

use crate::kinds::{self, Entry};
use crate::limits::Limits;

/// Fuzz everything that reads user input: report panics, crashes, hangs, excessive memory and wrong results
///
/// Everything is determined by the seed: with the same arguments, the same inputs are tried.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask fuzz", args_conflicts_with_subcommands = true)]
pub(crate) struct Cli {
    /// Seconds for each kind [default: 60]
    #[arg(long, value_name = "N")]
    seconds: Option<u64>,
    /// Number of cases for each kind, instead of a time
    #[arg(long, value_name = "N", conflicts_with = "seconds")]
    cases: Option<u64>,
    /// The short run of `cargo xtask test`: a fixed number of cases for each kind
    #[arg(long, conflicts_with_all = ["seconds", "cases"])]
    quick: bool,
    /// Only this kind; can be repeated
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Vec<String>,
    /// Seed of the run
    #[arg(long, value_name = "S", default_value_t = 0)]
    pub(crate) seed: u64,
    /// Number of kinds that run at once [default: the number of processors]
    #[arg(long, value_name = "J")]
    pub(crate) jobs: Option<usize>,
    /// Repeat one case of one kind, by the number given in a finding
    #[arg(long, value_name = "CASE", conflicts_with = "input")]
    pub(crate) case: Option<u64>,
    /// Try a file as an input of one kind
    #[arg(long, value_name = "FILE")]
    pub(crate) input: Option<PathBuf>,
    /// Folder for the failing inputs [default: target/fuzz]
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) limits: Limits,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run cases of one kind in this process, which may crash
    #[command(hide = true)]
    Child(Child),
}

/// The work of one process.
#[derive(Args, Clone, Debug)]
pub(crate) struct Child {
    #[arg(long)]
    pub(crate) kind: String,
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// The first case.
    #[arg(long, default_value_t = 0)]
    pub(crate) from: u64,
    /// The end of the range of cases, exclusive.
    #[arg(long, default_value_t = u64::MAX)]
    pub(crate) to: u64,
    /// Time after which no further case starts, in milliseconds.
    #[arg(long, default_value_t = u64::MAX)]
    pub(crate) milliseconds: u64,
    /// A single input instead of cases.
    #[arg(long)]
    pub(crate) input: Option<PathBuf>,
    /// Folder for files of the cases, with the state of this process.
    #[arg(long)]
    pub(crate) scratch: PathBuf,
    /// Folder for failing inputs.
    #[arg(long)]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) limits: Limits,
}

/// The end of a kind's run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Extent {
    Seconds(u64),
    Cases(u64),
}

impl Cli {
    /// The kinds to run, in the order of [`kinds::ALL`].
    pub(crate) fn kinds(&self) -> Result<Vec<&'static Entry>> {
        for name in &self.kind {
            kinds::find(name)?;
        }
        let is_chosen = |entry: &&Entry| {
            if self.kind.is_empty() {
                !entry.is_hidden()
            } else {
                self.kind.iter().any(|name| name == entry.name)
            }
        };
        Ok(kinds::ALL.iter().filter(is_chosen).collect())
    }

    /// The selected kind, which must be the only one.
    pub(crate) fn single_kind(&self) -> Result<&'static Entry> {
        match &self.kind[..] {
            [name] => kinds::find(name),
            _ => bail!("expected one `--kind` with a case or an input, found {}", self.kind.len()),
        }
    }

    pub(crate) fn extent(&self, kind: &Entry) -> Extent {
        match (self.quick, self.cases, self.seconds) {
            (true, _, _) => Extent::Cases(kind.quick_cases),
            (false, Some(cases), _) => Extent::Cases(cases),
            (false, None, seconds) => Extent::Seconds(seconds.unwrap_or(60)),
        }
    }

    pub(crate) fn output(&self) -> PathBuf {
        self.output.clone().unwrap_or_else(|| "target/fuzz".into())
    }
}
