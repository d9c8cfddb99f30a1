//! The result of the evaluation.

use maud::{Markup, html};

use super::{by_class, by_group, by_label, by_output, matrix, metric, mistakes, scatter, threshold};
use crate::{Baseline, Confusion, Details, Outcome};

/// Maximum number of classes for which the matrix is readable.
const LARGEST_MATRIX: usize = 200;

/// Renders the result of an evaluation with its details.
pub(super) fn render(outcome: &Outcome, details: &Details) -> Markup {
    html! {
        @for baseline in details.not_beaten(outcome) { (warning(outcome, baseline)) }
        @match outcome {
            Outcome::Classes(confusion) => (classes(confusion, false)),
            Outcome::Positions(confusion) => (classes(confusion, true)),
            Outcome::Labels(counts) if counts.examples() == 0 => p.empty { "No labeled data was evaluated." },
            Outcome::Labels(counts) => (by_label::render(counts, &details.scores)),
            Outcome::Values(errors) if errors.windows() == 0 => p.empty { "No data was evaluated." },
            Outcome::Values(errors) => {
                (by_output::render(errors))
                (scatter::render(errors))
            }
        }
        (threshold::render(names(outcome), &details.scores, matches!(outcome, Outcome::Labels(_))))
        (by_group::render(&details.groups))
    }
}

/// Renders the warning that predictions without the model are as good.
fn warning(outcome: &Outcome, baseline: &Baseline) -> Markup {
    html! {
        p.warning {
            b { "No better than a baseline." }
            " On this data, the model has " (headline(outcome)) ", the baseline “" (baseline.name) "” "
            (headline(&baseline.outcome)) "."
        }
    }
}

/// The metric by which outcomes are ranked, with its value.
fn headline(outcome: &Outcome) -> String {
    let (key, value) = match outcome {
        Outcome::Classes(confusion) | Outcome::Positions(confusion) => ("accuracy", confusion.accuracy()),
        Outcome::Labels(counts) => ("macro_f1", counts.macro_f1()),
        Outcome::Values(errors) => ("rmse", errors.rmse()),
    };
    metric::text(key, value)
}

/// The names of classes or labels.
fn names(outcome: &Outcome) -> &[String] {
    match outcome {
        Outcome::Classes(confusion) | Outcome::Positions(confusion) => confusion.classes(),
        Outcome::Labels(counts) => counts.names(),
        Outcome::Values(_) => &[],
    }
}

/// Renders the confusion matrix and the metrics of each class.
fn classes(confusion: &Confusion, positions: bool) -> Markup {
    let table = || by_class::render(confusion, positions);
    html! {
        @if confusion.total() == 0 {
            p.empty { "No labeled data was evaluated." }
        } @else if matrix::is_small(confusion) {
            // The mistakes in a small matrix are seen at once.
            div.pair { (matrix::render(confusion)) (table()) }
        } @else {
            @if confusion.classes().len() <= LARGEST_MATRIX { (matrix::render(confusion)) }
            (mistakes::render(confusion))
            (table())
        }
    }
}
