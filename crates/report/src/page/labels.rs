//! A class for each sample, as coloured bands below the signal.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::colour;
use super::number::place;

/// Stretches that a band is made of at most.
const COLUMNS: usize = 800;
/// Stretches that are told in words.
const TOLD: usize = 20;

/// A stretch of one class, as fractions of the time shown.
struct Stretch {
    class: usize,
    from: f64,
    to: f64,
}

/// A class's name, or its number.
pub(super) fn name(classes: &[String], class: usize) -> String {
    classes.get(class).cloned().unwrap_or_else(|| format!("class {class}"))
}

/// The share of labels that agree; `None` where there are none, or not as many of each.
pub(super) fn agreement(truth: &[usize], predicted: &[usize]) -> Option<f64> {
    let equal = truth.iter().zip(predicted).filter(|(truth, predicted)| truth == predicted).count();
    (truth.len() == predicted.len() && !truth.is_empty()).then(|| equal as f64 / truth.len() as f64)
}

/// Rows of a signal's grid: truth, prediction, and where they differ.
pub(super) fn bands(classes: &[String], truth: Option<&[usize]>, predicted: &[usize]) -> Markup {
    let differs = truth.filter(|truth| truth.len() == predicted.len()).map(|truth| {
        let differs = truth.iter().zip(predicted).map(|(truth, predicted)| usize::from(truth != predicted));
        differs.collect::<Vec<_>>()
    });
    html! {
        @if let Some(truth) = truth { (band("truth", classes, truth)) }
        (band("prediction", classes, predicted))
        @if let Some(differs) = differs {
            span.name { "differs" }
            div.band.thin role="img" aria-label="Where truth and prediction differ" {
                @for stretch in stretches(&differs).iter().filter(|stretch| stretch.class == 1) {
                    i.differs style=(extent(stretch)) {}
                }
            }
        }
    }
}

fn band(what: &str, classes: &[String], labels: &[usize]) -> Markup {
    let stretches = stretches(labels);
    html! {
        span.name { (what) }
        div.band role="img" aria-label={ (what) ": " (told(classes, &stretches)) } {
            @for stretch in &stretches {
                @let name = name(classes, stretch.class);
                i class=(colour::class(stretch.class)) style=(extent(stretch)) title={ (what) ": " (name) } {
                    // Narrower ones have no room for a letter.
                    @if 0.06 < stretch.to - stretch.from { (name) }
                }
            }
        }
    }
}

/// The classes that occur, with their colours; without those that are not drawn.
pub(super) fn legend(
    classes: &[String],
    truth: Option<&[usize]>,
    predicted: &[usize],
    hidden: fn(&str) -> bool,
) -> Markup {
    let seen: BTreeSet<usize> = predicted.iter().chain(truth.unwrap_or_default()).copied().collect();
    html! {
        div.legend {
            @for class in seen.into_iter().filter(|&class| !hidden(&name(classes, class))) {
                span class={ "key block " (colour::class(class)) } { i {} (name(classes, class)) }
            }
        }
    }
}

fn extent(stretch: &Stretch) -> String {
    format!("left:{}%;width:{}%", place(100.0 * stretch.from), place(100.0 * (stretch.to - stretch.from)))
}

fn told(classes: &[String], stretches: &[Stretch]) -> String {
    let told = stretches.iter().take(TOLD).map(|stretch| {
        let Stretch { class, from, to } = stretch;
        format!("{} from {:.0}% to {:.0}%", name(classes, *class), 100.0 * from, 100.0 * to)
    });
    let rest = if TOLD < stretches.len() { ", and more" } else { "" };
    told.collect::<Vec<_>>().join(", ") + rest
}

/// Neighbours of one class, joined. Of more labels than can be seen, each column has its most frequent.
fn stretches(labels: &[usize]) -> Vec<Stretch> {
    let columns = labels.len().min(COLUMNS);
    let start = |column: usize| column * labels.len() / columns;
    let class = |column: usize| frequent(&labels[start(column)..start(column + 1)]);
    let seen: Vec<usize> = (0..columns).map(class).collect();
    let mut stretches = Vec::new();
    let mut from = 0;
    for run in seen.chunk_by(|a, b| a == b) {
        let to = from + run.len();
        let [start, end] = [from, to].map(|column| column as f64 / columns as f64);
        stretches.push(Stretch { class: run[0], from: start, to: end });
        from = to;
    }
    stretches
}

fn frequent(labels: &[usize]) -> usize {
    let mut sorted = labels.to_vec();
    sorted.sort_unstable();
    let longest = sorted.chunk_by(|a, b| a == b).max_by_key(|run| run.len());
    longest.map_or(0, |run| run[0])
}
