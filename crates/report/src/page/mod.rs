//! A run on one page of HTML, complete in itself.

mod answer;
mod axis;
mod chart;
mod colour;
mod example;
mod hover;
mod labels;
mod layout;
mod line;
mod matrix;
mod number;
mod picture;
mod results;
mod signal;
mod table;

use std::path::Path;

pub use chart::{Chart, Series};
pub use example::{Answer, Example, Input};
pub use table::Table;

use crate::{Outcome, ReportError, file};

/// What a page tells of a run. What is empty is left out, or said to be missing where a reader looks for it.
///
/// Texts are shown as they are, whatever stands in them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// The run's name.
    pub title: String,
    /// One sentence below it: model, data, length of the run.
    pub summary: String,
    /// The few numbers that matter.
    pub figures: Vec<Figure>,
    /// Losses, metrics, the learning rate.
    pub curves: Vec<Chart>,
    /// What the evaluation found.
    pub outcome: Option<Outcome>,
    /// The run beside others: merged, without training, a baseline.
    pub comparisons: Vec<Table>,
    /// Single predictions.
    pub examples: Vec<Example>,
    /// The model, a row per part.
    pub model: Table,
    /// What to type to have the same run again.
    pub command: String,
    /// The run's config, as YAML.
    pub config: String,
}

/// A number that matters, at the top of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figure {
    /// What it is.
    pub name: String,
    /// The number, with its unit.
    pub value: String,
    /// What to know about it, in few words; may be empty.
    pub note: String,
}

impl Page {
    /// The page: one document that refers to nothing outside itself and has the same bytes each time.
    pub fn html(&self) -> String {
        layout::document(self).into_string()
    }

    /// Writes the page, whole or not at all.
    ///
    /// # Errors
    /// Names the file.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), ReportError> {
        file::replace(path.as_ref(), self.html().as_bytes())
    }
}
