//! Charts of curves.

use maud::{Markup, html};

use super::axis::Axis;
use super::number::{place, significant};
use super::{colour, hover, line};
use crate::Entry;

/// A chart of curves.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chart {
    /// What it shows.
    pub title: String,
    /// What runs along the horizontal axis.
    pub x: String,
    /// What runs along the vertical axis, with its unit; may be empty.
    pub y: String,
    /// Whether the vertical axis is logarithmic; values that are not positive are then gaps.
    pub log_y: bool,
    /// The curves.
    pub series: Vec<Series>,
}

/// One curve of a chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// What it is.
    pub name: String,
    /// Its points in order of x. One that is not finite is a gap.
    pub points: Vec<(f64, f64)>,
}

impl Series {
    /// The values called `key` in a journal, over the steps. An entry without such a value is no point;
    /// one that was not finite is a gap.
    pub fn of(entries: &[Entry], key: &str, name: impl Into<String>) -> Self {
        let point = |entry: &Entry| Some((entry.step as f64, *entry.values.get(key)?));
        Self { name: name.into(), points: entries.iter().filter_map(point).collect() }
    }
}

/// The axes of a chart.
pub(super) struct Axes {
    pub(super) x: Axis,
    pub(super) y: Axis,
}

impl Axes {
    fn new(chart: &Chart) -> Self {
        let points = || chart.series.iter().flat_map(|series| &series.points);
        let finite = || points().filter(|(x, y)| x.is_finite() && y.is_finite());
        let values = finite().map(|&(_, y)| y);
        let y = if chart.log_y { Axis::logarithmic(values) } else { Axis::round(values, 5) };
        Self { x: Axis::tight(finite().map(|&(x, _)| x), 5), y }
    }

    /// Where a point is, from the lower left corner; `None` where it has no place.
    pub(super) fn at(&self, &(x, y): &(f64, f64)) -> Option<(f64, f64)> {
        Some((self.x.at(x)?, self.y.at(y)?))
    }
}

/// The chart with its legend, axes and the values under the pointer.
pub(super) fn render(chart: &Chart) -> Markup {
    let axes = Axes::new(chart);
    let drawn = chart.series.iter().any(|series| series.points.iter().any(|point| axes.at(point).is_some()));
    html! {
        figure.card.chart {
            figcaption { (chart.title) }
            @if drawn {
                (legend(chart))
                div.plot {
                    (y_labels(&axes.y))
                    div.area {
                        (drawing(chart, &axes))
                        (hover::bands(chart, &axes))
                    }
                    (x_labels(&axes.x))
                }
                p.axis {
                    (chart.x)
                    @if chart.series.iter().any(|series| line::is_dense(series.points.len())) {
                        " (pale: all values, line: mean)"
                    }
                }
            } @else {
                p.empty { "No values to draw." }
            }
        }
    }
}

/// Names of the curves with their last values, and of the vertical axis.
fn legend(chart: &Chart) -> Markup {
    html! {
        div.legend {
            @if !chart.y.is_empty() || chart.log_y {
                span.unit { (chart.y) @if chart.log_y { " (log scale)" } }
            }
            @for (i, series) in chart.series.iter().enumerate() {
                span class={ "key " (colour::line(i)) } {
                    i {} (series.name)
                    @if let Some((_, last)) = series.points.last() { b title="last value" { (significant(*last, 4)) } }
                }
            }
        }
    }
}

/// Lines over a grid, stretched over its box.
fn drawing(chart: &Chart, axes: &Axes) -> Markup {
    html! {
        svg viewBox="0 0 1000 1000" preserveAspectRatio="none" role="img" aria-label=(description(chart)) {
            (grid(&axes.y))
            @for (i, series) in chart.series.iter().enumerate() {
                (curve(series, axes, &colour::line(i)))
            }
        }
    }
}

/// A line; one too dense to follow is drawn as the band that it fills, under the line of its means.
fn curve(series: &Series, axes: &Axes, class: &str) -> Markup {
    let points = || series.points.iter().map(|point| axes.at(point));
    let dense = line::is_dense(series.points.len());
    html! {
        path class={ "line " (class) (if dense { " filled" } else { "" }) } d=(line::path(points())) {
            title { (series.name) }
        }
        @let dots = line::dots(points());
        @if !dots.is_empty() { path class={ "line dots " (class) } d=(dots) { title { (series.name) } } }
        @if dense {
            path class={ "line " (class) } d=(line::path(line::means(points()).into_iter())) {
                title { (series.name) ", mean" }
            }
        }
    }
}

/// Horizontal lines at the ticks of the vertical axis.
pub(super) fn grid(y: &Axis) -> Markup {
    let d: String =
        y.ticks().iter().map(|(at, _)| format!("M0 {}H1000", place(1000.0 * (1.0 - at)))).collect();
    html! { path.grid d=(d) {} }
}

/// Labels left of a drawing, as wide as the widest.
pub(super) fn y_labels(y: &Axis) -> Markup {
    let ticks = y.ticks();
    let widest = ticks.iter().map(|(_, label)| label).max_by_key(|label| label.chars().count());
    html! {
        div.y aria-hidden="true" {
            b { (widest.map_or("", String::as_str)) }
            @for (at, label) in &ticks { span style={ "top:" (place(100.0 * (1.0 - at))) "%" } { (label) } }
        }
    }
}

/// Labels below a drawing.
pub(super) fn x_labels(x: &Axis) -> Markup {
    html! {
        div.x aria-hidden="true" {
            @for (at, label) in x.ticks() { span style={ "left:" (place(100.0 * at)) "%" } { (label) } }
        }
    }
}

/// The chart in words.
fn description(chart: &Chart) -> String {
    let curves = chart.series.iter().map(|Series { name, points }| {
        let values = || points.iter().map(|&(_, y)| y).filter(|y| y.is_finite());
        let (Some(first), Some(last)) = (values().next(), values().next_back()) else {
            return format!("{name}: no values");
        };
        let low = values().fold(first, f64::min);
        let high = values().fold(first, f64::max);
        let [first, last, low, high] = [first, last, low, high].map(|value| significant(value, 4));
        format!("{name}: from {first} to {last}, least {low}, largest {high}")
    });
    format!("{} over {}. {}", chart.title, chart.x, curves.collect::<Vec<_>>().join("; "))
}
