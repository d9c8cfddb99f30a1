//! Names of other packages for the parameters of each family's networks.

#![allow(clippy::too_many_lines, reason = "tables of cases")]
#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

mod efficientnetv2;
mod mobileone;
mod resnet;
mod tcn;
mod unet;
mod unext;

use dialects::{Dialect, Names, Rename};
use graph::{BuildError, Shape};

fn names(config: &impl Names, input: impl Into<Shape>, dialect: Dialect) -> Result<Vec<Rename>, BuildError> {
    config.renames(&input.into(), dialect).expect("the package has this family")
}
