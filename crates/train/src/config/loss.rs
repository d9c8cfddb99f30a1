//! Settings of the losses.

use graph::FieldError;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use super::check;
use super::choice::{self, Choice, Settings};

/// The quantity that training minimizes.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename_all = "snake_case", transform = super::schema::choice)
)]
pub enum LossConfig {
    /// Cross-entropy of the softmax over classes.
    CrossEntropy(Smoothing),
    /// Cross-entropy of each class's sigmoid; a single output stands for the second of two classes.
    Binary(Smoothing),
    /// Cross-entropy in which easy examples count less (Lin et al. 2017, arXiv 1708.02002).
    Focal(Focal),
    /// One minus the mean of the classes' Dice coefficients (Milletari et al. 2016, arXiv 1606.04797).
    Dice,
    /// Mean squared error.
    Mse,
    /// Mean absolute error.
    Mae,
}

/// Settings of the cross-entropies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Smoothing {
    /// Share of each target that is spread over all classes (Szegedy et al. 2016, arXiv 1512.00567).
    #[cfg_attr(feature = "schema", schemars(extend("minimum" = 0, "exclusiveMaximum" = 1)))]
    pub label_smoothing: f64,
}

/// Settings of the focal loss.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Focal {
    /// The exponent γ: with a larger one, easy examples count less.
    #[cfg_attr(feature = "schema", schemars(range(min = 0.0)))]
    pub gamma: f64,
}

impl Default for Focal {
    fn default() -> Self {
        Self { gamma: 2.0 }
    }
}

impl LossConfig {
    /// The name as configs have it, such as `cross_entropy`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::CrossEntropy(_) => "cross_entropy",
            Self::Binary(_) => "binary",
            Self::Focal(_) => "focal",
            Self::Dice => "dice",
            Self::Mse => "mse",
            Self::Mae => "mae",
        }
    }

    /// Whether it compares outputs with classes, rather than with values.
    pub fn takes_classes(&self) -> bool {
        match self {
            Self::CrossEntropy(_) | Self::Binary(_) | Self::Focal(_) | Self::Dice => true,
            Self::Mse | Self::Mae => false,
        }
    }

    pub(super) fn validate(&self) -> Result<(), FieldError> {
        let checked = match self {
            Self::CrossEntropy(settings) | Self::Binary(settings) => {
                check::share("label_smoothing", settings.label_smoothing)
            }
            Self::Focal(focal) => check::non_negative("gamma", focal.gamma),
            Self::Dice | Self::Mse | Self::Mae => Ok(()),
        };
        checked.map_err(|error| error.within(self.name()))
    }
}

impl Choice for LossConfig {
    const NOUN: &'static str = "a loss";

    fn read<'de, S: Settings<'de>>(name: &str, settings: S) -> Result<Self, S::Error> {
        match name {
            "cross_entropy" => settings.read().map(Self::CrossEntropy),
            "binary" => settings.read().map(Self::Binary),
            "focal" => settings.read().map(Self::Focal),
            "dice" => settings.none().map(|()| Self::Dice),
            "mse" => settings.none().map(|()| Self::Mse),
            "mae" => settings.none().map(|()| Self::Mae),
            _ => {
                let names = &["cross_entropy", "binary", "focal", "dice", "mse", "mae"];
                Err(S::Error::unknown_variant(name, names))
            }
        }
    }
}

impl<'de> Deserialize<'de> for LossConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        choice::deserialize(deserializer)
    }
}

impl Serialize for LossConfig {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::CrossEntropy(settings) | Self::Binary(settings) => {
                choice::serialize(serializer, self.name(), settings)
            }
            Self::Focal(focal) => choice::serialize(serializer, self.name(), focal),
            Self::Dice | Self::Mse | Self::Mae => serializer.serialize_str(self.name()),
        }
    }
}
