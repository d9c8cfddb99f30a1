//! Results of a comparison.

use graph::format::{table as aligned, thousands};
use serde::{Deserialize, Serialize};

use super::runtime::{Contender, Runtime};
use crate::bench::{Spread, bytes};

/// Results on one network at one thread count.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    /// Name of the network.
    pub network: String,
    /// Shape of the input, including the batch.
    pub input: Vec<usize>,
    /// Number of trainable parameters.
    pub parameters: u64,
    /// Multiply-accumulates of a run.
    pub macs: u64,
    /// Number of threads and of cores.
    pub threads: usize,
    /// Bytes of the engine's weights and of its arena.
    pub memory: Option<[usize; 2]>,
    /// One for each contender.
    pub entries: Vec<Entry>,
}

/// The result of one contender.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// The contender.
    pub contender: Contender,
    /// Its times, or why there are none.
    pub outcome: Outcome,
}

/// Times, or the reason why there are none.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The contender ran the network.
    Measured {
        /// Version of the runtime; for the engine, the instruction set.
        version: String,
        /// Median of a run, over the turns.
        median_ms: Spread,
        /// The fastest run.
        least_ms: f64,
        /// Its time divided by the engine's, over the rounds. `None` if the engine did not run.
        ratio: Option<Spread>,
        /// Number of runs.
        runs: usize,
    },
    /// The message of a contender that does not run the network.
    Refused(String),
}

impl Entry {
    pub(super) fn refused(contender: Contender, error: &anyhow::Error) -> Self {
        let message = format!("{error:#}").replace('\n', " ");
        Self { contender, outcome: Outcome::Refused(message.chars().take(160).collect()) }
    }

    /// The median time in milliseconds.
    pub(super) fn milliseconds(&self) -> Option<f64> {
        match &self.outcome {
            Outcome::Measured { median_ms, .. } => Some(median_ms.median),
            Outcome::Refused(_) => None,
        }
    }
}

impl Row {
    /// The faster form of a runtime.
    pub(super) fn best_form(&self, runtime: Runtime) -> Option<&Entry> {
        let entries = self.entries.iter().filter(|entry| entry.contender.runtime == runtime);
        let measured = entries.filter_map(|entry| Some((entry.milliseconds()?, entry)));
        measured.min_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, entry)| entry)
    }

    /// The fastest peer in its faster form.
    pub(super) fn best_peer(&self) -> Option<&Entry> {
        let peers = Runtime::PEERS.into_iter().filter_map(|runtime| self.best_form(runtime));
        peers
            .filter_map(|entry| Some((entry.milliseconds()?, entry)))
            .min_by(|(a, _), (b, _)| a.total_cmp(b))
            .map(|(_, entry)| entry)
    }

    /// The part of the peak that direct convolution in the engine's time would need.
    pub(super) fn part_of_peak(&self, peak: f64) -> Option<f64> {
        let seconds = self.best_form(Runtime::Engine)?.milliseconds()? / 1e3;
        Some(2.0 * self.macs as f64 / seconds / (peak * self.threads as f64))
    }

    /// The cells of the table; `peak` is in operations per second.
    pub(super) fn cells(&self, peak: f64) -> Vec<String> {
        let dash = || "–".to_owned();
        let mut cells = vec![
            self.network.clone(),
            self.input.iter().map(ToString::to_string).collect::<Vec<_>>().join("×"),
            thousands(self.parameters),
            format!("{:.1}", self.macs as f64 / 1e6),
            self.threads.to_string(),
            self.memory.map_or_else(dash, |[weights, arena]| bytes(weights + arena)),
            self.part_of_peak(peak).map_or_else(dash, |part| format!("{:.0} %", 100.0 * part)),
        ];
        for runtime in [Runtime::Engine].into_iter().chain(Runtime::PEERS) {
            let entry = self.best_form(runtime).and_then(|entry| Some((entry, entry.milliseconds()?)));
            cells.push(entry.map_or_else(dash, |(entry, time)| {
                let mark = if entry.contender.as_image { "*" } else { "" };
                digits(time) + mark
            }));
        }
        let best = self.best_peer().and_then(|entry| match &entry.outcome {
            Outcome::Measured { ratio: Some(ratio), .. } => Some((entry.contender.runtime, ratio)),
            _ => None,
        });
        cells.push(best.map_or_else(dash, |(runtime, ratio)| {
            format!(
                "{:.2} [{:.2}–{:.2}] {}",
                ratio.median,
                ratio.quarter,
                ratio.three_quarters,
                runtime.name()
            )
        }));
        cells
    }
}

/// The names of the columns.
pub(super) fn head() -> Vec<String> {
    let first = ["network", "input", "parameters", "MMAC", "threads", "memory", "of peak"];
    let names = [Runtime::Engine].into_iter().chain(Runtime::PEERS).map(Runtime::name);
    first.into_iter().chain(names).chain(["best peer / engine"]).map(str::to_owned).collect()
}

/// The table for a terminal. `peak` is the core's, in operations per second.
pub fn table(rows: &[Row], peak: f64) -> String {
    let rows: Vec<Vec<String>> =
        std::iter::once(head()).chain(rows.iter().map(|row| row.cells(peak))).collect();
    aligned(&rows, 2)
}

/// Three significant digits.
fn digits(milliseconds: f64) -> String {
    match milliseconds {
        ..0.01 => format!("{milliseconds:.5}"),
        ..0.1 => format!("{milliseconds:.4}"),
        ..1.0 => format!("{milliseconds:.3}"),
        ..10.0 => format!("{milliseconds:.2}"),
        ..100.0 => format!("{milliseconds:.1}"),
        _ => format!("{milliseconds:.0}"),
    }
}
