//! Checks every preset of every family, or with `--large` only those that the tests skip.

#![allow(clippy::print_stdout, reason = "the output of a command")]

use std::time::Instant;

use anyhow::Result;
use benches::presets::{self, LARGE};
use clap::Parser;
use factory::Factory;

/// Run, merge and train every preset for one step; stop at the first failure
#[derive(Debug, Parser)]
#[command(name = "presets")]
struct Arguments {
    /// Check only presets with more than 50 million parameters, which the tests skip
    #[arg(long)]
    large: bool,
}

fn main() -> Result<()> {
    let Arguments { large } = Arguments::parse();
    let factory = Factory::builtin();
    let mut passed = 0;
    for case in presets::cases(&factory, &presets::small_inputs()) {
        let start = Instant::now();
        let graph = case.graph(&factory)?;
        let parameters = graph.cost()?.trainable;
        if large && parameters <= LARGE {
            continue;
        }
        presets::exercise(&case, graph)?;
        passed += 1;
        let seconds = start.elapsed().as_secs_f64();
        println!("{case}: {:.1} M parameters, {seconds:.1} s", parameters as f64 / 1e6);
    }
    println!("{passed} presets passed");
    Ok(())
}
