//! The confusion matrix.

use graph::format::thousands;
use maud::{Markup, html};

use super::number::percent;
use crate::Confusion;

/// Largest number of classes with room for percentages in the cells.
const ROOMY: usize = 12;
/// Longest class name, in characters, that is written horizontally above a column.
const UPRIGHT: usize = 12;
/// Longest class name, in characters, that leaves room beside the matrix.
const SHORT: usize = 14;
/// Largest number of classes that leaves room beside the matrix.
const BESIDE: usize = 10;

/// Renders the counts of truth (rows) and prediction (columns), tinted by their share of the row.
pub(super) fn render(confusion: &Confusion) -> Markup {
    let classes = confusion.classes();
    let upright = classes.len() <= ROOMY && longest(confusion) <= UPRIGHT;
    html! {
        figure.card {
            figcaption { "Confusion matrix" }
            div.scroll.tall role="region" aria-label="Confusion matrix" tabindex="0" {
                table class=(if upright { "matrix" } else { "matrix turned" }) {
                    thead { tr {
                        th.corner scope="col" { span { "true (down)" } " " span { "predicted (right)" } }
                        @for name in classes { th scope="col" title=(name) { span { (name) } } }
                    } }
                    tbody { @for (truth, name) in classes.iter().enumerate() { tr {
                        th scope="row" { span { (name) } }
                        @for predicted in 0..classes.len() { (cell(confusion, truth, predicted)) }
                    } } }
                }
            }
            p.note {
                "Rows: truth; columns: prediction. Shade: share of the row, "
                span.together { span.swatch.hit {} " correct, " } span.together { span.swatch.miss {} " wrong." }
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
    // Readers look for rare mistakes: the root makes them visible.
    let shade = if truth == predicted { share } else { share.sqrt() };
    let kind = if truth == predicted { "hit" } else { "miss" };
    let strong = if 0.55 < shade { " strong" } else { "" };
    let [true_name, predicted_name] = [truth, predicted].map(|i| &confusion.classes()[i]);
    html! {
        td class={ (kind) (strong) } style={ "--a:" (format!("{:.0}", 100.0 * shade)) "%" }
            title={ (true_name) " predicted as " (predicted_name) ": " (thousands(counted)) " of " (thousands(support)) " (" (percent(share)) ")" } {
            (thousands(counted))
            @if confusion.classes().len() <= ROOMY { small { (percent(share)) } }
        }
    }
}
