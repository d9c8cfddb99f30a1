//! The confusion matrix.

use maud::{Markup, html};

use super::number::{count, percent};
use crate::Confusion;

/// With more classes than this, cells have no room for a percentage.
const ROOMY: usize = 12;
/// Letters of a class name that can head a column.
const UPRIGHT: usize = 12;
/// Letters of a class name that leave room beside the matrix.
const SHORT: usize = 14;
/// With more classes than this, there is none.
const BESIDE: usize = 10;

/// Counts of truth (rows) against prediction (columns), tinted by their share of the row.
pub(super) fn render(confusion: &Confusion) -> Markup {
    let classes = confusion.classes();
    let upright = classes.len() <= ROOMY && longest(confusion) <= UPRIGHT;
    html! {
        figure.card {
            figcaption { "Confusion matrix" }
            div.scroll.tall role="region" aria-label="Confusion matrix" tabindex="0" {
                table class=(if upright { "matrix" } else { "matrix turned" }) {
                    thead { tr {
                        th.corner scope="col" { span { "truth ↓" } " " span { "prediction →" } }
                        @for name in classes { th scope="col" title=(name) { span { (name) } } }
                    } }
                    tbody { @for (truth, name) in classes.iter().enumerate() { tr {
                        th scope="row" { span { (name) } }
                        @for predicted in 0..classes.len() { (cell(confusion, truth, predicted)) }
                    } } }
                }
            }
            p.note {
                "Rows are the truth, columns the prediction. Shade: share of the row, "
                span.together { span.swatch.hit {} " right, " } span.together { span.swatch.miss {} " wrong." }
            }
        }
    }
}

/// Whether there is room beside the matrix.
pub(super) fn is_small(confusion: &Confusion) -> bool {
    confusion.classes().len() <= BESIDE && longest(confusion) <= SHORT
}

fn longest(confusion: &Confusion) -> usize {
    confusion.classes().iter().map(|name| name.chars().count()).max().unwrap_or(0)
}

fn cell(confusion: &Confusion, truth: usize, predicted: usize) -> Markup {
    let counted = confusion.count(truth, predicted);
    if counted == 0 {
        return html! { td.zero { "·" } };
    }
    let support = confusion.support(truth);
    let share = counted as f64 / support as f64;
    // Few mistakes are what a reader looks for: the root makes them visible.
    let shade = if truth == predicted { share } else { share.sqrt() };
    let kind = if truth == predicted { "hit" } else { "miss" };
    let strong = if 0.55 < shade { " strong" } else { "" };
    let [true_name, predicted_name] = [truth, predicted].map(|i| &confusion.classes()[i]);
    html! {
        td class={ (kind) (strong) } style={ "--a:" (format!("{:.0}", 100.0 * shade)) "%" }
            title={ (true_name) " taken for " (predicted_name) ": " (count(counted)) " of " (count(support)) " (" (percent(share)) ")" } {
            (count(counted))
            @if confusion.classes().len() <= ROOMY { small { (percent(share)) } }
        }
    }
}
