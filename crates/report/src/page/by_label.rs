//! The metrics of each label of a multi-label task.

use graph::format::thousands;
use maud::{Markup, html};

use super::by_class::bar;
use super::metric::{ratio, text};
use crate::{LabelCounts, Scores};

/// Number of labels whose metrics are listed.
const LABELS: usize = 1000;

/// Renders the metrics of each label, with bars.
pub(super) fn render(counts: &LabelCounts, scores: &[Scores]) -> Markup {
    let all = counts.names().len();
    html! {
        figure.card {
            figcaption { "By label" }
            div.scroll.tall role="region" aria-label="By label" tabindex="0" {
                table {
                    thead { tr {
                        th scope="col" { "Label" }
                        @for head in ["Precision", "Recall", "F1"] { th.n scope="col" { (head) } }
                        @if !scores.is_empty() {
                            th.n scope="col" title="area under the ROC curve" { "ROC AUC" }
                            th.n scope="col" title="average precision" { "AP" }
                        }
                        th.n scope="col" { "Support" }
                        th.n scope="col" { "Predicted" }
                    } }
                    tbody { @for (i, name) in counts.names().iter().enumerate().take(LABELS) { tr {
                        th scope="row" { span { (name) } }
                        (bar(counts.precision(i), counts.predicted(i)))
                        (bar(counts.recall(i), counts.support(i)))
                        (bar(counts.f1(i), counts.support(i) + counts.predicted(i)))
                        @if !scores.is_empty() {
                            @let scores = scores.get(i);
                            td.n { (optional(scores.and_then(Scores::roc_auc))) }
                            td.n { (optional(scores.and_then(Scores::average_precision))) }
                        }
                        td.n { (thousands(counts.support(i))) }
                        td.n { (thousands(counts.predicted(i))) }
                    } } }
                }
            }
            p.note {
                (thousands(counts.examples())) " examples with " (all) " labels"
                @if all > LABELS { " (the first " (LABELS) " are listed)" }
                ": " (text("macro_f1", counts.macro_f1())) ", " (text("micro_f1", counts.micro_f1())) ", "
                (text("exact_match", counts.exact_match())) ", " (text("hamming_loss", counts.hamming_loss()))
                ". A label is predicted if its probability is above one half."
            }
        }
    }
}

fn optional(value: Option<f64>) -> String {
    value.map_or("–".to_owned(), ratio)
}
