//! The most frequent mistakes of a classifier.

use graph::format::thousands;
use maud::{Markup, html};

use super::number::percent;
use crate::Confusion;

/// Number of mistakes that are listed.
const MISTAKES: usize = 10;

/// Renders the most frequent mistakes.
pub(super) fn render(confusion: &Confusion) -> Markup {
    let pairs = confusion.counts().filter(|(truth, predicted, _)| truth != predicted);
    let mut wrong: Vec<(usize, usize, u64)> = pairs.collect();
    wrong.sort_by_key(|&(_, _, count)| std::cmp::Reverse(count));
    html! {
        figure.card {
            figcaption { "Most frequent mistakes" }
            @if wrong.is_empty() { p.empty { "None: all predictions are correct." } } @else {
                div.scroll role="region" aria-label="Most frequent mistakes" tabindex="0" {
                    table {
                        thead { tr {
                            @for head in ["Truth", "Predicted"] { th scope="col" { (head) } }
                            @for head in ["Count", "Share of truth"] { th.n scope="col" { (head) } }
                        } }
                        tbody { @for &(truth, predicted, counted) in wrong.iter().take(MISTAKES) {
                            tr {
                                th scope="row" { span { (confusion.classes()[truth]) } }
                                td { span { (confusion.classes()[predicted]) } }
                                td.n { (thousands(counted)) }
                                td.n { (percent(counted as f64 / confusion.support(truth) as f64)) }
                            }
                        } }
                    }
                }
            }
        }
    }
}
