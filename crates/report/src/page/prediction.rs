//! Predictions beside the truth.

use graph::Array;
use maud::{Markup, html};

use super::labels;
use super::number::{percent, place, signed, significant};

/// Number of classes that are shown, besides the true one.
const SHOWN: usize = 5;
/// Number of labels that are shown.
const TAGS: usize = 20;

/// A prediction and the truth. Classes are indices into `classes`; a class without a name gets its index.
#[derive(Clone, Debug, PartialEq)]
pub enum ExamplePrediction {
    /// One class for the whole input.
    Class {
        /// The names of the classes.
        classes: Vec<String>,
        /// The true class, if known.
        truth: Option<usize>,
        /// The probability of each class.
        probabilities: Vec<f32>,
    },
    /// Any number of labels for the whole input.
    Tags {
        /// The names of the labels.
        labels: Vec<String>,
        /// Whether the input has each label, if known.
        truth: Option<Vec<bool>>,
        /// The probability of each label. A label is predicted if it is above one half.
        probabilities: Vec<f32>,
    },
    /// One or more numbers for the whole input.
    Numbers {
        /// The names of the numbers; a number without a name gets its index.
        outputs: Vec<String>,
        /// The true numbers, if known; NaN for those that are not.
        truth: Option<Vec<f64>>,
        /// The predicted numbers.
        predicted: Vec<f64>,
    },
    /// A class for each sample, pixel (row by row) or segment of equal length. A class called `background`
    /// is not drawn over images.
    Labels {
        /// The names of the classes.
        classes: Vec<String>,
        /// The true classes, if known; `None` at positions without a label.
        truth: Option<Vec<Option<usize>>>,
        /// The predicted classes.
        predicted: Vec<usize>,
    },
    /// Values of the input's shape, such as the input without noise.
    Values {
        /// The true values, if known.
        truth: Option<Array>,
        /// The predicted values.
        predicted: Array,
    },
}

/// Renders whether the prediction is right.
pub(super) fn verdict(prediction: &ExamplePrediction) -> Markup {
    match prediction {
        ExamplePrediction::Class { truth: Some(truth), probabilities, .. } => match best(probabilities) {
            Some(best) if best == *truth => html! { span.verdict.right { "✓ correct" } },
            Some(_) => html! { span.verdict.wrong { "✗ wrong" } },
            None => html! {},
        },
        ExamplePrediction::Labels { truth: Some(truth), predicted, .. } => {
            match labels::agreement(truth, predicted) {
                Some(share) => html! { span.verdict { (percent(share)) " agree" } },
                None => html! {},
            }
        }
        ExamplePrediction::Tags { truth: Some(truth), probabilities, .. } => {
            let right =
                truth.iter().zip(probabilities).filter(|(truth, p)| **truth == is_predicted(**p)).count();
            html! { span.verdict { (right) " of " (truth.len()) " correct" } }
        }
        ExamplePrediction::Class { truth: None, .. }
        | ExamplePrediction::Tags { truth: None, .. }
        | ExamplePrediction::Labels { truth: None, .. }
        | ExamplePrediction::Numbers { .. }
        | ExamplePrediction::Values { .. } => {
            html! {}
        }
    }
}

/// Renders the most likely classes as bars, and the true one.
pub(super) fn probabilities(classes: &[String], truth: Option<usize>, probabilities: &[f32]) -> Markup {
    let mut order: Vec<usize> = (0..probabilities.len()).collect();
    order.sort_by(|&a, &b| finite(probabilities[b]).total_cmp(&finite(probabilities[a])));
    let best = best(probabilities);
    let place_of = truth.and_then(|truth| order.iter().position(|&i| i == truth));
    let mut shown: Vec<usize> = order.iter().copied().take(SHOWN).collect();
    if place_of.is_some_and(|place| SHOWN <= place) {
        shown.pop();
        shown.extend(truth);
    }
    html! {
        table.bars {
            thead.unseen { tr { th scope="col" { "Class" } th scope="col" { "Probability" } } }
            tbody { @for i in shown {
                tr class=[kind(i, best, truth)] {
                    (bar(&labels::name(classes, i), truth == Some(i), probabilities[i]))
                }
            } }
        }
    }
}

