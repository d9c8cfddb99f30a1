//! Exercises every preset of every family, the large ones included: `cargo run --release -p benches --bin presets`.

#![allow(clippy::print_stdout, reason = "a command talks to its user")]

use std::time::Instant;

use anyhow::Result;
use benches::presets;
use factory::Factory;

fn main() -> Result<()> {
    let factory = Factory::builtin();
    let cases = presets::cases(&factory);
    for (i, case) in cases.iter().enumerate() {
        let start = Instant::now();
        let graph = case.graph(&factory)?;
        let millions = graph.cost()?.trainable as f64 / 1e6;
        presets::exercise(case, graph)?;
        println!(
            "{:>3} of {} {case}: {millions:.1} M, {:.1} s",
            i + 1,
            cases.len(),
            start.elapsed().as_secs_f64()
        );
    }
    Ok(())
}
