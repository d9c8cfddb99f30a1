//! Models by name and by config, over all architectures; links no libtorch.
//!
//! [`Factory`] builds a graph from a config file. The crate `dialects` knows the models of other packages.

mod builtin;
mod config;
mod error;
mod family;
pub mod models;
mod overrides;
mod registry;
mod synonyms;
mod yaml;

pub use error::ConfigError;
pub use family::{Family, Preset};
pub use overrides::Overrides;
pub use registry::{Factory, Model};
pub use yaml::Level;
