//! Single predictions beside their inputs.

use graph::Array;
use maud::{Markup, html};

use super::prediction::ExamplePrediction;
use super::{labels, picture, prediction, signal};

/// An input with its prediction.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// The title, such as `test window 12`.
    pub title: String,
    /// Why this example is shown, such as `worst of 120, loss 3.1`; may be empty.
    pub note: String,
    /// The input of the model.
    pub input: Input,
    /// The prediction and the truth.
    pub prediction: ExamplePrediction,
}

/// The input of a model.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// Signals over time.
    Series {
        /// `[C, T]`.
        values: Array,
        /// Names of the channels, with their units; a channel without a name gets its index.
        channels: Vec<String>,
        /// Samples per second; if `None`, time is counted in samples.
        sampling_rate: Option<f64>,
    },
    /// An image.
    Image {
        /// `[1, H, W]` (gray) or `[3, H, W]` (red, green, blue), from 0 to 1. If there are values outside
        /// this range, all are scaled into it.
        values: Array,
    },
}

/// Renders an example as a card.
pub(super) fn render(example: &Example) -> Markup {
    let is_small = matches!(example.input, Input::Image { .. }) && beside(&example.prediction).is_some();
    html! {
        figure class=(if is_small { "card example small" } else { "card example" }) {
            figcaption { (example.title) (prediction::verdict(&example.prediction)) }
            @if !example.note.is_empty() { p.note.under-title { (example.note) } }
            (drawing(&example.input, &example.prediction))
        }
    }
}

/// Renders the input with the prediction.
fn drawing(input: &Input, prediction: &ExamplePrediction) -> Markup {
    if let Some(beside) = beside(prediction) {
        let input = match input {
            Input::Series { values, channels, sampling_rate } => {
                signal::strips(values, channels, *sampling_rate, &html! {})
            }
            Input::Image { values } => picture::one(values, "the input image"),
        };
        return html! { div.beside { (input) (beside) } };
    }
    match (input, prediction) {
        (
            Input::Series { values, channels, sampling_rate },
            ExamplePrediction::Labels { classes, truth, predicted },
        ) => html! {
            (signal::strips(values, channels, *sampling_rate, &labels::bands(classes, truth.as_deref(), predicted)))
            (labels::legend(classes, truth.as_deref(), predicted, |_| false))
        },
        (
            Input::Series { values, channels, sampling_rate },
            ExamplePrediction::Values { truth, predicted },
        ) => signal::overlay(values, truth.as_ref(), predicted, channels, *sampling_rate),
        (Input::Image { values }, ExamplePrediction::Labels { classes, truth, predicted }) => html! {
            (picture::masks(values, classes, truth.as_deref(), predicted))
            (labels::legend(classes, truth.as_deref(), predicted, picture::is_clear))
        },
        (Input::Image { values }, ExamplePrediction::Values { truth, predicted }) => {
            picture::row(values, truth.as_ref(), predicted)
        }
        // Drawn above.
        (
            _,
            ExamplePrediction::Class { .. }
            | ExamplePrediction::Tags { .. }
            | ExamplePrediction::Numbers { .. },
        ) => html! {},
    }
}

/// Renders a prediction for the whole input; `None` for predictions that are drawn over it.
fn beside(prediction: &ExamplePrediction) -> Option<Markup> {
    match prediction {
        ExamplePrediction::Class { classes, truth, probabilities } => {
            Some(prediction::probabilities(classes, *truth, probabilities))
        }
        ExamplePrediction::Tags { labels, truth, probabilities } => {
            Some(prediction::tags(labels, truth.as_deref(), probabilities))
        }
        ExamplePrediction::Numbers { outputs, truth, predicted } => {
            Some(prediction::numbers(outputs, truth.as_deref(), predicted))
        }
        ExamplePrediction::Labels { .. } | ExamplePrediction::Values { .. } => None,
    }
}
