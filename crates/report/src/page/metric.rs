//! Metrics by name, as people write them.

use std::collections::BTreeMap;

use super::number::{percent, significant};

/// Metrics in the order in which readers look for them.
const ORDER: [&str; 13] = [
    "accuracy",
    "macro_f1",
    "balanced_accuracy",
    "kappa",
    "mean_iou",
    "micro_f1",
    "exact_match",
    "hamming_loss",
    "mae",
    "rmse",
    "mse",
    "r2",
    "gain_db",
];

/// The metrics that any of the summaries has, in a fixed order; those that are not known come last.
pub(super) fn keys<'a>(summaries: impl Iterator<Item = &'a BTreeMap<String, f64>>) -> Vec<&'a str> {
    let mut keys: Vec<&str> = summaries.flat_map(|summary| summary.keys().map(String::as_str)).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.sort_by_key(|key| ORDER.iter().position(|known| known == key).unwrap_or(ORDER.len()));
    keys
}

/// The name of a metric of [`Outcome::summary`](crate::Outcome::summary), such as `macro F1` for `macro_f1`.
pub(super) fn name(key: &str) -> String {
    match key {
        "kappa" => "Cohen’s kappa".to_owned(),
        "macro_f1" => "macro F1".to_owned(),
        "micro_f1" => "micro F1".to_owned(),
        "mean_iou" => "mean IoU".to_owned(),
        "exact_match" => "all labels correct".to_owned(),
        "hamming_loss" => "wrong labels".to_owned(),
        "mae" => "MAE".to_owned(),
        "mse" => "MSE".to_owned(),
        "rmse" => "RMSE".to_owned(),
        "r2" => "R²".to_owned(),
        "gain_db" => "SNR gain in dB".to_owned(),
        _ => key.replace('_', " "),
    }
}

/// The name of a metric as a heading.
pub(super) fn title(key: &str) -> String {
    let name = name(key);
    let mut chars = name.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

/// The value of a metric.
pub(super) fn value(key: &str, value: f64) -> String {
    match key {
        "accuracy" | "balanced_accuracy" | "exact_match" | "hamming_loss" => percent(value),
        "macro_f1" | "micro_f1" | "mean_iou" | "kappa" | "r2" => ratio(value),
        _ => significant(value, 4),
    }
}

/// A share with three decimals, so that those below each other are aligned.
pub(super) fn ratio(value: f64) -> String {
    if value.is_finite() { format!("{value:.3}").replace('-', "−") } else { "–".to_owned() }
}

/// A metric with its value, such as `accuracy 94.2%`.
pub(super) fn text(key: &str, number: f64) -> String {
    format!("{} {}", name(key), value(key, number))
}
