//! The result of the evaluation, in tables.

use graph::format::thousands;
use maud::{Markup, html};

use super::matrix;
use super::number::{percent, significant};
use super::table::{self, Table};
use crate::{Confusion, Errors, Outcome};

/// Maximum number of classes for which the matrix is readable.
const LARGEST_MATRIX: usize = 200;
/// Number of classes whose metrics are listed.
const CLASSES: usize = 1000;
/// Number of mistakes that are listed.
const MISTAKES: usize = 10;

/// Renders the result of an evaluation.
pub(super) fn render(outcome: &Outcome) -> Markup {
    match outcome {
        Outcome::Classes(confusion) | Outcome::Positions(confusion) if confusion.total() == 0 => {
            html! { p.empty { "No labeled data was evaluated." } }
        }
        // The mistakes in a small matrix are seen at once.
        Outcome::Classes(confusion) | Outcome::Positions(confusion) if matrix::is_small(confusion) => html! {
            div.pair {
                (matrix::render(confusion))
                (classes(confusion))
            }
        },
        Outcome::Classes(confusion) | Outcome::Positions(confusion) => html! {
            @if confusion.classes().len() <= LARGEST_MATRIX { (matrix::render(confusion)) }
            (mistakes(confusion))
            (classes(confusion))
        },
        Outcome::Labels(_) => html! {},
        Outcome::Values(errors) if errors.windows() == 0 => {
            html! { p.empty { "No data was evaluated." } }
        }
        Outcome::Values(errors) => table::render(&values(errors)),
    }
}

/// Renders the metrics of each class, with bars.
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
                    tbody { @for (i, name) in confusion.classes().iter().enumerate().take(CLASSES) { tr {
                        th scope="row" { span { (name) } }
                        (bar(confusion.precision(i), confusion.predicted(i)))
                        (bar(confusion.recall(i), confusion.support(i)))
                        (bar(confusion.f1(i), confusion.support(i) + confusion.predicted(i)))
                        td.n { (thousands(confusion.support(i))) }
                    } } }
                    tfoot { tr {
                        th scope="row" { "All " (all) @if all > CLASSES { " (the first " (CLASSES) " are listed)" } }
                        td.n.wide colspan="2" { "accuracy " (percent(confusion.accuracy())) }
                        td.n title="mean over the classes that occur" { (format!("{:.3}", confusion.macro_f1())) }
                        td.n { (thousands(confusion.total())) }
                    } }
                }
            }
        }
    }
}

/// Renders a share as a number over a bar; a dash if it is undefined.
fn bar(share: f64, of: u64) -> Markup {
    match of {
        1.. => html! {
            td.n.bar style={ "--a:" (format!("{share:.3}")) } { (format!("{share:.3}")) }
        },
        0 => html! { td.n title="undefined" { "–" } },
    }
}

/// Renders the most frequent mistakes.
fn mistakes(confusion: &Confusion) -> Markup {
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

fn values(errors: &Errors) -> Table {
    let row = |name: &str, value: String, meaning: &str| vec![name.to_owned(), value, meaning.to_owned()];
    let mut rows = vec![
        row("MSE", significant(errors.mse(), 4), "mean squared error"),
        row(
            "RMSE",
            significant(errors.mse().sqrt(), 4),
            "root mean squared error, in the unit of the signal",
        ),
        row("MAE", significant(errors.mae(), 4), "mean absolute error"),
    ];
    if let Some(gain) = errors.gain() {
        let gain = format!("{gain:+.2} dB").replace('-', "−");
        rows.push(row("SNR gain", gain, "improvement of the signal-to-noise ratio, mean over windows"));
    }
    rows.push(row("Windows", thousands(errors.windows()), "number of windows evaluated"));
    let columns = ["Metric", "Value", "Meaning"].map(str::to_owned).to_vec();
    Table { title: "Errors".to_owned(), columns, rows, note: String::new() }
}
