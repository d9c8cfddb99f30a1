//! The curves of a run over its steps.

use report::{Chart, Entry, Series};

use crate::curves::chart;

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
