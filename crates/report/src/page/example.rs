//! Single predictions beside what they were made from.

use graph::Array;
use maud::{Markup, html};

use super::{answer, labels, picture, signal};

/// One prediction and what it was made from.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// Which one it is: `test window 12`.
    pub title: String,
    /// What the model saw.
    pub input: Input,
    /// What it said, and what was right.
    pub answer: Answer,
}

/// What a model saw.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// Signals over time.
    Series {
        /// `[C, T]`.
        values: Array,
        /// Names of the channels, with their units; one that is missing has its number.
        channels: Vec<String>,
        /// Samples in a second; `None` where time is counted in samples.
        rate: Option<f64>,
    },
    /// A picture.
    Picture {
        /// `[1, H, W]` (grey) or `[3, H, W]` (red, green, blue), from 0 to 1. Values outside are brought
        /// into that range, all by the same factor.
        values: Array,
    },
}

/// What a model said, and what was right.
///
/// Classes are indices into `classes`; one without a name has its number.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// One class for all of the input.
    Class {
        /// Their names.
        classes: Vec<String>,
        /// The right one, where it is known.
        truth: Option<usize>,
        /// One for each class.
        probabilities: Vec<f32>,
    },
    /// A class for each sample, pixel (row by row) or stretch of equal length. A class called
    /// `background` leaves a picture as it is.
    Labels {
        /// Their names.
        classes: Vec<String>,
        /// The right ones, where they are known.
        truth: Option<Vec<usize>>,
        /// Those the model said.
        predicted: Vec<usize>,
    },
    /// Values of the input's shape: the same without noise.
    Values {
        /// The right ones, where they are known.
        truth: Option<Array>,
        /// Those the model said.
        predicted: Array,
    },
}

/// The example on a card.
pub(super) fn render(example: &Example) -> Markup {
    let Example { title, input, answer } = example;
    let small = matches!((input, answer), (Input::Picture { .. }, Answer::Class { .. }));
    html! {
        figure class=(if small { "card example small" } else { "card example" }) {
            figcaption { (title) (answer::verdict(answer)) }
            @match (input, answer) {
                (Input::Series { values, channels, rate }, Answer::Class { classes, truth, probabilities }) => {
                    div.beside {
                        (signal::strips(values, channels, *rate, &html! {}))
                        (answer::probabilities(classes, *truth, probabilities))
                    }
                }
                (Input::Series { values, channels, rate }, Answer::Labels { classes, truth, predicted }) => {
                    (signal::strips(values, channels, *rate, &labels::bands(classes, truth.as_deref(), predicted)))
                    (labels::legend(classes, truth.as_deref(), predicted, |_| false))
                }
                (Input::Series { values, channels, rate }, Answer::Values { truth, predicted }) => {
                    (signal::overlay(values, truth.as_ref(), predicted, channels, *rate))
                }
                (Input::Picture { values }, Answer::Class { classes, truth, probabilities }) => {
                    div.beside {
                        (picture::one(values, "the picture"))
                        (answer::probabilities(classes, *truth, probabilities))
                    }
                }
                (Input::Picture { values }, Answer::Labels { classes, truth, predicted }) => {
                    (picture::masks(values, classes, truth.as_deref(), predicted))
                    (labels::legend(classes, truth.as_deref(), predicted, picture::is_clear))
                }
                (Input::Picture { values }, Answer::Values { truth, predicted }) => {
                    (picture::row(values, truth.as_ref(), predicted))
                }
            }
        }
    }
}
