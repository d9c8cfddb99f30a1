//! The confusion matrix.

use maud::{Markup, html};

use super::number::{count, percent};
use crate::Confusion;

/// With more classes than this, cells have no room for a percentage, and nothing stands beside the matrix.
const ROOMY: usize = 12;

/// Counts of truth (rows) against prediction (columns), tinted by their share of the row.
pub(super) fn render(confusion: &Confusion) -> Markup {
    let classes = confusion.classes();
    let words = classes.iter().flat_map(|name| name.split_whitespace());
    let longest = words.map(|word| word.chars().count()).max().unwrap_or(0);
    let kind = if is_small(confusion) && longest <= 9 { "matrix" } else { "matrix turned" };
    html! {
        figure.card {
            figcaption { "Confusion matrix" }
            div.scroll.tall role="region" aria-label="Confusion matrix" tabindex="0" {
                table class=(kind) {
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
    confusion.classes().len() <= ROOMY
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
            @if is_small(confusion) { small { (percent(share)) } }
        }
    }
}
