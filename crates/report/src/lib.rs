//! What a person sees of a training run.
//!
//! - [`Confusion`] and [`Errors`] count what a model got right and wrong; an [`Outcome`] is one of them.
//! - A [`Journal`] holds a run's numbers as one JSON object per line, [`Events`] the same for
//!   TensorBoard. Both are cut back when a run is resumed, so that they read as if it had never stopped.
//! - A [`Page`] shows all of it, with examples, on one page of HTML that is complete in itself.
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

mod error;
mod events;
mod file;
mod journal;
mod metrics;
mod page;

pub use error::ReportError;
pub use events::{Events, Scalar};
pub use file::replace;
pub use journal::{Entry, Journal};
pub use metrics::{Confusion, Errors, Outcome};
pub use page::{Answer, Chart, Example, Figure, Input, Page, Series, Table};
