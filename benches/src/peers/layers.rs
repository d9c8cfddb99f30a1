//! The time of each of the engine's instructions.

use std::fmt::Write;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::results::{Row, digits};
use crate::bench::EngineRun;

/// Duration of a measurement.
const TIME: Duration = Duration::from_millis(500);
/// Smallest and largest number of runs in a measurement.
const RUNS: [u128; 2] = [5, 1000];

/// An instruction of the engine, and its time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Layer {
    /// The node whose value is computed.
    pub node: String,
    /// The chosen kernel.
    pub kernel: String,
    /// Shape of the output, without the batch.
    pub output: Vec<usize>,
    /// Multiply-accumulates.
    pub macs: u64,
    /// The median over runs, in microseconds.
    pub microseconds: f64,
}

/// Measures the instructions of a network.
///
/// # Errors
/// If the network cannot be run.
pub(super) fn measure(run: &mut EngineRun) -> Result<Vec<Layer>> {
    let start = Instant::now();
    run.run()?;
    let runs = TIME.as_nanos() / start.elapsed().as_nanos().max(1);
    let instructions = run.instructions(usize::try_from(runs.clamp(RUNS[0], RUNS[1]))?)?;
    let layers = instructions.into_iter().map(|(instruction, time)| Layer {
        node: instruction.node,
        kernel: instruction.kernel,
        output: instruction.shape.dims(),
        macs: instruction.macs,
        microseconds: time.as_secs_f64() * 1e6,
    });
    Ok(layers.collect())
}

/// Layers with the same kernel, output and cost.
struct Group<'l> {
    first: &'l Layer,
    count: usize,
    microseconds: f64,
}

fn groups(layers: &[Layer]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for layer in layers {
        let key = |layer: &Layer| (layer.kernel.clone(), layer.output.clone(), layer.macs);
        match groups.iter_mut().find(|group| key(group.first) == key(layer)) {
            Some(group) => {
                group.count += 1;
                group.microseconds += layer.microseconds;
            }
            None => groups.push(Group { first: layer, count: 1, microseconds: layer.microseconds }),
        }
    }
    groups
}

/// The tables of all networks whose instructions were measured. `peak` is the core's, in operations per second.
pub(super) fn section(rows: &[&Row], peak: f64) -> String {
    let mut text = String::new();
    for row in rows.iter().filter(|row| !row.layers.is_empty()) {
        if text.is_empty() {
            text += INTRODUCTION;
        }
        let total: f64 = row.layers.iter().map(|layer| layer.microseconds).sum();
        let _ = write!(
            text,
            "\n### {}\n\n| instruction | kernel | output | MMAC | µs | share | of peak |\n|---|---|---|--:|--:|--:|--:|\n",
            row.network
        );
        let count = row.layers.len();
        for group in groups(&row.layers) {
            let Layer { node, kernel, output, macs, .. } = group.first;
            let mark = if group.count > 1 { format!(" and {} more", group.count - 1) } else { String::new() };
            let output = output.iter().map(ToString::to_string).collect::<Vec<_>>().join("×");
            let macs = *macs * group.count as u64;
            let line =
                line(&format!("{node}{mark} | {kernel} | {output}"), macs, group.microseconds, total, peak);
            text += &line;
        }
        let macs = row.layers.iter().map(|layer| layer.macs).sum();
        text += &line(&format!("**{count} instructions** | |"), macs, total, total, peak);
    }
    text
}

const INTRODUCTION: &str = "\n## Where the time goes\n\nThe engine's instructions on one thread, each timed by itself \
    within whole runs; instructions with the same kernel, output and cost are one line with the sum of their times. \
    Reading the clock adds about 0.03 µs to each. `of peak` is as above.\n";

fn line(start: &str, macs: u64, microseconds: f64, total: f64, peak: f64) -> String {
    let of_peak = 2.0 * macs as f64 / (microseconds * 1e-6) / peak;
    let of_peak = if macs > 0 { format!("{:.0} %", 100.0 * of_peak) } else { "–".to_owned() };
    let share = 100.0 * microseconds / total;
    let macs = macs as f64 / 1e6;
    format!("| {start} | {macs:.3} | {} | {share:.1} % | {of_peak} |\n", digits(microseconds))
}
