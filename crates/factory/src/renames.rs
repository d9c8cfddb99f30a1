//! The dialects of each family's parameters. Without an entry a package has no such network; an empty
//! list says that its names are those used here.

use graph::{BuildError, Rename, Shape};
use layers::Origin;

use crate::Dialect;

type Renames = Option<Result<Vec<Rename>, BuildError>>;

fn as_here() -> Renames {
    Some(Ok(Vec::new()))
}

/// SleepKit's name of one of Ambiq's packages.
fn origin(dialect: Dialect) -> Option<Origin> {
    match dialect {
        Dialect::Keras => Some(Origin::HeliaEdge),
        Dialect::Sleepkit => Some(Origin::SleepKit),
        Dialect::Native | Dialect::Torchvision | Dialect::Timm | Dialect::Apple => None,
        Dialect::PytorchTcn | Dialect::KerasTcn => None,
    }
}

pub(crate) fn resnet(config: &resnet::Config, dialect: Dialect, input: &Shape) -> Renames {
    match dialect {
        Dialect::Torchvision | Dialect::Timm => as_here(),
        _ => Some(resnet::names::keras(config, input, origin(dialect)?)),
    }
}

pub(crate) fn efficientnetv2(config: &efficientnetv2::Config, dialect: Dialect, input: &Shape) -> Renames {
    match dialect {
        Dialect::Timm => as_here(),
        Dialect::Torchvision => Some(efficientnetv2::names::torchvision(config)),
        _ => Some(efficientnetv2::names::keras(config, input.rank(), origin(dialect)?)),
    }
}

pub(crate) fn mobileone(config: &mobileone::Config, dialect: Dialect, input: &Shape) -> Renames {
    match dialect {
        Dialect::Timm => as_here(),
        Dialect::Apple => Some(mobileone::names::apple(config)),
        _ => Some(mobileone::names::keras(config, input.rank(), origin(dialect)?)),
    }
}

pub(crate) fn tcn(config: &tcn::Config, dialect: Dialect, input: &Shape) -> Renames {
    match dialect {
        Dialect::PytorchTcn => as_here(),
        Dialect::KerasTcn => Some(tcn::names::keras_tcn(config, input.clone())),
        _ => Some(tcn::names::keras(config, origin(dialect)?, input.clone())),
    }
}

pub(crate) fn unet(config: &unet::Config, dialect: Dialect, input: &Shape) -> Renames {
    Some(unet::names::keras(config, input.rank(), origin(dialect)?))
}

pub(crate) fn unext(config: &unext::Config, dialect: Dialect, input: &Shape) -> Renames {
    match dialect {
        Dialect::Keras | Dialect::Sleepkit => Some(unext::names::keras(config, input.rank())),
        _ => None,
    }
}
