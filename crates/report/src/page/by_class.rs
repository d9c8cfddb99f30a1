//! The metrics of each class.

use graph::format::thousands;
use maud::{Markup, html};

use super::metric::{self, ratio};
use super::number::percent;
use crate::Confusion;

/// Number of classes whose metrics are listed.
const CLASSES: usize = 1000;

/// Renders the metrics of each class, with bars. `positions` says whether each sample or pixel has a class: then the
/// table has the intersection over union, too.
pub(super) fn render(confusion: &Confusion, positions: bool) -> Markup {
    let all = confusion.classes().len();
    html! {
        figure.card {
            figcaption { "By class" }
            div.scroll.tall role="region" aria-label="By class" tabindex="0" {
                table {
                    thead { tr {
                        th scope="col" { "Class" }
                        @for head in ["Precision", "Recall"] { th.n scope="col" { (head) } }
                        th.n scope="col" { (if positions { "F1 (Dice)" } else { "F1" }) }
                        @if positions { th.n scope="col" title="intersection over union" { "IoU" } }
                        th.n scope="col" { "Support" }
                    } }
                    tbody { @for (i, name) in confusion.classes().iter().enumerate().take(CLASSES) { tr {
                        @let either = confusion.support(i) + confusion.predicted(i);
                        th scope="row" { span { (name) } }
                        (bar(confusion.precision(i), confusion.predicted(i)))
                        (bar(confusion.recall(i), confusion.support(i)))
                        (bar(confusion.f1(i), either))
                        @if positions { (bar(confusion.iou(i), either)) }
                        td.n { (thousands(confusion.support(i))) }
                    } } }
                    tfoot { tr {
                        th scope="row" { "All " (all) @if all > CLASSES { " (the first " (CLASSES) " are listed)" } }
                        td.n.wide colspan="2" { "accuracy " (percent(confusion.accuracy())) }
                        td.n title="mean over the classes that occur" { (ratio(confusion.macro_f1())) }
                        @if positions {
                            td.n title="mean over the classes that occur" { (ratio(confusion.mean_iou())) }
                        }
                        td.n { (thousands(confusion.total())) }
                    } }
                }
            }
            p.note {
                "Balanced accuracy (mean recall) " (percent(confusion.balanced_accuracy()))
                @if let Some(kappa) = confusion.kappa() { "; " (metric::text("kappa", kappa)) }
                "."
            }
        }
    }
}

/// Renders a share as a number over a bar; a dash if it is undefined.
pub(super) fn bar(share: f64, of: u64) -> Markup {
    match of {
        1.. => html! {
            td.n.bar style={ "--a:" (format!("{share:.3}")) } { (ratio(share)) }
        },
        0 => html! { td.n title="undefined" { "–" } },
    }
}
