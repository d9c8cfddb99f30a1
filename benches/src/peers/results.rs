//! Results of a comparison.

use graph::format::{table as aligned, thousands};
use serde::{Deserialize, Serialize};

use super::layers::Layer;
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
    /// The engine's time on one thread divided by its time on all threads, if there is more than one.
    #[serde(default)]
    pub scaling: Option<Spread>,
    /// The engine's instructions; empty if they were not measured.
    #[serde(default)]
    pub layers: Vec<Layer>,
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
        /// Its time divided by the engine's, over the rounds.
        ratio: Spread,
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

    /// The time of the fastest peer divided by the engine's, and that peer.
    pub(super) fn speedup(&self) -> Option<(Runtime, Spread)> {
        let peer = self.best_peer()?;
        match &peer.outcome {
            Outcome::Measured { ratio, .. } => Some((peer.contender.runtime, *ratio)),
            Outcome::Refused(_) => None,
        }
    }

    /// The cells of the columns, for the page or for a terminal. `peak` is in operations per second.
    fn cells(&self, columns: &Columns, peak: f64) -> Vec<String> {
        let dash = || "–".to_owned();
        let mut network = self.network.clone();
        if self.threads > 1 {
            network += &format!(", {} threads", self.threads);
        }
        let mut cells = vec![
            network,
            self.input.iter().map(ToString::to_string).collect::<Vec<_>>().join("×"),
            thousands(self.parameters),
            format!("{:.1}", self.macs as f64 / 1e6),
            self.memory.map_or_else(dash, |[weights, arena]| bytes(weights + arena)),
            self.part_of_peak(peak).map_or_else(dash, |part| format!("{:.0} %", 100.0 * part)),
        ];
        let fastest = self.best_peer().map(|peer| peer.contender);
        for runtime in [Runtime::Engine].into_iter().chain(Runtime::PEERS) {
            let entry = self.best_form(runtime).and_then(|entry| Some((entry, entry.milliseconds()?)));
            cells.push(entry.map_or_else(dash, |(entry, time)| {
                let mark = if entry.contender.as_image { "†" } else { "" };
                let text = digits(time) + mark;
                if columns.is_markdown && fastest == Some(entry.contender) {
                    format!("**{text}**")
                } else {
                    text
                }
            }));
        }
        cells.push(
            self.speedup()
                .map_or_else(dash, |(runtime, ratio)| format!("{} {}", times(&ratio), runtime.name())),
        );
        if columns.has_scaling {
            cells.push(self.scaling.as_ref().map_or_else(dash, times));
        }
        cells
    }
}

/// The columns of a table.
struct Columns {
    is_markdown: bool,
    /// Whether any row has more than one thread.
    has_scaling: bool,
}

impl Columns {
    fn names(&self) -> Vec<String> {
        let first = ["network", "input", "parameters", "MMAC", "memory", "of peak"];
        let runtimes = [Runtime::Engine].into_iter().chain(Runtime::PEERS).map(Runtime::name);
        let mut names: Vec<&str> = first.into_iter().chain(runtimes).chain(["speed-up"]).collect();
        if self.has_scaling {
            names.push("over one thread");
        }
        names.into_iter().map(str::to_owned).collect()
    }
}

/// The names of the columns and the cells of each row.
fn cells(rows: &[&Row], peak: f64, is_markdown: bool) -> Vec<Vec<String>> {
    let columns = Columns { is_markdown, has_scaling: rows.iter().any(|row| row.scaling.is_some()) };
    let mut cells = vec![columns.names()];
    cells.extend(rows.iter().map(|row| row.cells(&columns, peak)));
    cells
}

/// The table for a terminal. `peak` is the core's, in operations per second.
pub fn table(rows: &[Row], peak: f64) -> String {
    aligned(&cells(&rows.iter().collect::<Vec<_>>(), peak, false), 2)
}

/// The table for a page.
pub(super) fn markdown(rows: &[&Row], peak: f64) -> String {
    let cells = cells(rows, peak, true);
    let mut lines: Vec<String> = cells.iter().map(|cells| format!("| {} |\n", cells.join(" | "))).collect();
    lines.insert(1, format!("|---|---|{}\n", "--:|".repeat(cells[0].len() - 2)));
    lines.concat()
}

fn times(ratio: &Spread) -> String {
    format!("{:.2}× [{:.2}–{:.2}]", ratio.median, ratio.quarter, ratio.three_quarters)
}

/// Three significant digits.
pub(super) fn digits(value: f64) -> String {
    match value {
        ..0.01 => format!("{value:.5}"),
        ..0.1 => format!("{value:.4}"),
        ..1.0 => format!("{value:.3}"),
        ..10.0 => format!("{value:.2}"),
        ..100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}
