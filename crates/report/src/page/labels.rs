//! A class for each sample, as colored bands below the signal.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::color;
use super::number::place;

/// Largest number of segments in a band.
const COLUMNS: usize = 800;
/// Number of segments that are described in words.
const DESCRIBED: usize = 20;

/// A segment of one class, in fractions of the time shown.
struct Segment {
    class: usize,
    from: f64,
    to: f64,
}

/// The name of a class, or its index.
pub(super) fn name(classes: &[String], class: usize) -> String {
    classes.get(class).cloned().unwrap_or_else(|| format!("class {class}"))
}

/// The share of labels that agree; `None` without labels, or if their numbers differ.
pub(super) fn agreement(truth: &[usize], predicted: &[usize]) -> Option<f64> {
    let equal = truth.iter().zip(predicted).filter(|(truth, predicted)| truth == predicted).count();
    if truth.len() != predicted.len() || truth.is_empty() {
        return None;
    }
    Some(equal as f64 / truth.len() as f64)
}

/// Renders rows of a signal: truth, prediction, and their differences.
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
            div.band.thin role="img" aria-label="Differences of truth and prediction" {
                @for segment in segments(&differs).iter().filter(|segment| segment.class == 1) {
                    i.differs style=(extent(segment)) {}
                }
            }
        }
    }
}

fn band(what: &str, classes: &[String], labels: &[usize]) -> Markup {
    let segments = segments(labels);
    html! {
        span.name { (what) }
        div.band role="img" aria-label={ (what) ": " (described(classes, &segments)) } {
            @for segment in &segments {
                @let name = name(classes, segment.class);
                i class=(color::class(segment.class)) style=(extent(segment)) title={ (what) ": " (name) } {
                    // Narrower segments have no room for text.
                    @if 0.06 < segment.to - segment.from { (name) }
                }
            }
        }
    }
}

/// Renders the classes that occur with their colors, except for those that are not drawn.
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
        format!("{} from {:.0}% to {:.0}%", name(classes, *class), 100.0 * from, 100.0 * to)
    });
    let rest = if DESCRIBED < segments.len() { ", and more" } else { "" };
    described.collect::<Vec<_>>().join(", ") + rest
}

/// Segments of equal neighboring labels. If there are more labels than columns, each column has its most
/// frequent label.
fn segments(labels: &[usize]) -> Vec<Segment> {
    let columns = labels.len().min(COLUMNS);
    let start = |column: usize| column * labels.len() / columns;
    let class = |column: usize| frequent(&labels[start(column)..start(column + 1)]);
    let seen: Vec<usize> = (0..columns).map(class).collect();
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

fn frequent(labels: &[usize]) -> usize {
    let mut sorted = labels.to_vec();
    sorted.sort_unstable();
    let longest = sorted.chunk_by(|a, b| a == b).max_by_key(|run| run.len());
    longest.map_or(0, |run| run[0])
}
