//! Settings of the optimizers.

use graph::FieldError;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use super::check;
use super::choice::{self, Choice, Settings};

/// The optimizer and its settings.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename_all = "snake_case", transform = super::schema::choice)
)]
pub enum OptimizerConfig {
    /// Adam with decoupled weight decay (Loshchilov and Hutter 2019, arXiv 1711.05101).
    #[cfg_attr(feature = "schema", schemars(rename = "adamw"))]
    AdamW(AdamW),
    /// Gradient descent with momentum, as torch's SGD.
    Sgd(Sgd),
}

/// Settings of AdamW.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct AdamW {
    /// Decay per step of the averages of the gradient and of its square.
    #[cfg_attr(feature = "schema", schemars(extend("items" = { "type": "number", "minimum": 0, "exclusiveMaximum": 1 })))]
    pub betas: [f64; 2],
    /// Added to the denominator.
    #[cfg_attr(feature = "schema", schemars(extend("exclusiveMinimum" = 0)))]
    pub eps: f64,
}

/// Settings of SGD.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Sgd {
    /// Share of the previous step's direction that is kept.
    #[cfg_attr(feature = "schema", schemars(extend("minimum" = 0, "exclusiveMaximum" = 1)))]
    pub momentum: f64,
    /// Whether the momentum is Nesterov's.
    pub nesterov: bool,
}

impl Default for OptimizerConfig {
    fn default() -> Self {
        Self::AdamW(AdamW::default())
    }
}

impl Default for AdamW {
    fn default() -> Self {
        Self { betas: [0.9, 0.999], eps: 1e-8 }
    }
}

impl Default for Sgd {
    fn default() -> Self {
        Self { momentum: 0.9, nesterov: false }
    }
}

impl OptimizerConfig {
    pub(super) fn validate(&self) -> Result<(), FieldError> {
        match self {
            Self::AdamW(adamw) => adamw.validate().map_err(|error| error.within("adamw")),
            Self::Sgd(sgd) => sgd.validate().map_err(|error| error.within("sgd")),
        }
    }
}

impl AdamW {
    fn validate(&self) -> Result<(), FieldError> {
        for (index, beta) in self.betas.into_iter().enumerate() {
            check::share("", beta).map_err(|error| error.at_index(index).within("betas"))?;
        }
        check::positive("eps", self.eps)
    }
}

impl Sgd {
    fn validate(&self) -> Result<(), FieldError> {
        check::share("momentum", self.momentum)?;
        if self.nesterov && self.momentum == 0.0 {
            return Err(FieldError::expected("momentum", "a positive number, for `nesterov` is true", 0));
        }
        Ok(())
    }
}

impl Choice for OptimizerConfig {
    const NOUN: &'static str = "an optimizer";

    fn read<'de, S: Settings<'de>>(name: &str, settings: S) -> Result<Self, S::Error> {
        match name {
            "adamw" => settings.read().map(Self::AdamW),
            "sgd" => settings.read().map(Self::Sgd),
            _ => Err(S::Error::unknown_variant(name, &["adamw", "sgd"])),
        }
    }
}

impl<'de> Deserialize<'de> for OptimizerConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        choice::deserialize(deserializer)
    }
}

impl Serialize for OptimizerConfig {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::AdamW(adamw) => choice::serialize(serializer, "adamw", adamw),
            Self::Sgd(sgd) => choice::serialize(serializer, "sgd", sgd),
        }
    }
}
