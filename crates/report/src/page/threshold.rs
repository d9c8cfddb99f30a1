//! Curves over the decision threshold: ROC, precision and recall, calibration.

use maud::{Markup, html};

use super::axis::Axis;
use super::chart::{grid, x_labels, y_labels};
use super::metric::ratio;
use super::{color, line};
use crate::Scores;

/// Number of classes that are drawn: those with the most positive examples.
const SHOWN: usize = 6;
/// Number of intervals of the calibration curve.
const BINS: u16 = 10;

/// A curve with the metric that belongs to it.
struct Curve<'a> {
    name: &'a str,
    /// The style of the class, the same in all charts.
    style: String,
    points: Vec<(f64, f64)>,
    value: Option<f64>,
}

/// A chart of shares.
struct Frame {
    title: &'static str,
    x: &'static str,
    y: &'static str,
    /// The name of the number in the legend; empty without numbers.
    value: &'static str,
    diagonal: bool,
    is_dotted: bool,
}

/// Renders the curves of the classes or, if `is_multi_label`, of the labels; nothing without scores.
pub(super) fn render(names: &[String], scores: &[Scores], is_multi_label: bool) -> Markup {
    let shown = shown(scores);
    let curves = |points: &dyn Fn(&Scores) -> Vec<(f64, f64)>, value: &dyn Fn(&Scores) -> Option<f64>| {
        let curve = |(place, &i): (usize, &usize)| Curve {
            name: names.get(i).map_or("", String::as_str),
            style: color::line(place),
            points: points(&scores[i]),
            value: value(&scores[i]),
        };
        shown.iter().enumerate().map(curve).collect::<Vec<_>>()
    };
    let roc = Frame {
        title: "ROC",
        x: "false positive rate",
        y: "true positive rate",
        value: "AUC",
        diagonal: true,
        is_dotted: false,
    };
    let precision = Frame {
        title: "Precision and recall",
        x: "recall",
        y: "precision",
        value: "AP",
        diagonal: false,
        is_dotted: false,
    };
    let calibration = Frame {
        title: "Calibration",
        x: "predicted probability",
        y: "share of examples",
        value: "",
        diagonal: true,
        is_dotted: true,
    };
    let calibrated = |scores: &Scores| {
        scores.calibration(BINS).into_iter().map(|(score, share, _)| (score, share)).collect()
    };
    html! {
        @if !shown.is_empty() {
            div.squares {
                (chart(&roc, &curves(&Scores::roc, &Scores::roc_auc)))
                (chart(&precision, &curves(&Scores::precision_recall, &Scores::average_precision)))
                (chart(&calibration, &curves(&calibrated, &|_| None)))
            }
            @if 2 < scores.len() {
                p.note {
                    @if !is_multi_label { "Each class against all others. " }
                    @if shown.len() < scores.len() {
                        "Only the " (shown.len()) " most frequent of " (scores.len())
                        (if is_multi_label { " labels are drawn." } else { " classes are drawn." })
                    }
                }
            }
        }
    }
}

/// Indices of the classes to draw, in order. Of two classes, only the second: the curves of the first are its mirror
/// image.
fn shown(scores: &[Scores]) -> Vec<usize> {
    let has_curve = |i: &usize| scores[*i].roc_auc().is_some();
    if scores.len() == 2 && scores[0].positives() == scores[1].negatives() {
        return [1].into_iter().filter(has_curve).collect();
    }
    let mut order: Vec<usize> = (0..scores.len()).filter(has_curve).collect();
    order.sort_by_key(|&i| std::cmp::Reverse(scores[i].positives()));
    order.truncate(SHOWN);
    order.sort_unstable();
    order
}

fn chart(frame: &Frame, curves: &[Curve<'_>]) -> Markup {
    let axis = Axis::round([0.0, 1.0].into_iter(), 5);
    let at = |&(x, y): &(f64, f64)| Some((axis.at(x)?, axis.at(y)?));
    html! {
        figure.card.chart {
            figcaption { (frame.title) }
            div.legend {
                span.unit { (frame.y) @if !frame.value.is_empty() { "; " (frame.value) " in bold" } }
                @for curve in curves {
                    span class={ "key " (curve.style) } {
                        i {} (curve.name)
                        @if let Some(value) = curve.value { b title=(frame.value) { (ratio(value)) } }
                    }
                }
            }
            div.plot {
                (y_labels(&axis))
                div.area.square {
                    svg viewBox="0 0 1000 1000" preserveAspectRatio="none" role="img" aria-label=(described(frame, curves)) {
                        (grid(&axis))
                        @if frame.diagonal { path class="line fine faint" d="M0 1000L1000 0" {} }
                        @for curve in curves {
                            path class={ "line " (curve.style) } d=(line::path(curve.points.iter().map(at))) {
                                title { (curve.name) }
                            }
                            @if frame.is_dotted {
                                path class={ "line dots " (curve.style) } d=(line::every_dot(curve.points.iter().map(at))) {}
                            }
                        }
                    }
                }
                (x_labels(&axis))
            }
            p.axis { (frame.x) }
        }
    }
}

/// The chart in words, for screen readers.
fn described(frame: &Frame, curves: &[Curve<'_>]) -> String {
    let values = curves
        .iter()
        .filter_map(|curve| Some(format!("{}: {} {}", curve.name, frame.value, ratio(curve.value?))));
    let values = values.collect::<Vec<_>>().join(", ");
    format!("{} over {}. {values}", frame.y, frame.x)
}
