//! The report as a table and as JSON.

use std::collections::BTreeMap;
use std::fmt;

use graph::format::table;
use serde::Serialize;

use super::machine::Machine;
use super::measure::{Latency, Spread};

/// Results of all models. Fields are in alphabetical order, for the JSON.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The machine and the build.
    pub machine: Machine,
    /// Results by name of the model.
    pub models: BTreeMap<&'static str, Measurement>,
    /// Measured peak of one core, in billions of floating-point operations per second.
    pub peak_gflops: f64,
}

/// Results of one model. Fields are in alphabetical order, for the JSON.
#[derive(Clone, Debug, Serialize)]
pub struct Measurement {
    /// Shape of the input, including the batch of one.
    pub input: Vec<usize>,
    /// Latency by thread count.
    pub latency: BTreeMap<usize, Latency>,
    /// Multiply-accumulates for one sample.
    pub macs: u64,
    /// Bytes of the engine's weights and of its arena.
    pub memory: [usize; 2],
    /// Trainable parameters of the merged network.
    pub merged_parameters: u64,
    /// Trainable parameters of the network as built.
    pub parameters: u64,
}

impl Report {
    /// Whether other load disturbed any of the measurements.
    pub fn is_disturbed(&self) -> bool {
        self.models.values().flat_map(|measured| measured.latency.values()).any(Latency::is_disturbed)
    }

    /// Formats the report as JSON.
    ///
    /// # Errors
    /// If the report cannot be serialized.
    pub fn json(&self) -> anyhow::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

const HEAD: [&str; 12] = [
    "model",
    "input",
    "parameters",
    "merged",
    "MACs",
    "threads",
    "eager ms",
    "merged ms",
    "merged / eager",
    "engine ms",
    "of peak",
    "memory",
];
/// Number of columns of text, which are left-aligned; columns of numbers are right-aligned.
const TEXT_COLUMNS: usize = 2;

impl fmt::Display for Report {
    /// One line per model and thread count: medians, with the quartiles in brackets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut models: Vec<_> = self.models.iter().collect();
        models.sort_by_key(|(_, measured)| measured.macs);
        let rows = models.into_iter().flat_map(|(name, measured)| measured.rows(name, self.peak_gflops));
        let rows: Vec<[String; 12]> = std::iter::once(HEAD.map(str::to_owned)).chain(rows).collect();
        f.write_str(&table(&rows, TEXT_COLUMNS))
    }
}

impl Measurement {
    fn rows(&self, name: &str, peak_gflops: f64) -> impl Iterator<Item = [String; 12]> {
        self.latency.iter().map(move |(threads, latency)| {
            let gflops = 2.0 * self.macs as f64 / (latency.engine_ms.median * 1e6);
            [
                name.to_owned(),
                self.input.iter().map(ToString::to_string).collect::<Vec<_>>().join("×"),
                count(self.parameters),
                count(self.merged_parameters),
                count(self.macs),
                threads.to_string(),
                spread(&latency.eager_ms, 2),
                spread(&latency.merged_ms, 2),
                spread(&latency.ratio, 3),
                spread(&latency.engine_ms, 3),
                format!("{:.0} %", 100.0 * gflops / (peak_gflops * *threads as f64)),
                bytes(self.memory[0] + self.memory[1]),
            ]
        })
    }
}

/// Formats a number of bytes, such as `1.2 MiB`.
pub(crate) fn bytes(bytes: usize) -> String {
    match bytes {
        ..1_048_576 => format!("{} KiB", bytes.div_ceil(1024)),
        _ => format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
    }
}

fn spread(Spread { median, quarter, three_quarters }: &Spread, digits: usize) -> String {
    format!("{median:.digits$} [{quarter:.digits$}–{three_quarters:.digits$}]")
}

/// Formats `1234567` as `1.23 M`.
fn count(n: u64) -> String {
    match n {
        0..1_000 => n.to_string(),
        1_000..1_000_000 => format!("{:.1} k", n as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.2} M", n as f64 / 1e6),
        _ => format!("{:.2} G", n as f64 / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let spread = |median: f64| Spread { median, quarter: median - 0.25, three_quarters: median + 0.25 };
        let latency = Latency {
            eager_ms: spread(4.0),
            engine_ms: spread(0.5),
            merged_ms: spread(3.0),
            ratio: spread(0.75),
            rounds: 10,
        };
        let measured = |macs| Measurement {
            input: vec![1, 6, 100],
            latency: BTreeMap::from([(1, latency), (8, latency)]),
            macs,
            memory: [1000, 2_000_000],
            merged_parameters: 900,
            parameters: 1_234_567,
        };
        let models = BTreeMap::from([("a-large", measured(2_000_000_000)), ("small", measured(81_920))]);
        Report { machine: Machine::this(), models, peak_gflops: 100.0 }
    }

    #[test]
    fn table() {
        let expected = "\
model    input    parameters  merged    MACs  threads          eager ms         merged ms       merged / eager            engine ms  of peak   memory
small    1×6×100      1.23 M     900  81.9 k        1  4.00 [3.75–4.25]  3.00 [2.75–3.25]  0.750 [0.500–1.000]  0.500 [0.250–0.750]      0 %  1.9 MiB
small    1×6×100      1.23 M     900  81.9 k        8  4.00 [3.75–4.25]  3.00 [2.75–3.25]  0.750 [0.500–1.000]  0.500 [0.250–0.750]      0 %  1.9 MiB
a-large  1×6×100      1.23 M     900  2.00 G        1  4.00 [3.75–4.25]  3.00 [2.75–3.25]  0.750 [0.500–1.000]  0.500 [0.250–0.750]   8000 %  1.9 MiB
a-large  1×6×100      1.23 M     900  2.00 G        8  4.00 [3.75–4.25]  3.00 [2.75–3.25]  0.750 [0.500–1.000]  0.500 [0.250–0.750]   1000 %  1.9 MiB
";
        assert_eq!(report().to_string(), expected);
        assert!(!report().is_disturbed());
    }

    #[test]
    fn keys_are_sorted() {
        fn check(value: &serde_json::Value) {
            match value {
                serde_json::Value::Object(map) => {
                    let keys: Vec<&String> = map.keys().collect();
                    assert!(keys.is_sorted(), "{keys:?}");
                    map.values().for_each(check);
                }
                serde_json::Value::Array(items) => items.iter().for_each(check),
                _ => {}
            }
        }
        let text = report().json().unwrap();
        // A parsed map may sort its keys itself, so the order in the text is checked as well.
        check(&serde_json::from_str(&text).unwrap());
        let place = |key: &str| text.find(&format!("\"{key}\"")).unwrap();
        for keys in [["architecture", "cpu", "rustc", "threads"], ["input", "latency", "macs", "parameters"]]
        {
            assert!(keys.map(place).is_sorted(), "{text}");
        }
        assert!(["eager_ms", "engine_ms", "merged_ms", "ratio", "rounds"].map(place).is_sorted());
    }
}
