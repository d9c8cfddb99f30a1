//! Predictions beside the truth.

use graph::Array;
use maud::{Markup, html};

use super::labels;
use super::number::{percent, place};

/// Number of classes that are shown, besides the true one.
const SHOWN: usize = 5;

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
    /// A class for each sample, pixel (row by row) or segment of equal length. A class called `background`
    /// is not drawn over images.
    Labels {
        /// The names of the classes.
        classes: Vec<String>,
        /// The true classes, if known.
        truth: Option<Vec<usize>>,
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
        ExamplePrediction::Class { truth: None, .. }
        | ExamplePrediction::Labels { truth: None, .. }
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
                    th scope="row" {
                        (labels::name(classes, i))
                        @if truth == Some(i) { span.tag { "truth" } }
                        i.meter { i style={ "width:" (place(100.0 * finite(probabilities[i]).clamp(0.0, 1.0))) "%" } {} }
                    }
                    td.n { (percent(f64::from(probabilities[i]))) }
                }
            } }
        }
    }
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
