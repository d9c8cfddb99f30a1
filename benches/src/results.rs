//! What the ready runs reach, over several seeds.

use std::fmt::Write;

use serde_json::Value;

/// What one figure of one ready run came to, seed by seed.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The ready model.
    pub name: String,
    /// Parameters of the merged model.
    pub parameters: u64,
    /// Examples of the test part.
    pub examples: u64,
    /// The figure: `accuracy` or `gain_db`.
    pub figure: String,
    /// Of the merged model, one for each seed.
    pub values: Vec<f64>,
    /// What stands beside it, and the same figure of that.
    pub baseline: Option<(String, f64)>,
}

impl Row {
    /// The middle value, or the mean of the middle two.
    pub fn median(&self) -> f64 {
        let values = self.sorted();
        match values.len() {
            0 => f64::NAN,
            n if n.is_multiple_of(2) => f64::midpoint(values[n / 2 - 1], values[n / 2]),
            n => values[n / 2],
        }
    }

    /// The smallest and the largest value.
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

/// The figure of an evaluation that a run is judged by, in what `factory evaluate --json` prints.
pub fn figure(evaluation: &Value) -> Option<(&'static str, f64)> {
    ["accuracy", "gain_db", "mse"].into_iter().find_map(|name| Some((name, evaluation[name].as_f64()?)))
}

/// The page of all results.
pub fn page(rows: &[Row], seeds: &[u64]) -> String {
    let seeds: Vec<String> = seeds.iter().map(ToString::to_string).collect();
    let mut page = format!(
        "<!-- Written by `cargo xtask results`. -->\n\
         # Results\n\n\
         What the ready runs (`factory train NAME --seed N`) reach on their test data, merged: the median of \
         seeds {} and their range. Each trains on a processor, with the number of threads that \
         `factory train` takes by itself; another processor rounds otherwise and may differ in the last digits. \
         The data are in `benches/data`, with their provenance; splits are by recording.\n\n\
         | run | parameters | test examples | figure | median | range | beside it |\n\
         |---|---:|---:|---|---:|---:|---|\n",
        seeds.join(", ")
    );
    for row in rows {
        let [low, high] = row.range().map(|value| written(&row.figure, value));
        let beside = row.baseline.as_ref();
        let beside = beside.map(|(name, value)| format!("{name}: {}", written(&row.figure, *value)));
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} | {low} – {high} | {} |",
            row.name,
            graph::format::thousands(row.parameters),
            graph::format::thousands(row.examples),
            if row.figure == "gain_db" { "gain, dB" } else { &row.figure },
            written(&row.figure, row.median()),
            beside.unwrap_or_default()
        );
    }
    page
}

fn written(figure: &str, value: f64) -> String {
    if figure == "gain_db" { format!("{value:.2}") } else { format!("{value:.4}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(values: &[f64]) -> Row {
        Row {
            name: "digits-resnet".to_owned(),
            parameters: 77_210,
            examples: 360,
            figure: "accuracy".to_owned(),
            values: values.to_vec(),
            baseline: Some(("filter".to_owned(), 0.5)),
        }
    }

    #[test]
    fn middles_and_ends() {
        let check = |values: &[f64], median: f64, range: [f64; 2]| {
            let row = row(values);
            assert_eq!((row.median().to_bits(), row.range()), (median.to_bits(), range));
        };
        check(&[0.9, 0.7, 0.8], 0.8, [0.7, 0.9]);
        check(&[4.0, 1.0, 3.0, 2.0], 2.5, [1.0, 4.0]);
        check(&[0.25], 0.25, [0.25, 0.25]);
    }

    #[test]
    fn lines() {
        let page = page(&[row(&[0.975, 0.9, 0.98])], &[1, 2, 3]);
        let expected =
            "| digits-resnet | 77,210 | 360 | accuracy | 0.9750 | 0.9000 – 0.9800 | filter: 0.5000 |\n";
        assert!(page.ends_with(expected), "{page}");
    }

    #[test]
    fn figures() {
        let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert_eq!(figure(&value(r#"{"macro_f1": 0.5, "accuracy": 0.75}"#)), Some(("accuracy", 0.75)));
        assert_eq!(figure(&value(r#"{"mse": 2.0, "gain_db": 7.5}"#)), Some(("gain_db", 7.5)));
        assert_eq!(figure(&value("{}")), None);
    }
}
