//! The report as a table and as JSON.

use std::collections::BTreeMap;
use std::fmt;

use graph::format::{table, thousands};
use serde::Serialize;

use super::{Framework, Network};

/// Results of all networks.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// One row for each network and thread count.
    pub rows: Vec<Row>,
}

/// Results of a network at one thread count. Fields are in alphabetical order, for the JSON.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// Batch size.
    pub batch: i64,
    /// Name of the network.
    pub network: &'static str,
    /// Number of trainable parameters, equal in all frameworks.
    pub parameters: u64,
    /// Our throughput divided by each peer's, within a round.
    pub ratios: BTreeMap<&'static str, Range>,
    /// Samples per second with each framework.
    pub samples_per_second: BTreeMap<&'static str, Range>,
    /// Number of threads and of cores.
    pub threads: usize,
}

/// Median and range of the values of several rounds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Range {
    /// Largest value.
    pub max: f64,
    /// Median.
    pub median: f64,
    /// Smallest value.
    pub min: f64,
}

impl Framework {
    fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::PyTorch => "PyTorch",
            Self::Keras => "Keras",
        }
    }
}

impl Row {
    /// Summarizes the rates of every framework, which must include ours, round by round.
    pub(super) fn new(
        network: &Network,
        threads: usize,
        parameters: u64,
        rates: &BTreeMap<Framework, Vec<f64>>,
    ) -> Self {
        let ours = &rates[&Framework::Ours];
        let ratio = |theirs: &[f64]| Range::of(ours.iter().zip(theirs).map(|(a, b)| a / b).collect());
        let peers = rates.iter().filter(|(framework, _)| **framework != Framework::Ours);
        Self {
            batch: network.batch,
            network: network.name,
            parameters,
            ratios: peers.map(|(framework, theirs)| (framework.name(), ratio(theirs))).collect(),
            samples_per_second: rates
                .iter()
                .map(|(framework, rates)| (framework.name(), Range::of(rates.clone())))
                .collect(),
            threads,
        }
    }
}

impl Range {
    /// The range of `values`; all zeros if there are none.
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let value = |index: usize| values.get(index).copied().unwrap_or(0.0);
        let last = values.len().saturating_sub(1);
        Self {
            max: value(last),
            median: f64::midpoint(value(last / 2), value(last.div_ceil(2))),
            min: value(0),
        }
    }

    fn show(&self, digits: usize) -> String {
        let Self { max, median, min } = self;
        format!("{median:.digits$} [{min:.digits$}–{max:.digits$}]")
    }
}

impl Report {
    /// Formats the report as JSON.
    ///
    /// # Errors
    /// If the report cannot be serialized.
    pub fn json(&self) -> anyhow::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

impl fmt::Display for Report {
    /// One line per row: medians, with the range in brackets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let peers = [Framework::PyTorch.name(), Framework::Keras.name()];
        let [ours, pytorch, keras] =
            [Framework::Ours, Framework::PyTorch, Framework::Keras].map(Framework::name);
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
        let rates = [(Framework::Ours, vec![400.0, 200.0]), (Framework::PyTorch, vec![200.0, 100.0])];
        let row = Row::new(&NETWORKS[1], 2, 4_278_522, &BTreeMap::from(rates));
        assert_eq!(row.ratios["PyTorch"], Range { max: 2.0, median: 2.0, min: 2.0 });
        let rates = [
            (Framework::Ours, vec![400.0, 500.0, 600.0]),
            (Framework::PyTorch, vec![200.0, 200.0, 200.0]),
            (Framework::Keras, vec![400.0, 400.0, 400.0]),
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
