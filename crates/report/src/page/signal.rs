//! Signals over time.

use graph::Array;
use maud::{Markup, html};

use super::axis::Axis;
use super::chart::{grid, x_labels, y_labels};
use super::{color, line};

/// Number of channels that are shown.
const SHOWN: usize = 12;

/// Renders each channel in its own strip, because units differ; `below` are more rows above the time axis.
pub(super) fn strips(values: &Array, channels: &[String], rate: Option<f64>, below: &Markup) -> Markup {
    let Some(rows) = rows(values) else { return shapeless(values) };
    let time = Time::new(values.shape()[1], rate);
    let single = rows.len() == 1;
    html! { div {
        div class=(if single { "strips single" } else { "strips" }) {
            @for (i, row) in rows.iter().enumerate().take(SHOWN) {
                @let axis = Axis::round(row.iter().map(|&v| f64::from(v)), if single { 4 } else { 2 });
                @let name = channel(channels, i);
                span.name title=(name) { (name) }
                (y_labels(&axis))
                div.area { (drawing(&[Trace { values: row, class: "s0", name: &name }], &axis)) }
            }
            (below)
            (x_labels(&time.axis))
        }
        p.axis { (time.unit) }
        (hidden(rows.len()))
    } }
}

/// Renders the input, the truth and the prediction of each channel in one strip.
pub(super) fn overlay(
    noisy: &Array,
    truth: Option<&Array>,
    predicted: &Array,
    channels: &[String],
    rate: Option<f64>,
) -> Markup {
    let Some(rows_of_noisy) = rows(noisy) else { return shapeless(noisy) };
    let empty = Array::from_fn([0, 0], |_| 0.0);
    let [truth, predicted] =
        [truth.unwrap_or(&empty), predicted].map(|array| rows(array).unwrap_or_default());
    let time = Time::new(noisy.shape()[1], rate);
    html! {
        div.legend {
            span class="key faint" { i {} "input" }
            @if !truth.is_empty() { span class={ "key under " (color::line(1)) } { i {} "truth" } }
            span class={ "key " (color::line(0)) } { i {} "prediction" }
        }
        div.strips.single {
            @for (i, noisy) in rows_of_noisy.iter().enumerate().take(SHOWN) {
                @let name = channel(channels, i);
                @let traces = [("faint", "input", Some(noisy)), ("s1 under", "truth", truth.get(i)), ("s0", "prediction", predicted.get(i))];
                @let traces = traces.iter().filter_map(|&(class, name, values)| Some(Trace { values: values?, class, name }));
                @let traces: Vec<Trace<'_>> = traces.collect();
                @let all = traces.iter().flat_map(|trace| trace.values).map(|&v| f64::from(v));
                @let axis = Axis::round(all, 4);
                span.name title=(name) { (name) }
                (y_labels(&axis))
                div.area { (drawing(&traces, &axis)) }
            }
            (x_labels(&time.axis))
        }
        p.axis { (time.unit) }
        (hidden(rows_of_noisy.len()))
    }
}

/// A line over time.
struct Trace<'a> {
    values: &'a [f32],
    class: &'a str,
    name: &'a str,
}

fn drawing(traces: &[Trace<'_>], y: &Axis) -> Markup {
    let names: Vec<&str> = traces.iter().map(|trace| trace.name).collect();
    let path = |values: &[f32]| {
        let last = (values.len().max(2) - 1) as f64;
        line::path(values.iter().enumerate().map(|(t, &v)| Some((t as f64 / last, y.at(f64::from(v))?))))
    };
    html! {
        svg viewBox="0 0 1000 1000" preserveAspectRatio="none" role="img" aria-label={ (names.join(", ")) " over time" } {
            (grid(y))
            @for trace in traces {
                path class={ "line fine " (trace.class) } d=(path(trace.values)) { title { (trace.name) } }
            }
        }
    }
}

/// The time axis of a window.
struct Time {
    axis: Axis,
    unit: &'static str,
}

impl Time {
    fn new(samples: usize, rate: Option<f64>) -> Self {
        let rate = rate.filter(|rate| rate.is_finite() && 0.0 < *rate);
        let seconds = rate.map(|rate| samples as f64 / rate);
        let (end, unit) = match seconds {
            None => (samples.max(1) as f64, "samples"),
            Some(seconds @ ..0.5) => (1e3 * seconds, "time in ms"),
            Some(seconds @ 0.5..600.0) => (seconds, "time in s"),
            Some(seconds @ 600.0..36_000.0) => (seconds / 60.0, "time in min"),
            Some(seconds) => (seconds / 3600.0, "time in h"),
        };
        Self { axis: Axis::tight([0.0, end].into_iter(), 6), unit }
    }
}

/// The rows of `[C, T]`; `None` for other shapes.
fn rows(values: &Array) -> Option<Vec<&[f32]>> {
    match *values.shape() {
        [channels, samples] if 0 < channels && 0 < samples => Some(values.data().chunks(samples).collect()),
        _ => None,
    }
}

fn channel(channels: &[String], i: usize) -> String {
    channels.get(i).cloned().unwrap_or_else(|| format!("channel {i}"))
}

fn shapeless(values: &Array) -> Markup {
    html! { p.empty { "Not drawn: expected a signal of shape [channels, samples], found " (format!("{:?}", values.shape())) "." } }
}

fn hidden(channels: usize) -> Markup {
    html! { @if SHOWN < channels { p.note { "Only the first " (SHOWN) " of " (channels) " channels are shown." } } }
}
