//! What was measured: a table to read, and the same as JSON.

use std::collections::BTreeMap;
use std::fmt;

use graph::format::{table, thousands};
use serde::Serialize;

use super::{Network, Trainer};

/// What was measured.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// One for each network and number of threads.
    pub rows: Vec<Row>,
}

/// A network on a number of threads. Fields in alphabetical order, for the JSON.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// Samples of a batch.
    pub batch: i64,
    /// Its name.
    pub network: &'static str,
    /// Trainable parameters, of all trainers.
    pub parameters: u64,
    /// Our throughput over each peer's, of the same round.
    pub ratios: BTreeMap<&'static str, Range>,
    /// Samples per second of each trainer.
    pub samples_per_second: BTreeMap<&'static str, Range>,
    /// Threads and cores.
    pub threads: usize,
}

/// Values of several rounds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Range {
    /// The largest.
    pub max: f64,
    /// The one in the middle, or the mean of the two there.
    pub median: f64,
    /// The smallest.
    pub min: f64,
}

impl Trainer {
    fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::PyTorch => "PyTorch",
            Self::Keras => "Keras",
        }
    }
}

impl Row {
    /// Of every trainer's rates, round by round; ours are among them.
    pub(super) fn new(
        network: &Network,
        threads: usize,
        parameters: u64,
        rates: &BTreeMap<Trainer, Vec<f64>>,
    ) -> Self {
        let ours = &rates[&Trainer::Ours];
        let ratio = |theirs: &[f64]| Range::of(ours.iter().zip(theirs).map(|(a, b)| a / b).collect());
        let peers = rates.iter().filter(|(trainer, _)| **trainer != Trainer::Ours);
        Self {
            batch: network.batch,
            network: network.name,
            parameters,
            ratios: peers.map(|(trainer, theirs)| (trainer.name(), ratio(theirs))).collect(),
            samples_per_second: rates
                .iter()
                .map(|(trainer, rates)| (trainer.name(), Range::of(rates.clone())))
                .collect(),
            threads,
        }
    }
}

impl Range {
    /// All 0 of no values.
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |place: usize| values.get(place).copied().unwrap_or(0.0);
        let last = values.len().saturating_sub(1);
        Self { max: at(last), median: f64::midpoint(at(last / 2), at(last.div_ceil(2))), min: at(0) }
    }

    fn show(&self, digits: usize) -> String {
        let Self { max, median, min } = self;
        format!("{median:.digits$} [{min:.digits$}–{max:.digits$}]")
    }
}

impl Report {
    /// The report as JSON.
    ///
    /// # Errors
    /// None that is known.
    pub fn json(&self) -> anyhow::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

impl fmt::Display for Report {
    /// One line per row: medians, and in brackets the smallest and the largest.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let peers = [Trainer::PyTorch.name(), Trainer::Keras.name()];
        let [ours, pytorch, keras] = [Trainer::Ours, Trainer::PyTorch, Trainer::Keras].map(Trainer::name);
        let over = peers.map(|peer| format!("ours / {peer}"));
        let head = ["network", "parameters", "batch", "threads", ours, pytorch, keras, &over[0], &over[1]];
        let shown = |ranges: &BTreeMap<&str, Range>, name: &str, digits: usize| {
            ranges.get(name).map_or_else(|| "–".to_owned(), |range| range.show(digits))
        };
        let row = |row: &Row| {
            let rate = |name| shown(&row.samples_per_second, name, 0);
            let ratio = |name| shown(&row.ratios, name, 2);
            [
                row.network.to_owned(),
                thousands(row.parameters),
                row.batch.to_string(),
                row.threads.to_string(),
                rate(ours),
                rate(pytorch),
                rate(keras),
                ratio(pytorch),
                ratio(keras),
            ]
        };
        let rows: Vec<_> =
            std::iter::once(head.map(str::to_owned)).chain(self.rows.iter().map(row)).collect();
        f.write_str(&table(&rows, 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::NETWORKS;

    #[test]
    fn ranges() {
        let range = Range::of(vec![5.0, 1.0, 4.0]);
        assert_eq!(range, Range { max: 5.0, median: 4.0, min: 1.0 });
        assert_eq!(Range::of(vec![2.0, 1.0]), Range { max: 2.0, median: 1.5, min: 1.0 });
        assert_eq!(Range::of(Vec::new()), Range { max: 0.0, median: 0.0, min: 0.0 });
    }

    #[test]
    fn ratios_are_of_the_same_round() {
        // The machine was half as fast in the second round.
        let rates = [(Trainer::Ours, vec![400.0, 200.0]), (Trainer::PyTorch, vec![200.0, 100.0])];
        let row = Row::new(&NETWORKS[1], 2, 4_278_522, &BTreeMap::from(rates));
        assert_eq!(row.ratios["PyTorch"], Range { max: 2.0, median: 2.0, min: 2.0 });
        let rates = [
            (Trainer::Ours, vec![400.0, 500.0, 600.0]),
            (Trainer::PyTorch, vec![200.0, 200.0, 200.0]),
            (Trainer::Keras, vec![400.0, 400.0, 400.0]),
        ];
        let first = Row::new(&NETWORKS[0], 1, 26_449, &BTreeMap::from(rates));
        let expected = "\
network       parameters  batch  threads           ours        PyTorch          Keras    ours / PyTorch      ours / Keras
ss-4              26,449    128        1  500 [400–600]  200 [200–200]  400 [400–400]  2.50 [2.00–3.00]  1.25 [1.00–1.50]
mobileone-s0   4,278,522     32        2  300 [200–400]  150 [100–200]              –  2.00 [2.00–2.00]                 –
";
        assert_eq!(Report { rows: vec![first, row] }.to_string(), expected);
    }
}
