//! Models by name and by config, over all architectures; links no libtorch.
//!
//! [`Factory`] builds a graph from a config file. [`mod@reference`] reads the models of other packages
//! in those packages' own terms.

mod builtin;
mod config;
mod error;
mod family;
pub mod models;
pub mod reference;
mod registry;
mod yaml;

pub use error::ConfigError;
pub use family::{Family, Preset};
pub use registry::{Factory, Model};
