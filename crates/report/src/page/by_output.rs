//! Errors of predicted values, for each output.

use graph::format::thousands;
use maud::Markup;

use super::metric::ratio;
use super::number::{signed, significant};
use super::table::{self, Table};
use crate::{Errors, OutputErrors};

/// Renders the errors: one row per output if these have names, otherwise one row per metric.
pub(super) fn render(errors: &Errors) -> Markup {
    let table = if errors.name(0).is_some() { outputs(errors) } else { metrics(errors) };
    table::render(&table)
}

fn outputs(errors: &Errors) -> Table {
    let row = |(i, output): (usize, &OutputErrors)| {
        vec![
            errors.name(i).unwrap_or_default().to_owned(),
            significant(output.mae(), 4),
            significant(output.rmse(), 4),
            output.r2().map_or("–".to_owned(), ratio),
            signed(output.bias(), 3),
            significant(output.largest(), 4),
            significant(output.target_mean(), 4),
            thousands(output.count()),
        ]
    };
    let columns = ["Output", "MAE", "RMSE", "R²", "Bias", "Largest error", "Mean of truth", "Values"]
        .map(str::to_owned);
    let r2 = errors.r2().map_or(String::new(), |r2| format!("R² is {} on average. ", ratio(r2)));
    let gain = errors.gain().map_or(String::new(), |gain| format!("SNR gain: {}. ", decibels(gain)));
    Table {
        title: "Errors by output".to_owned(),
        columns: columns.to_vec(),
        rows: errors.outputs().iter().enumerate().map(row).collect(),
        note: format!(
            "{r2}{gain}{} examples, in the units of the data. Bias: mean of prediction minus truth. R²: 1 is perfect, 0 as good as the mean of the truth.",
            thousands(errors.windows())
        ),
    }
}

fn metrics(errors: &Errors) -> Table {
    let row = |name: &str, value: String, meaning: &str| vec![name.to_owned(), value, meaning.to_owned()];
    let mut rows = vec![
        row("MSE", significant(errors.mse(), 4), "mean squared error"),
        row("RMSE", significant(errors.rmse(), 4), "root mean squared error, in the unit of the data"),
        row("MAE", significant(errors.mae(), 4), "mean absolute error, in the unit of the data"),
    ];
    if let Some(r2) = errors.r2() {
        rows.push(row("R²", ratio(r2), "1 is perfect, 0 as good as the mean of the truth"));
    }
    if let Some(gain) = errors.gain() {
        let meaning = "improvement of the signal-to-noise ratio, mean over windows";
        rows.push(row("SNR gain", decibels(gain), meaning));
    }
    rows.push(row("Examples", thousands(errors.windows()), "number of examples evaluated"));
    let columns = ["Metric", "Value", "Meaning"].map(str::to_owned).to_vec();
    Table { title: "Errors".to_owned(), columns, rows, note: String::new() }
}

fn decibels(gain: f64) -> String {
    format!("{gain:+.2} dB").replace('-', "−")
}
