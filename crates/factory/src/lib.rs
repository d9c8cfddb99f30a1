//! Models by name and by config, over all architectures; links no libtorch.
//!
//! [`Factory`] builds a graph from a config file. [`mod@reference`] reads the models of other packages
//! in those packages' own terms.

mod builtin;
mod config;
mod convert;
mod dialect;
mod drawing;
mod error;
mod family;
pub mod models;
mod origin;
mod overrides;
pub mod reference;
mod registry;
mod renames;
mod summary;
mod table;
mod yaml;

pub use convert::{Converted, convert};
pub use dialect::{Dialect, RenamesOf};
pub use drawing::drawing;
pub use error::ConfigError;
pub use family::{Family, Preset};
pub use overrides::Overrides;
pub use registry::{Factory, Model};
pub use summary::{Layer, Port, Sight, Summary, Totals};
pub use table::{aligned, grouped};
