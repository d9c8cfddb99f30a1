//! Runs the recipes of docs/recipes.md.

use std::io::{self, Write};

use anyhow::Result;
use clap::Parser;

/// Run the recipes of docs/recipes.md on small files and compare what is read from their results
///
/// Creates a Python environment in the user's cache folder.
#[derive(Debug, Parser)]
#[command(name = "recipes")]
struct Arguments {
    /// Pass, with a line that says so, if the Python packages cannot be installed
    #[arg(long)]
    if_possible: bool,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let mut tell = |line: &str| drop(writeln!(io::stderr(), "{line}"));
    let environment = match benches::recipes::environment(&mut tell) {
        Err(error) if arguments.if_possible => {
            return Ok(writeln!(io::stdout(), "SKIP all recipes: {error:#}")?);
        }
        environment => environment?,
    };
    for line in benches::recipes::run(&environment)? {
        writeln!(io::stdout(), "{line}")?;
    }
    Ok(())
}
