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
    let Example { title, input, prediction } = example;
    let small = matches!((input, prediction), (Input::Image { .. }, ExamplePrediction::Class { .. }));
    html! {
        figure class=(if small { "card example small" } else { "card example" }) {
            figcaption { (title) (prediction::verdict(prediction)) }
            @match (input, prediction) {
                (Input::Series { values, channels, sampling_rate }, ExamplePrediction::Class { classes, truth, probabilities }) => {
                    div.beside {
                        (signal::strips(values, channels, *sampling_rate, &html! {}))
                        (prediction::probabilities(classes, *truth, probabilities))
                    }
                }
                (Input::Series { values, channels, sampling_rate }, ExamplePrediction::Labels { classes, truth, predicted }) => {
                    (signal::strips(values, channels, *sampling_rate, &labels::bands(classes, truth.as_deref(), predicted)))
                    (labels::legend(classes, truth.as_deref(), predicted, |_| false))
                }
                (Input::Series { values, channels, sampling_rate }, ExamplePrediction::Values { truth, predicted }) => {
                    (signal::overlay(values, truth.as_ref(), predicted, channels, *sampling_rate))
                }
                (Input::Image { values }, ExamplePrediction::Class { classes, truth, probabilities }) => {
                    div.beside {
                        (picture::one(values, "the input image"))
                        (prediction::probabilities(classes, *truth, probabilities))
                    }
                }
                (Input::Image { values }, ExamplePrediction::Labels { classes, truth, predicted }) => {
                    (picture::masks(values, classes, truth.as_deref(), predicted))
                    (labels::legend(classes, truth.as_deref(), predicted, picture::is_clear))
                }
                (Input::Image { values }, ExamplePrediction::Values { truth, predicted }) => {
                    (picture::row(values, truth.as_ref(), predicted))
                }
            }
        }
    }
}
