//! Drawing of charts.

use maud::{Markup, html};

use super::axes::Axes;
use super::axis::Axis;
use super::curves::{Chart, Series};
use super::number::{place, significant};
use super::{color, hover, line};

/// Renders a chart with its legend, its axes and the values under the pointer.
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

/// The names of the curves with their last values, and that of the vertical axis.
fn legend(chart: &Chart) -> Markup {
    html! {
        div.legend {
            @if !chart.y.is_empty() || chart.log_y {
                span.unit { (chart.y) @if chart.log_y { " (log scale)" } }
            }
            @for (i, series) in chart.series.iter().enumerate() {
                span class={ "key " (color::line(i)) } {
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
                (curve(series, axes, &color::line(i)))
            }
        }
    }
}

/// A line. A line with too many points is drawn as the band that it fills, under the line of its means.
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

/// Labels to the left of a drawing, as wide as the widest.
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

/// The chart in words, for screen readers.
fn description(chart: &Chart) -> String {
    let curves = chart.series.iter().map(|Series { name, points }| {
        let values = || points.iter().map(|&(_, y)| y).filter(|y| y.is_finite());
        let (Some(first), Some(last)) = (values().next(), values().next_back()) else {
            return format!("{name}: no values");
        };
        let low = values().fold(first, f64::min);
        let high = values().fold(first, f64::max);
        let [first, last, low, high] = [first, last, low, high].map(|value| significant(value, 4));
        format!("{name}: from {first} to {last}, minimum {low}, maximum {high}")
    });
    format!("{} over {}. {}", chart.title, chart.x, curves.collect::<Vec<_>>().join("; "))
}
