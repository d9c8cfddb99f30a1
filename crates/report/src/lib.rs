//! Summaries and drawings of models, and the metrics, journal and report of a run.
//!
//! - A [`Summary`] lists what the layers of a graph compute and cost; a [`drawing()`] shows them as SVG.
//! - [`Confusion`], [`LabelCounts`] and [`Errors`] evaluate predictions; an [`Outcome`] is one of them. [`Details`] holds
//!   what an evaluation collects in addition: [`Scores`] for curves over the threshold, groups, baselines and losses.
//! - A [`Journal`] records the metrics of a run as one JSON object per line, and [`Events`] records them for
//!   TensorBoard. Both are truncated when a run is resumed, so that they look as if it had never stopped.
//! - A [`Page`] shows the result of a run, with examples, as a self-contained HTML page; a [`RunsPage`] shows the folds
//!   of a cross-validation, or runs side by side.
//!
//! ```
//! use report::{Confusion, Journal, Outcome};
//! let mut confusion = Confusion::new(["rest", "walk"].map(String::from).to_vec());
//! for (truth, predicted) in [(0, 0), (0, 1), (1, 1), (1, 1)] {
//!     confusion.add(truth, predicted);
//! }
//! assert_eq!(confusion.accuracy(), 0.75);
//!
//! let folder = tempfile::tempdir()?;
//! let mut journal = Journal::open(folder.path(), 0)?;
//! journal.write(100, Outcome::Classes(confusion).summary())?;
//! assert_eq!(Journal::entries(folder.path())?[0].values["accuracy"], 0.75);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod drawing;
mod error;
mod events;
mod file;
mod journal;
mod metrics;
mod page;
mod summary;

pub use drawing::drawing;
pub use error::ReportError;
pub use events::{Events, Scalar};
pub use journal::{Entry, Journal};
pub use metrics::{Baseline, Confusion, Details, Errors, LabelCounts, Outcome, OutputErrors, Scores, Spread};
pub use page::{Chart, Example, ExamplePrediction, Figure, Input, Page, RunResult, RunsPage, Series, Table};
pub use summary::{FieldOfView, Layer, Port, Summary, Totals};
