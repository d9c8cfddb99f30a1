//! Writes the files that this project generates.

mod config_page;
mod definitions;
mod files;
mod models;
mod published;
mod schema;
mod sources;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;
use factory::Factory;

/// Write the project's generated files
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask codegen")]
struct Cli {
    /// Write nothing; fail if a file is stale
    #[arg(long)]
    check: bool,
}

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> Result<()> {
    let root = root()?;
    let factory = Factory::builtin();
    let schema = schema::schema(&factory)?;
    let mut files = sources::files(&factory, &root)?;
    files.extend(schema::files(&schema, &root)?);
    files.push(config_page::file(&factory, &schema)?);
    files.push(models::file(&factory)?);
    if cli.check {
        files::check(&root, sources::FOLDER, &files)
    } else {
        files::write_all(&root, sources::FOLDER, &files)
    }
}

/// The workspace's root, two above this crate's folder.
fn root() -> Result<PathBuf> {
    let folder = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let folder = PathBuf::from(folder);
    folder.ancestors().nth(2).map(PathBuf::from).context("this crate's folder is not in a workspace")
}
