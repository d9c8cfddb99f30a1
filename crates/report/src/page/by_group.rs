//! The metrics of each group, such as a subject.

use std::collections::BTreeMap;

use graph::format::thousands;
use maud::{Markup, html};

use super::metric;
use crate::{Outcome, Spread};

/// Number of groups that are listed.
const GROUPS: usize = 500;

/// Renders a table with one row per group; nothing unless there are several.
pub(super) fn render(groups: &BTreeMap<String, Outcome>) -> Markup {
    let summaries: Vec<BTreeMap<String, f64>> = groups.values().map(Outcome::summary).collect();
    let keys = metric::keys(summaries.iter());
    // The squared error repeats its root.
    let keys: Vec<&str> = keys.into_iter().filter(|key| *key != "mse").collect();
    html! {
        @if 1 < groups.len() {
            figure.card {
                figcaption { "By group" }
                div.scroll.tall role="region" aria-label="By group" tabindex="0" {
                    table {
                        thead { tr {
                            th scope="col" { "Group" }
                            th.n scope="col" { "Count" }
                            @for key in &keys { th.n scope="col" { (metric::title(key)) } }
                        } }
                        tbody { @for ((name, outcome), summary) in groups.iter().zip(&summaries).take(GROUPS) { tr {
                            th scope="row" { span { (name) } }
                            td.n { (thousands(count(outcome))) }
                            @for key in &keys { td.n { (cell(key, summary.get(*key).copied())) } }
                        } } }
                        tfoot { tr {
                            th scope="row" { "Mean of " (groups.len()) }
                            td.n {}
                            @for key in &keys { td.n { (cell(key, spread(key, &summaries).map(|spread| spread.mean))) } }
                        } }
                    }
                }
                @if GROUPS < groups.len() { p.note { "The first " (GROUPS) " of " (groups.len()) " groups are listed." } }
                @if let Some(key) = keys.first() { (extremes(key, groups, &summaries)) }
            }
        }
    }
}

/// The range of a metric, with the group at its worse end.
fn extremes(key: &str, groups: &BTreeMap<String, Outcome>, summaries: &[BTreeMap<String, f64>]) -> Markup {
    let values = || groups.keys().zip(summaries).filter_map(|(name, of)| Some((name, *of.get(key)?)));
    let order = |a: &(&String, f64), b: &(&String, f64)| a.1.total_cmp(&b.1);
    let worst = if Outcome::larger_is_better(key) { values().min_by(order) } else { values().max_by(order) };
    html! {
        @if let (Some((name, _)), Some(spread)) = (worst, spread(key, summaries)) {
            p.note {
                (metric::title(key)) " over groups: from " (metric::value(key, spread.low)) " to "
                (metric::value(key, spread.high)) "; worst: " (name) "."
            }
        }
    }
}

fn spread(key: &str, summaries: &[BTreeMap<String, f64>]) -> Option<Spread> {
    Spread::of(summaries.iter().filter_map(|summary| summary.get(key).copied()))
}

fn cell(key: &str, value: Option<f64>) -> String {
    value.map_or("–".to_owned(), |value| metric::value(key, value))
}

/// The number of predictions that count.
fn count(outcome: &Outcome) -> u64 {
    match outcome {
        Outcome::Classes(confusion) | Outcome::Positions(confusion) => confusion.total(),
        Outcome::Labels(counts) => counts.examples(),
        Outcome::Values(errors) => errors.windows(),
    }
}
