//! The result of an evaluation.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{Confusion, Errors};

/// Maximum number of classes for which the counts are written as a matrix.
const LARGEST_MATRIX: usize = 1000;

/// The result of an evaluation.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Predicted classes.
    Classes(Confusion),
    /// Predicted values.
    Values(Errors),
}

impl Outcome {
    /// The metrics by name: `accuracy` and `macro_f1`, or `mse`, `mae` and, for denoising, `gain_db`.
    pub fn summary(&self) -> BTreeMap<String, f64> {
        let figures = match self {
            Self::Classes(confusion) => {
                vec![("accuracy", Some(confusion.accuracy())), ("macro_f1", Some(confusion.macro_f1()))]
            }
            Self::Values(errors) => {
                vec![("mse", Some(errors.mse())), ("mae", Some(errors.mae())), ("gain_db", errors.gain())]
            }
        };
        let named = figures.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        named.collect()
    }

    /// Returns the summary as JSON; for classes also the metrics of each class and, for up to 1000 classes, the
    /// counts, with one row per true class. Numbers that are not finite become `null`.
    pub fn to_json(&self) -> Value {
        let mut object = json!(self.summary());
        match self {
            Self::Classes(confusion) => {
                let class = |(i, name): (usize, &String)| {
                    json!({
                        "name": name,
                        "precision": confusion.precision(i),
                        "recall": confusion.recall(i),
                        "f1": confusion.f1(i),
                        "support": confusion.support(i),
                    })
                };
                let classes: Vec<Value> = confusion.classes().iter().enumerate().map(class).collect();
                object["classes"] = classes.into();
                let count = confusion.classes().len();
                if count <= LARGEST_MATRIX {
                    let row = |truth| (0..count).map(|predicted| confusion.count(truth, predicted)).collect();
                    let rows: Vec<Vec<u64>> = (0..count).map(row).collect();
                    object["confusion"] = json!(rows);
                }
            }
            Self::Values(errors) => object["windows"] = errors.windows().into(),
        }
        object
    }
}
