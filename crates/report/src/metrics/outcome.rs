//! The result of an evaluation.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{Confusion, Errors, LabelCounts, OutputErrors};

/// Maximum number of classes for which the counts are written as a matrix.
const LARGEST_MATRIX: usize = 1000;

/// The result of an evaluation.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// One predicted class per example.
    Classes(Confusion),
    /// A predicted class for each sample or pixel.
    Positions(Confusion),
    /// Any number of predicted labels per example.
    Labels(LabelCounts),
    /// Predicted values.
    Values(Errors),
}

impl Outcome {
    /// The metrics by name:
    /// - one class per example: `accuracy`, `balanced_accuracy`, `kappa`, `macro_f1`;
    /// - a class per position: the same and `mean_iou`;
    /// - labels: `exact_match`, `hamming_loss`, `macro_f1`, `micro_f1`;
    /// - values: `mae`, `mse`, `rmse`, `r2` and, for denoising, `gain_db`.
    ///
    /// Metrics that are undefined are omitted.
    pub fn summary(&self) -> BTreeMap<String, f64> {
        let metrics = match self {
            Self::Classes(confusion) => of_classes(confusion),
            Self::Positions(confusion) => {
                let mut metrics = of_classes(confusion);
                metrics.push(("mean_iou", Some(confusion.mean_iou())));
                metrics
            }
            Self::Labels(counts) => vec![
                ("exact_match", Some(counts.exact_match())),
                ("hamming_loss", Some(counts.hamming_loss())),
                ("macro_f1", Some(counts.macro_f1())),
                ("micro_f1", Some(counts.micro_f1())),
            ],
            Self::Values(errors) => vec![
                ("mse", Some(errors.mse())),
                ("rmse", Some(errors.rmse())),
                ("mae", Some(errors.mae())),
                ("r2", errors.r2()),
                ("gain_db", errors.gain()),
            ],
        };
        let named = metrics.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        named.collect()
    }

    /// The outcome on all examples of several evaluations; `None` without any, or if they are of different kinds,
    /// classes, labels or outputs.
    pub fn pooled<'a>(outcomes: impl IntoIterator<Item = &'a Self>) -> Option<Self> {
        let mut outcomes = outcomes.into_iter();
        let mut all = outcomes.next()?.clone();
        for outcome in outcomes {
            match (&mut all, outcome) {
                (Self::Classes(all), Self::Classes(one)) | (Self::Positions(all), Self::Positions(one))
                    if all.classes() == one.classes() =>
                {
                    all.merge(one);
                }
                (Self::Labels(all), Self::Labels(one)) if all.names() == one.names() => all.merge(one),
                (Self::Values(all), Self::Values(one)) if all.names() == one.names() => all.merge(one),
                _ => return None,
            }
        }
        Some(all)
    }

    /// Whether a larger value of the metric called `name` is better.
    pub fn larger_is_better(name: &str) -> bool {
        !matches!(name, "loss" | "mse" | "rmse" | "mae" | "hamming_loss")
    }

    /// A number by which outcomes on the same examples are ranked, larger for better ones: accuracy, macro F1 for
    /// labels, or minus the mean squared error.
    pub fn score(&self) -> f64 {
        match self {
            Self::Classes(confusion) | Self::Positions(confusion) => confusion.accuracy(),
            Self::Labels(counts) => counts.macro_f1(),
            Self::Values(errors) => -errors.mse(),
        }
    }

    /// Returns the summary as JSON with the metrics of each class, label or output. For up to 1000 classes it has the
    /// counts, too, with one row per true class. Numbers that are not finite become `null`.
    pub fn to_json(&self) -> Value {
        let mut object = json!(self.summary());
        match self {
            Self::Classes(confusion) => add_classes(&mut object, confusion, false),
            Self::Positions(confusion) => add_classes(&mut object, confusion, true),
            Self::Labels(counts) => {
                object["examples"] = counts.examples().into();
                object["labels"] = labels(counts);
            }
            Self::Values(errors) => {
                object["windows"] = errors.windows().into();
                if errors.name(0).is_some() {
                    let outputs = errors.outputs().iter().enumerate();
                    object["outputs"] = outputs
                        .map(|(i, output)| of_output(errors.name(i).unwrap_or_default(), output))
                        .collect();
                }
            }
        }
        object
    }
}

fn of_classes(confusion: &Confusion) -> Vec<(&'static str, Option<f64>)> {
    vec![
        ("accuracy", Some(confusion.accuracy())),
        ("balanced_accuracy", Some(confusion.balanced_accuracy())),
        ("kappa", confusion.kappa()),
        ("macro_f1", Some(confusion.macro_f1())),
    ]
}

fn add_classes(object: &mut Value, confusion: &Confusion, with_iou: bool) {
    let class = |(i, name): (usize, &String)| {
        let mut class = json!({
            "name": name,
            "precision": confusion.precision(i),
            "recall": confusion.recall(i),
            "f1": confusion.f1(i),
            "support": confusion.support(i),
        });
        if with_iou {
            class["iou"] = confusion.iou(i).into();
        }
        class
    };
    object["classes"] = confusion.classes().iter().enumerate().map(class).collect();
    let count = confusion.classes().len();
    if count <= LARGEST_MATRIX {
        let row = |truth| (0..count).map(|predicted| confusion.count(truth, predicted)).collect();
        let rows: Vec<Vec<u64>> = (0..count).map(row).collect();
        object["confusion"] = json!(rows);
    }
}

fn labels(counts: &LabelCounts) -> Value {
    let label = |(i, name): (usize, &String)| {
        json!({
            "name": name,
            "precision": counts.precision(i),
            "recall": counts.recall(i),
            "f1": counts.f1(i),
            "support": counts.support(i),
        })
    };
    counts.names().iter().enumerate().map(label).collect()
}

fn of_output(name: &str, output: &OutputErrors) -> Value {
    json!({
        "name": name,
        "mae": output.mae(),
        "rmse": output.rmse(),
        "r2": output.r2(),
        "bias": output.bias(),
        "largest_error": output.largest(),
    })
}
