//! A class for each sample, as colored bands below the signal.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::color;
use super::number::place;

/// Largest number of segments in a band.
const COLUMNS: usize = 800;
/// Number of segments that are described in words.
const DESCRIBED: usize = 20;

/// A segment of one class or without a label, in fractions of the time shown.
struct Segment {
    class: Option<usize>,
    from: f64,
    to: f64,
}

/// The name of a class, or its index.
pub(super) fn name(classes: &[String], class: usize) -> String {
    classes.get(class).cloned().unwrap_or_else(|| format!("class {class}"))
}

/// The share of known labels that agree; `None` without any, or if the numbers of labels differ.
pub(super) fn agreement(truth: &[Option<usize>], predicted: &[usize]) -> Option<f64> {
    let known =
        truth.iter().zip(predicted).filter_map(|(truth, predicted)| Some((truth.as_ref()?, predicted)));
    let count = known.clone().count();
    if truth.len() != predicted.len() || count == 0 {
        return None;
    }
    Some(known.filter(|(truth, predicted)| truth == predicted).count() as f64 / count as f64)
}

/// Renders rows of a signal: truth, prediction, and their differences.
pub(super) fn bands(classes: &[String], truth: Option<&[Option<usize>]>, predicted: &[usize]) -> Markup {
    let differs = truth.filter(|truth| truth.len() == predicted.len()).map(|truth| {
        let differs =
            |(truth, predicted): (&Option<usize>, &usize)| Some(usize::from((*truth)? != *predicted));
        truth.iter().zip(predicted).map(differs).collect::<Vec<_>>()
    });
    let predicted: Vec<Option<usize>> = predicted.iter().copied().map(Some).collect();
    html! {
        @if let Some(truth) = truth { (band("truth", classes, truth)) }
        (band("prediction", classes, &predicted))
        @if let Some(differs) = differs {
            span.name { "differs" }
            div.band.thin role="img" aria-label="Differences of truth and prediction" {
                @for segment in segments(&differs).iter().filter(|segment| segment.class == Some(1)) {
                    i.differs style=(extent(segment)) {}
                }
            }
        }
    }
}

/// A row of colored segments; there is nothing where labels are unknown.
fn band(what: &str, classes: &[String], labels: &[Option<usize>]) -> Markup {
    let segments = segments(labels);
    html! {
        span.name { (what) }
        div.band role="img" aria-label={ (what) ": " (described(classes, &segments)) } {
            @for segment in &segments {
                @if let Some(class) = segment.class {
                    @let name = name(classes, class);
                    i class=(color::class(class)) style=(extent(segment)) title={ (what) ": " (name) } {
                        // Narrower segments have no room for text.
                        @if 0.06 < segment.to - segment.from { (name) }
                    }
                }
            }
        }
    }
}

/// Renders the classes that occur with their colors, except for those that are not drawn.
pub(super) fn legend(
    classes: &[String],
    truth: Option<&[Option<usize>]>,
    predicted: &[usize],
    hidden: fn(&str) -> bool,
) -> Markup {
    let seen: BTreeSet<usize> =
        predicted.iter().chain(truth.unwrap_or_default().iter().flatten()).copied().collect();
    html! {
        div.legend {
            @for class in seen.into_iter().filter(|&class| !hidden(&name(classes, class))) {
                span class={ "key block " (color::class(class)) } { i {} (name(classes, class)) }
            }
        }
    }
}

fn extent(segment: &Segment) -> String {
    format!("left:{}%;width:{}%", place(100.0 * segment.from), place(100.0 * (segment.to - segment.from)))
}

fn described(classes: &[String], segments: &[Segment]) -> String {
    let described = segments.iter().take(DESCRIBED).map(|segment| {
        let Segment { class, from, to } = segment;
        let name = class.map_or("no label".to_owned(), |class| name(classes, class));
        format!("{name} from {:.0}% to {:.0}%", 100.0 * from, 100.0 * to)
    });
    let rest = if DESCRIBED < segments.len() { ", and more" } else { "" };
    described.collect::<Vec<_>>().join(", ") + rest
}

/// Segments of equal neighboring labels. If there are more labels than columns, each column has its most
/// frequent label.
fn segments(labels: &[Option<usize>]) -> Vec<Segment> {
    let columns = labels.len().min(COLUMNS);
    let start = |column: usize| column * labels.len() / columns;
    let class = |column: usize| frequent(&labels[start(column)..start(column + 1)]);
    let seen: Vec<Option<usize>> = (0..columns).map(class).collect();
    let mut segments = Vec::new();
    let mut from = 0;
    for run in seen.chunk_by(|a, b| a == b) {
        let to = from + run.len();
        let [start, end] = [from, to].map(|column| column as f64 / columns as f64);
        segments.push(Segment { class: run[0], from: start, to: end });
        from = to;
    }
    segments
}

fn frequent(labels: &[Option<usize>]) -> Option<usize> {
    let mut sorted = labels.to_vec();
    sorted.sort_unstable();
    let longest = sorted.chunk_by(|a, b| a == b).max_by_key(|run| run.len());
    longest.and_then(|run| run[0])
}
