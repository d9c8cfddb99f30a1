//! The table of several runs, and where their metrics lie.

use maud::{Markup, html};

use super::axis::Axis;
use super::chart::x_labels;
use super::number::place;
use super::runs::{RunResult, RunsPage};
use super::{color, metric};
use crate::{Outcome, Spread};

/// Number of metrics whose values are drawn.
const DRAWN: usize = 4;
/// Largest number of runs that are named by color.
const NAMED: usize = 12;

/// Renders the runs as a table and, for folds, the values of the most important metrics as dots.
pub(super) fn render(page: &RunsPage) -> Markup {
    html! {
        @if page.runs.is_empty() {
            p.empty { "No runs." }
        } @else {
            div.stack {
                (table(page))
                @if 1 < page.runs.len() { (dots(page)) }
            }
        }
    }
}

fn table(page: &RunsPage) -> Markup {
    let (facts, keys) = (page.facts(), page.keys());
    html! {
        figure.card {
            div.scroll.tall role="region" aria-label="Runs" tabindex="0" {
                table {
                    thead { tr {
                        th scope="col" { (if page.folds { "Fold" } else { "Run" }) }
                        @for fact in &facts { th scope="col" { (fact) } }
                        @for key in &keys { th.n scope="col" { (metric::title(key)) } }
                    } }
                    tbody { @for run in &page.runs { tr {
                        th scope="row" { span { (run.name) } }
                        @for fact in &facts { td { span { (run.facts.get(fact).map_or("", String::as_str)) } } }
                        @for key in &keys { (cell(page, run, key)) }
                    } } }
                    @if page.folds && 1 < page.runs.len() {
                        tfoot {
                            (summary(page, "Mean", &|key, spread| metric::value(key, spread.mean)))
                            (summary(page, "Standard deviation", &|key, spread| {
                                spread.deviation.map_or("–".to_owned(), |deviation| metric::value(key, deviation))
                            }))
                            (summary(page, "Range", &|key, spread| {
                                format!("{} to {}", metric::value(key, spread.low), metric::value(key, spread.high))
                            }))
                        }
                    }
                }
            }
            @if !page.folds && 1 < page.runs.len() { p.note { "The best value of each metric is bold." } }
        }
    }
}

/// A metric of a run, bold if it is the best of all that are compared.
fn cell(page: &RunsPage, run: &RunResult, key: &str) -> Markup {
    let Some(&value) = run.metrics.get(key) else { return html! { td.n { "–" } } };
    let is_best = page.spread(key).is_some_and(|spread| {
        let best = if Outcome::larger_is_better(key) { spread.high } else { spread.low };
        spread.low < spread.high && value.total_cmp(&best).is_eq()
    });
    let text = metric::value(key, value);
    html! { td.n { @if is_best && !page.folds { b { (text) } } @else { (text) } } }
}

fn summary(page: &RunsPage, name: &str, text: &dyn Fn(&str, Spread) -> String) -> Markup {
    html! {
        tr {
            th scope="row" { (name) }
            @for _ in page.facts() { td {} }
            @for key in page.keys() {
                td.n { (page.spread(&key).map_or("–".to_owned(), |spread| text(&key, spread))) }
            }
        }
    }
}

/// The color of a run: folds are alike, runs that are compared have the colors of their curves.
fn style(page: &RunsPage, run: usize) -> String {
    color::line(if page.folds { 0 } else { run })
}

/// A dot for each run on the axis of each metric, over a line at the mean of folds.
fn dots(page: &RunsPage) -> Markup {
    let keys: Vec<String> =
        page.shown_keys().into_iter().filter(|key| page.spread(key).is_some()).take(DRAWN).collect();
    html! {
        figure.card {
            figcaption { "Spread of the metrics" }
            @if !page.folds && page.runs.len() <= NAMED {
                div.legend { @for (i, run) in page.runs.iter().enumerate() {
                    span class={ "key point " (style(page, i)) } { i {} (run.name) }
                } }
            }
            div.stack { @for key in &keys {
                @let runs = page.runs.iter().enumerate();
                @let values = runs.filter_map(|(i, run)| Some((style(page, i), &run.name, *run.metrics.get(key)?)));
                @let axis = Axis::round(values.clone().map(|(_, _, value)| value), 5);
                @let mean = page.spread(key).and_then(|spread| axis.at(spread.mean));
                div.spread {
                    span.name { (metric::title(key)) }
                    div.area role="img" aria-label={ (metric::name(key)) " of each run" } {
                        @if let Some(mean) = mean.filter(|_| page.folds) {
                            i.rule style={ "left:" (place(100.0 * mean)) "%" } title="mean" {}
                        }
                        @for (style, name, value) in values {
                            @if let Some(at) = axis.at(value) {
                                i class={ "dot " (style) } style={ "left:" (place(100.0 * at)) "%" } title={ (name) ": " (metric::value(key, value)) } {}
                            }
                        }
                    }
                    (x_labels(&axis))
                }
            } }
            @if page.folds { p.note { "A dot for each fold; the line is the mean." } }
        }
    }
}
