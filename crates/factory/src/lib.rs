//! Models by name and by config, over all architectures; links no libtorch.
//!
//! [`Factory`] builds a graph from a config file. [`mod@reference`] reads the models of other packages
//! in those packages' own terms.

mod builtin;
mod config;
mod dialect;
mod error;
mod family;
pub mod models;
mod origin;
mod overrides;
pub mod reference;
mod registry;
mod renames;
mod yaml;

pub use dialect::{Dialect, RenamesOf};
pub use error::ConfigError;
pub use family::{Family, Preset};
pub use overrides::Overrides;
pub use registry::{Factory, Model};