/// Renders the probability of each label as a bar, and the true labels.
pub(super) fn tags(labels: &[String], truth: Option<&[bool]>, probabilities: &[f32]) -> Markup {
    let has = |i: usize| truth.and_then(|truth| truth.get(i)).copied();
    let kind = |i: usize| match (has(i), is_predicted(probabilities[i])) {
        (Some(true), true) | (None, true) => Some("hit"),
        (Some(true), false) | (Some(false), true) => Some("miss"),
        (Some(false) | None, false) => None,
    };
    // Labels that the input has or that were predicted come first.
    let mut order: Vec<usize> = (0..probabilities.len()).collect();
    order.sort_by(|&a, &b| {
        (has(b) == Some(true))
            .cmp(&(has(a) == Some(true)))
            .then(finite(probabilities[b]).total_cmp(&finite(probabilities[a])))
    });
    let many = TAGS < order.len();
    order.truncate(TAGS);
    html! {
        div {
            table.bars {
                thead.unseen { tr { th scope="col" { "Label" } th scope="col" { "Probability" } } }
                tbody { @for i in order {
                    tr class=[kind(i)] { (bar(&labels::name(labels, i), has(i) == Some(true), probabilities[i])) }
                } }
            }
            @if many { p.note { "The first " (TAGS) " of " (probabilities.len()) " labels." } }
        }
    }
}

/// Renders true and predicted numbers with their differences.
pub(super) fn numbers(outputs: &[String], truth: Option<&[f64]>, predicted: &[f64]) -> Markup {
    let truth = |i: usize| truth.and_then(|truth| truth.get(i)).copied().unwrap_or(f64::NAN);
    html! {
        div.numbers role="region" aria-label="Numbers" tabindex="0" {
            table {
                thead { tr {
                    th scope="col" { "Output" }
                    @for head in ["Truth", "Prediction", "Error"] { th.n scope="col" { (head) } }
                } }
                tbody { @for (i, &predicted) in predicted.iter().enumerate() { tr {
                    th scope="row" { span { (outputs.get(i).cloned().unwrap_or_else(|| format!("output {i}"))) } }
                    td.n { (significant(truth(i), 5)) }
                    td.n { (significant(predicted, 5)) }
                    td.n { (signed(predicted - truth(i), 3)) }
                } } }
            }
        }
    }
}

/// The cells of a class or label with a bar.
fn bar(name: &str, is_true: bool, probability: f32) -> Markup {
    html! {
        th scope="row" {
            (name)
            @if is_true { span.tag { "truth" } }
            i.meter { i style={ "width:" (place(100.0 * finite(probability).clamp(0.0, 1.0))) "%" } {} }
        }
        td.n { (percent(f64::from(probability))) }
    }
}

fn is_predicted(probability: f32) -> bool {
    0.5 < probability
}

fn kind(class: usize, best: Option<usize>, truth: Option<usize>) -> Option<&'static str> {
    if best != Some(class) {
        return None;
    }
    let is_miss = truth.is_some_and(|truth| truth != class);
    Some(if is_miss { "miss" } else { "hit" })
}

/// The most likely class, the first of equal ones.
fn best(probabilities: &[f32]) -> Option<usize> {
    let order = |&i: &usize, &j: &usize| {
        finite(probabilities[i]).total_cmp(&finite(probabilities[j])).then(j.cmp(&i))
    };
    (0..probabilities.len()).max_by(order)
}

fn finite(probability: f32) -> f64 {
    if probability.is_finite() { f64::from(probability) } else { 0.0 }
}
