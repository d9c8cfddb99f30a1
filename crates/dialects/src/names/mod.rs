//! The names of the parameters of each family's networks in other packages.

mod efficientnetv2;
mod mobileone;
mod resnet;
mod tcn;
mod unet;
mod unext;

use std::any::Any;

use factory::{BuiltModel, ConfigError};
use graph::{BuildError, Shape};

use crate::{Dialect, ForeignNames, Rename};

/// The message of an error about a node that the package does not have.
const NO_COUNTERPART: &str = "no counterpart in this package";

/// Names of the parameters of a config's network in other packages.
///
/// ```
/// use dialects::{Dialect, Names};
/// let renames = tcn::Config::mb().renames(&[1, 800].into(), Dialect::HeliaEdge);
/// let renames = renames.expect("helia-edge has TCNs")?;
/// assert_eq!(renames[0].theirs, "ENC_CN/kernel");
/// assert_eq!(renames[0].ours, "encoder.conv.weight");
/// # Ok::<(), graph::BuildError>(())
/// ```
pub trait Names {
    /// The names and layouts in `dialect` of the parameters of the network for `input`. `None` if the
    /// package has no such family; an empty list if its names are the ones used here.
    fn renames(&self, input: &Shape, dialect: Dialect) -> Option<Result<Vec<Rename>, BuildError>>;

    /// The name of the family.
    fn architecture(&self) -> &str;
}

impl Names for BuiltModel {
    fn renames(&self, _: &Shape, dialect: Dialect) -> Option<Result<Vec<Rename>, BuildError>> {
        let config = self.config.as_deref()?;
        if let Some(foreign) = config.downcast_ref::<ForeignNames>() {
            return if foreign.dialect == dialect { Some(Ok(foreign.renames.clone())) } else { None };
        }
        names(config)?.renames(&self.input, dialect)
    }

    fn architecture(&self) -> &str {
        &self.architecture
    }
}

/// The names and layouts in `dialect` of a model's parameters; an empty list if they are the ones used here.
///
/// # Errors
/// A layer or a model that the package does not have.
pub fn renames(model: &BuiltModel, dialect: Dialect) -> Result<Vec<Rename>, ConfigError> {
    checked_renames(model, &model.input, dialect)
}

/// As [`renames`], of any model.
pub(crate) fn checked_renames(
    model: &(impl Names + ?Sized),
    input: &Shape,
    dialect: Dialect,
) -> Result<Vec<Rename>, ConfigError> {
    let lookup = |dialect| {
        if dialect == Dialect::Native { Some(Ok(Vec::new())) } else { model.renames(input, dialect) }
    };
    match lookup(dialect) {
        Some(Ok(renames)) => Ok(renames),
        Some(Err(error)) => {
            let message = if error.message() == NO_COUNTERPART {
                format!("`{dialect}` has no counterpart for `{}`", error.node())
            } else {
                format!("`{dialect}` has no counterpart for this {}: {error}", model.architecture())
            };
            Err(ConfigError::new("", message))
        }
        None => {
            let known = Dialect::ALL.into_iter().filter(|dialect| lookup(*dialect).is_some());
            let known: Vec<&str> = known.map(Dialect::name).collect();
            let (known, architecture) = (known.join(", "), model.architecture());
            let message = format!("`{dialect}` has no {architecture}; expected one of {known}");
            Err(ConfigError::new("", message))
        }
    }
}

/// The config of a family of this project.
fn names(config: &(dyn Any + Send + Sync)) -> Option<&dyn Names> {
    fn of<C: Names + 'static>(config: &(dyn Any + Send + Sync)) -> Option<&dyn Names> {
        let config: &C = config.downcast_ref()?;
        Some(config)
    }
    of::<::efficientnetv2::Config>(config)
        .or_else(|| of::<::mobileone::Config>(config))
        .or_else(|| of::<::resnet::Config>(config))
        .or_else(|| of::<::tcn::Config>(config))
        .or_else(|| of::<::unet::Config>(config))
        .or_else(|| of::<::unext::Config>(config))
}
