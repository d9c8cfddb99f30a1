//! The tasks that models are trained for.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The task that a model is trained for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// One class for each example.
    Classification,
    /// Any number of classes for each example.
    MultiLabel,
    /// A class for each sample of a series or pixel of an image.
    Segmentation,
    /// One or more numbers for each example, or a signal.
    Regression,
    /// The clean version of a noisy signal.
    Denoising,
}

impl Task {
    /// The name as it is written in configs, such as `classification`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Classification => "classification",
            Self::MultiLabel => "multi_label",
            Self::Segmentation => "segmentation",
            Self::Regression => "regression",
            Self::Denoising => "denoising",
        }
    }

    /// Returns whether the outputs are classes, rather than values.
    pub fn has_classes(self) -> bool {
        match self {
            Self::Classification | Self::MultiLabel | Self::Segmentation => true,
            Self::Regression | Self::Denoising => false,
        }
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
