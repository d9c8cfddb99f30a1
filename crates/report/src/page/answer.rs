//! What a model said of a whole input.

use maud::{Markup, html};

use super::example::Answer;
use super::labels;
use super::number::{percent, place};

/// Classes that are shown, besides the right one.
const SHOWN: usize = 5;

/// Whether the answer is right, in a word.
pub(super) fn verdict(answer: &Answer) -> Markup {
    match answer {
        Answer::Class { truth: Some(truth), probabilities, .. } => match best(probabilities) {
            Some(best) if best == *truth => html! { span.verdict.right { "✓ right" } },
            Some(_) => html! { span.verdict.wrong { "✗ wrong" } },
            None => html! {},
        },
        Answer::Labels { truth: Some(truth), predicted, .. } => match labels::agreement(truth, predicted) {
            Some(share) => html! { span.verdict { (percent(share)) " agree" } },
            None => html! {},
        },
        Answer::Class { truth: None, .. } | Answer::Labels { truth: None, .. } | Answer::Values { .. } => {
            html! {}
        }
    }
}

/// The likeliest classes as bars, and the right one.
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
    match (best == Some(class), truth) {
        (true, Some(truth)) if truth != class => Some("miss"),
        (true, _) => Some("hit"),
        (false, _) => None,
    }
}

/// The likeliest class, the first of equals.
fn best(probabilities: &[f32]) -> Option<usize> {
    let order = |&i: &usize, &j: &usize| {
        finite(probabilities[i]).total_cmp(&finite(probabilities[j])).then(j.cmp(&i))
    };
    (0..probabilities.len()).max_by(order)
}

fn finite(probability: f32) -> f64 {
    if probability.is_finite() { f64::from(probability) } else { 0.0 }
}
