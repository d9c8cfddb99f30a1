//! Settings of the learning rate's schedules.

use graph::FieldError;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use super::check;
use super::choice::{self, Choice, Settings};

/// The course of the learning rate after the warm-up.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename_all = "snake_case", transform = super::schema::choice)
)]
pub enum ScheduleConfig {
    /// The same rate in every step.
    Constant,
    /// A rate that is multiplied by a factor every few epochs.
    Step(StepDecay),
    /// Half a cosine down to 0 (Loshchilov and Hutter 2017, arXiv 1608.03983).
    #[default]
    Cosine,
    /// Up from a 25th in 30 % of the steps, then down to almost nothing, along half cosines (Smith and
    /// Topin 2018, arXiv 1708.07120, with torch's numbers).
    OneCycle,
}

/// Settings of the step schedule.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct StepDecay {
    /// Epochs between two changes of the rate.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = check::MOST)))]
    pub epochs: usize,
    /// Factor of each change.
    #[cfg_attr(feature = "schema", schemars(range(min = 0.0)))]
    pub factor: f64,
}

impl Default for StepDecay {
    fn default() -> Self {
        Self { epochs: 30, factor: 0.1 }
    }
}

impl ScheduleConfig {
    /// Whether the learning rate of a step depends on the total number of epochs.
    pub fn depends_on_epochs(&self) -> bool {
        match self {
            Self::Constant | Self::Step(_) => false,
            Self::Cosine | Self::OneCycle => true,
        }
    }

    pub(super) fn validate(&self) -> Result<(), FieldError> {
        match self {
            Self::Step(step) => {
                check::count("step.epochs", step.epochs)?;
                check::non_negative("step.factor", step.factor)
            }
            Self::Constant | Self::Cosine | Self::OneCycle => Ok(()),
        }
    }
}

impl Choice for ScheduleConfig {
    const NOUN: &'static str = "a schedule";

    fn read<'de, S: Settings<'de>>(name: &str, settings: S) -> Result<Self, S::Error> {
        match name {
            "constant" => settings.none().map(|()| Self::Constant),
            "step" => settings.read().map(Self::Step),
            "cosine" => settings.none().map(|()| Self::Cosine),
            "one_cycle" => settings.none().map(|()| Self::OneCycle),
            _ => Err(S::Error::unknown_variant(name, &["constant", "step", "cosine", "one_cycle"])),
        }
    }
}

impl<'de> Deserialize<'de> for ScheduleConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        choice::deserialize(deserializer)
    }
}

impl Serialize for ScheduleConfig {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Constant => serializer.serialize_str("constant"),
            Self::Step(step) => choice::serialize(serializer, "step", step),
            Self::Cosine => serializer.serialize_str("cosine"),
            Self::OneCycle => serializer.serialize_str("one_cycle"),
        }
    }
}
