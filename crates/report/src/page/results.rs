//! What the evaluation found, in tables.

use maud::{Markup, html};

use super::matrix;
use super::number::{count, percent, significant};
use super::table::{self, Table};
use crate::{Confusion, Errors, Outcome};

/// Mistakes that are listed.
const MISTAKES: usize = 10;

/// The figures of an evaluation.
pub(super) fn render(outcome: &Outcome) -> Markup {
    match outcome {
        Outcome::Classes(confusion) if confusion.total() == 0 => {
            html! { p.empty { "The evaluation saw no labelled data." } }
        }
        // A reader sees the mistakes of a small matrix at once.
        Outcome::Classes(confusion) if matrix::is_small(confusion) => html! {
            div.pair {
                (matrix::render(confusion))
                (classes(confusion))
            }
        },
        Outcome::Classes(confusion) => html! {
            (matrix::render(confusion))
            (mistakes(confusion))
            (classes(confusion))
        },
        Outcome::Values(errors) if errors.windows() == 0 => {
            html! { p.empty { "The evaluation saw no data." } }
        }
        Outcome::Values(errors) => table::render(&values(errors)),
    }
}

/// Each class's figures, with bars.
fn classes(confusion: &Confusion) -> Markup {
    let all = confusion.classes().len();
    html! {
        figure.card {
            figcaption { "By class" }
            div.scroll.tall role="region" aria-label="By class" tabindex="0" {
                table {
                    thead { tr {
                        th scope="col" { "Class" }
                        @for head in ["Precision", "Recall", "F1", "Support"] { th.n scope="col" { (head) } }
                    } }
                    tbody { @for (i, name) in confusion.classes().iter().enumerate() { tr {
                        th scope="row" { span { (name) } }
                        (bar((confusion.predicted(i) != 0).then(|| confusion.precision(i))))
                        (bar((confusion.support(i) != 0).then(|| confusion.recall(i))))
                        (bar((confusion.support(i) + confusion.predicted(i) != 0).then(|| confusion.f1(i))))
                        td.n { (count(confusion.support(i))) }
                    } } }
                    tfoot { tr {
                        th scope="row" { "All " (all) }
                        td.n.wide colspan="2" { "accuracy " (percent(confusion.accuracy())) }
                        td.n title="mean of the classes that occur" { (format!("{:.3}", confusion.macro_f1())) }
                        td.n { (count(confusion.total())) }
                    } }
                }
            }
        }
    }
}

/// A share as a number over a bar; a dash where it is undefined.
fn bar(share: Option<f64>) -> Markup {
    match share {
        Some(share) => html! {
            td.n.bar style={ "--a:" (format!("{share:.3}")) } { (format!("{share:.3}")) }
        },
        None => html! { td.n title="undefined: there is none" { "–" } },
    }
}

/// The most frequent mistakes.
fn mistakes(confusion: &Confusion) -> Markup {
    let n = confusion.classes().len();
    let pairs = (0..n).flat_map(|truth| (0..n).map(move |predicted| (truth, predicted)));
    let mut wrong: Vec<(usize, usize)> =
        pairs.filter(|&(t, p)| t != p && 0 < confusion.count(t, p)).collect();
    wrong.sort_by_key(|&(t, p)| std::cmp::Reverse(confusion.count(t, p)));
    html! {
        figure.card {
            figcaption { "Most frequent mistakes" }
            @if wrong.is_empty() { p.empty { "None: every prediction is right." } } @else {
                div.scroll role="region" aria-label="Most frequent mistakes" tabindex="0" {
                    table {
                        thead { tr {
                            @for head in ["Truth", "Taken for"] { th scope="col" { (head) } }
                            @for head in ["Count", "Of truth"] { th.n scope="col" { (head) } }
                        } }
                        tbody { @for &(truth, predicted) in wrong.iter().take(MISTAKES) {
                            @let counted = confusion.count(truth, predicted);
                            tr {
                                th scope="row" { span { (confusion.classes()[truth]) } }
                                td { span { (confusion.classes()[predicted]) } }
                                td.n { (count(counted)) }
                                td.n { (percent(counted as f64 / confusion.support(truth) as f64)) }
                            }
                        } }
                    }
                }
            }
        }
    }
}

fn values(errors: &Errors) -> Table {
    let row = |name: &str, value: String, meaning: &str| vec![name.to_owned(), value, meaning.to_owned()];
    let mut rows = vec![
        row("MSE", significant(errors.mse(), 4), "mean squared error"),
        row("RMSE", significant(errors.mse().sqrt(), 4), "its root, in the signal's unit"),
        row("MAE", significant(errors.mae(), 4), "mean absolute error"),
    ];
    if let Some(gain) = errors.gain() {
        let gain = format!("{gain:+.2} dB").replace('-', "−");
        rows.push(row("SNR gain", gain, "signal-to-noise ratio after minus before, mean over windows"));
    }
    rows.push(row("Windows", count(errors.windows()), "evaluated"));
    let columns = ["Figure", "Value", "Meaning"].map(str::to_owned).to_vec();
    Table { title: "Errors".to_owned(), columns, rows, note: String::new() }
}
