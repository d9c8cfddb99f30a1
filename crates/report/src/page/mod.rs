//! The report of a run as a self-contained HTML page.

mod axes;
mod axis;
mod by_class;
mod by_group;
mod by_label;
mod by_output;
mod chart;
mod color;
mod curves;
mod example;
mod hover;
mod labels;
mod layout;
mod line;
mod matrix;
mod metric;
mod mistakes;
mod number;
mod picture;
mod prediction;
mod results;
mod runs;
mod runs_table;
mod scatter;
mod signal;
mod table;
mod threshold;

use std::path::Path;

pub use curves::{Chart, Series};
pub use example::{Example, Input};
pub use prediction::ExamplePrediction;
pub use runs::{RunResult, RunsPage};
pub use table::Table;

use graph::visible;

use crate::{Details, Outcome, ReportError, file};

/// The content of a page. Empty parts are omitted, or reported as missing if a reader looks for them.
///
/// All strings are escaped; control characters and bidirectional formatting characters are shown as `\u{202e}`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// The name of the run.
    pub title: String,
    /// A sentence below the title: model, data, length of the run.
    pub summary: String,
    /// The key figures.
    pub figures: Vec<Figure>,
    /// Losses, metrics and the learning rate.
    pub curves: Vec<Chart>,
    /// The result of the evaluation.
    pub outcome: Option<Outcome>,
    /// The data of the evaluation, such as `test data`; may be empty.
    pub evaluated: String,
    /// Details of the evaluation.
    pub details: Details,
    /// Comparisons of the run: merged, without training, with a baseline.
    pub comparisons: Vec<Table>,
    /// Single predictions.
    pub examples: Vec<Example>,
    /// The data: one line for each split.
    pub data: Vec<String>,
    /// Conclusions about the files of the data, one sentence each.
    pub notes: Vec<String>,
    /// The model, one row per part.
    pub model: Table,
    /// The command that repeats the run.
    pub command: String,
    /// The config of the run, as YAML.
    pub config: String,
}

/// A key figure at the top of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figure {
    /// The name.
    pub name: String,
    /// The number, with its unit.
    pub value: String,
    /// A short note; may be empty.
    pub note: String,
}

impl Page {
    /// The page as a document that refers to nothing outside itself. Equal pages give equal bytes.
    pub fn html(&self) -> String {
        // The text of the page itself has no hidden characters.
        visible(&layout::document(self).into_string())
    }

    /// Writes the page.
    ///
    /// # Errors
    /// Names the file.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), ReportError> {
        file::write(path.as_ref(), self.html().as_bytes())
    }
}
