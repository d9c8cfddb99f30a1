//! Predicted values against true ones.

use maud::{Markup, html};

use super::axis::Axis;
use super::chart::{grid, x_labels, y_labels};
use super::line;
use super::metric::ratio;
use crate::{Errors, OutputErrors};

/// Number of outputs that are drawn.
const SHOWN: usize = 12;

/// Renders a chart for each output.
pub(super) fn render(errors: &Errors) -> Markup {
    let drawn = || errors.outputs().iter().enumerate().filter(|(_, output)| 1 < output.count());
    html! {
        @if drawn().next().is_some() {
            div.squares {
                @for (i, output) in drawn().take(SHOWN) { (chart(errors.name(i).unwrap_or(""), output)) }
            }
            @if SHOWN < drawn().count() {
                p.note { "Only the first " (SHOWN) " of " (errors.outputs().len()) " outputs are drawn." }
            }
        }
    }
}

/// A dot for each pair of truth and prediction over the line on which both are equal.
fn chart(name: &str, output: &OutputErrors) -> Markup {
    let values = || output.pairs().iter().flat_map(|&(truth, predicted)| [truth, predicted]);
    let axis = Axis::round(values(), 5);
    let at = |&(truth, predicted): &(f64, f64)| Some((axis.at(truth)?, axis.at(predicted)?));
    let dots = line::every_dot(output.pairs().iter().map(at));
    let title = if name.is_empty() {
        "Predicted against true".to_owned()
    } else {
        format!("{name}: predicted against true")
    };
    let many = if 200 < output.pairs().len() { " many" } else { "" };
    html! {
        figure.card.chart {
            figcaption { (title) }
            div.legend {
                span.unit { "predicted" }
                @if let Some(r2) = output.r2() { span { "R² " b { (ratio(r2)) } } }
            }
            div.plot {
                (y_labels(&axis))
                div.area.square {
                    svg viewBox="0 0 1000 1000" preserveAspectRatio="none" role="img" aria-label={ (title) ", " (output.pairs().len()) " values" } {
                        (grid(&axis))
                        path class="line fine faint" d="M0 1000L1000 0" { title { "prediction equal to truth" } }
                        path class={ "line scatter s0" (many) } d=(dots) {}
                    }
                }
                (x_labels(&axis))
            }
            p.axis {
                "true"
                @if (output.pairs().len() as u64) < output.count() {
                    " (" (output.pairs().len()) " of " (output.count()) " values)"
                }
            }
        }
    }
}
