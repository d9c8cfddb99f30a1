//! The curves of runs over their steps.

use std::path::Path;

use report::{Chart, Entry, Journal, ReportError, Series};

/// Metrics of validation that are drawn, by chart.
const SHARES: [(&str, &str); 8] = [
    ("accuracy", "accuracy"),
    ("macro_f1", "macro F1"),
    ("balanced_accuracy", "balanced accuracy"),
    ("mean_iou", "mean IoU"),
    ("micro_f1", "micro F1"),
    ("exact_match", "all labels correct"),
    ("r2", "R²"),
    ("gain_db", "gain in dB"),
];
const ERRORS: [(&str, &str); 2] = [("mae", "MAE"), ("rmse", "RMSE")];

/// The charts of a run's journal, without those that would be empty.
pub(super) fn of_run(entries: &[Entry]) -> Vec<Chart> {
    let series = |key: &str, name: &str| Series::of(entries, key, name);
    let validation = |metrics: &[(&str, &str)]| {
        metrics.iter().map(|(key, name)| series(&format!("validation/{key}"), name)).collect()
    };
    let charts = [
        chart(
            "Loss",
            true,
            vec![
                series("train/epoch_loss", "training, mean of epoch"),
                series("validation/loss", "validation"),
            ],
        ),
        chart("Validation", false, validation(&SHARES)),
        chart("Errors in validation", true, validation(&ERRORS)),
        chart("Loss by step", true, vec![series("train/loss", "training")]),
        chart("Learning rate", false, vec![series("train/learning_rate", "rate")]),
        chart("Gradient norm", true, vec![series("train/gradient_norm", "before clipping")]),
    ];
    charts.into_iter().filter(|chart| !chart.series.is_empty()).collect()
}

/// The validation loss of several runs, and their training loss, given their names and folders.
///
/// # Errors
/// If a journal cannot be read.
pub(crate) fn of_runs<'a>(
    runs: impl Iterator<Item = (&'a str, &'a Path)>,
) -> Result<Vec<Chart>, ReportError> {
    let (mut validation, mut training) = (Vec::new(), Vec::new());
    for (name, folder) in runs {
        let entries = Journal::entries(folder)?;
        validation.push(Series::of(&entries, "validation/loss", name));
        training.push(Series::of(&entries, "train/epoch_loss", name));
    }
    let validation = chart("Validation loss", true, validation);
    let training = chart("Training loss, mean of epoch", true, training);
    Ok([validation, training].into_iter().filter(|chart| !chart.series.is_empty()).collect())
}

/// A chart over steps, without curves that have no points.
fn chart(title: &str, log_y: bool, series: Vec<Series>) -> Chart {
    Chart {
        title: title.to_owned(),
        x: "step".to_owned(),
        y: String::new(),
        log_y,
        series: series.into_iter().filter(|series| !series.points.is_empty()).collect(),
    }
}
