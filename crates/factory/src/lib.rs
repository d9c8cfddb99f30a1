//! Models by name and by config, over all architectures; links no libtorch.
//!
//! [`Factory`] builds a graph from a config file. The crate `dialects` knows the models of other packages.

mod builtin;
mod config;
mod drawing;
mod error;
mod family;
pub mod models;
mod overrides;
mod registry;
mod summary;
mod synonyms;
mod table;
mod yaml;

pub use drawing::drawing;
pub use error::ConfigError;
pub use family::{Family, Preset};
pub use overrides::Overrides;
pub use registry::{Factory, Model};
pub use summary::{Layer, Port, Sight, Summary, Totals};
pub use table::{aligned, grouped};
pub use yaml::Level;
