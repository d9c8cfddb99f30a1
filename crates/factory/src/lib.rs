//! Models by name and by config, over all architectures; links no libtorch.
//!
//! A [`Factory`] builds a graph from the text of a config, from a ready model's name ([`mod@models`]) or from
//! a family's preset. A family of your own is one implementation of [`layers::Architecture`]:
//!
//! ```
//! use factory::{Factory, Family};
//! use graph::{BuildError, FieldError, Graph, Shape};
//! use layers::{Architecture, classifier, fields};
//!
//! /// A linear classifier of the mean.
//! #[derive(serde::Serialize, serde::Deserialize)]
//! #[serde(deny_unknown_fields)]
//! struct Linear {
//!     classes: Option<usize>,
//!     dropout: f64,
//! }
//!
//! impl Architecture for Linear {
//!     const NAME: &'static str = "linear";
//!     const PRESETS: &'static [(&'static str, fn() -> Self)] = &[];
//!
//!     fn classes(&self) -> Option<usize> {
//!         self.classes
//!     }
//!
//!     fn validate(&self) -> Result<(), FieldError> {
//!         fields::probability("dropout", self.dropout)
//!     }
//!
//!     fn graph(&self, input: Shape) -> Result<Graph, BuildError> {
//!         Graph::build(|g| {
//!             let x = g.input("input", input)?;
//!             let y = classifier(g, "fc", x, self.classes, self.dropout)?;
//!             g.output("logits", y)
//!         })
//!     }
//! }
//!
//! let mut factory = Factory::builtin();
//! factory.register(Family::of::<Linear>());
//! let config = "
//!     name: x
//!     input: { channels: 6, length: 100 }
//!     classes: 4
//!     architecture: linear
//!     params: { dropout: 0.5 }
//! ";
//! let model = factory.build(config)?;
//! assert_eq!(model.graph.cost().unwrap().trainable, 28);
//!
//! let error = factory.build(&config.replace("0.5", "1.5")).unwrap_err();
//! assert_eq!(error.to_string(), "params.dropout: expected a probability in [0, 1), found 1.5");
//! # Ok::<(), factory::ConfigError>(())
//! ```

mod config;
mod decoder;
mod error;
mod family;
mod find;
mod full;
mod keys;
pub mod models;
mod name;
mod pattern;
mod read;
pub mod ready_data;
mod registry;
#[cfg(feature = "schema")]
mod schema;

pub use config::{Overrides, input_section};
pub use error::ConfigError;
pub use family::Family;
pub use find::{NameError, NamedModel};
pub use name::{LONGEST_NAME, check_name};
pub use read::{Document, Setting, with_settings};
pub use registry::{BuiltModel, Factory};
#[cfg(feature = "schema")]
pub use schema::{CONFIG_SCHEMAS, ConfigSchema, KeyOrder, family_key_orders};
