//! Test results of the ready training runs, over several seeds.

use std::fmt::Write;

use serde_json::Value;

/// The results of one ready training run, one value for each seed.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Name of the ready model.
    pub name: String,
    /// Number of parameters of the merged model.
    pub parameters: u64,
    /// Number of test examples.
    pub examples: u64,
    /// Name of the metric: `accuracy`, `gain_db` or `mse`.
    pub metric: String,
    /// Metric of the merged model, one value for each seed.
    pub values: Vec<f64>,
    /// Name of the baseline, and its value of the metric.
    pub baseline: Option<(String, f64)>,
}

impl Row {
    /// Median of the values.
    pub fn median(&self) -> f64 {
        let values = self.sorted();
        match values.len() {
            0 => f64::NAN,
            n if n.is_multiple_of(2) => f64::midpoint(values[n / 2 - 1], values[n / 2]),
            n => values[n / 2],
        }
    }

    /// Smallest and largest value.
    pub fn range(&self) -> [f64; 2] {
        let values = self.sorted();
        [values.first(), values.last()].map(|value| value.copied().unwrap_or(f64::NAN))
    }

    fn sorted(&self) -> Vec<f64> {
        let mut values = self.values.clone();
        values.sort_by(f64::total_cmp);
        values
    }
}

/// The main metric in the output of `factory evaluate --json`.
pub fn metric(evaluation: &Value) -> Option<(&'static str, f64)> {
    ["accuracy", "gain_db", "mse"].into_iter().find_map(|name| Some((name, evaluation[name].as_f64()?)))
}

/// The text of `docs/results.md`.
pub fn page(rows: &[Row], seeds: &[u64]) -> String {
    let seeds: Vec<String> = seeds.iter().map(ToString::to_string).collect();
    let mut page = format!(
        "<!-- Written by `cargo xtask results`. -->\n\
         # Results\n\n\
         Test results of the ready training runs (`factory train NAME --seed N`) after merging: the median \
         and the range over the seeds {}. Each run trains on the CPU, with the default number of threads of \
         `factory train`; another CPU rounds differently, so the last digits may vary. The data are in \
         `benches/data`, with their provenance; splits are by recording.\n\n\
         | run | parameters | test examples | metric | median | range | baseline |\n\
         |---|---:|---:|---|---:|---:|---|\n",
        seeds.join(", ")
    );
    for row in rows {
        let [low, high] = row.range().map(|value| format_metric(&row.metric, value));
        let baseline = row.baseline.as_ref();
        let baseline =
            baseline.map(|(name, value)| format!("{name}: {}", format_metric(&row.metric, *value)));
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} | {low} – {high} | {} |",
            row.name,
            graph::format::thousands(row.parameters),
            graph::format::thousands(row.examples),
            if row.metric == "gain_db" { "gain, dB" } else { &row.metric },
            format_metric(&row.metric, row.median()),
            baseline.unwrap_or_default()
        );
    }
    page
}

fn format_metric(metric: &str, value: f64) -> String {
    if metric == "gain_db" { format!("{value:.2}") } else { format!("{value:.4}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(values: &[f64]) -> Row {
        Row {
            name: "digits-resnet".to_owned(),
            parameters: 77_210,
            examples: 360,
            metric: "accuracy".to_owned(),
            values: values.to_vec(),
            baseline: Some(("filter".to_owned(), 0.5)),
        }
    }

    #[test]
    fn medians_and_ranges() {
        let check = |values: &[f64], median: f64, range: [f64; 2]| {
            let row = row(values);
            assert_eq!((row.median().to_bits(), row.range()), (median.to_bits(), range));
        };
        check(&[0.9, 0.7, 0.8], 0.8, [0.7, 0.9]);
        check(&[4.0, 1.0, 3.0, 2.0], 2.5, [1.0, 4.0]);
        check(&[0.25], 0.25, [0.25, 0.25]);
    }

    #[test]
    fn rows() {
        let page = page(&[row(&[0.975, 0.9, 0.98])], &[1, 2, 3]);
        let expected =
            "| digits-resnet | 77,210 | 360 | accuracy | 0.9750 | 0.9000 – 0.9800 | filter: 0.5000 |\n";
        assert!(page.ends_with(expected), "{page}");
    }

    #[test]
    fn main_metrics() {
        let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert_eq!(metric(&value(r#"{"macro_f1": 0.5, "accuracy": 0.75}"#)), Some(("accuracy", 0.75)));
        assert_eq!(metric(&value(r#"{"mse": 2.0, "gain_db": 7.5}"#)), Some(("gain_db", 7.5)));
        assert_eq!(metric(&value("{}")), None);
    }
}
