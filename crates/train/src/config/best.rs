//! The metric that selects the trained model.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A metric of the validation set that selects the trained model, and that `patience` watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BestMetric {
    /// The loss; smaller is better.
    Loss,
    /// The share of correct predictions.
    Accuracy,
    /// The mean of the classes' recall.
    BalancedAccuracy,
    /// Cohen's kappa: the accuracy beyond that of chance.
    Kappa,
    /// The mean of the classes' F1 scores, in which rare classes count as much as frequent ones.
    MacroF1,
    /// The mean of the classes' intersection over union.
    MeanIou,
    /// The F1 score over the decisions of all labels together.
    MicroF1,
    /// The share of examples of which every label is correct.
    ExactMatch,
    /// The share of wrong labels; smaller is better.
    HammingLoss,
    /// Mean absolute error; smaller is better.
    Mae,
    /// Mean squared error; smaller is better.
    Mse,
    /// Root of the mean squared error; smaller is better.
    Rmse,
    /// The coefficient of determination.
    R2,
    /// Improvement of the signal-to-noise ratio, in dB.
    GainDb,
}

impl BestMetric {
    /// All metrics.
    pub const ALL: [Self; 14] = [
        Self::Loss,
        Self::Accuracy,
        Self::BalancedAccuracy,
        Self::Kappa,
        Self::MacroF1,
        Self::MeanIou,
        Self::MicroF1,
        Self::ExactMatch,
        Self::HammingLoss,
        Self::Mae,
        Self::Mse,
        Self::Rmse,
        Self::R2,
        Self::GainDb,
    ];

    /// The name as configs and journals have it, such as `macro_f1`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Loss => "loss",
            Self::Accuracy => "accuracy",
            Self::BalancedAccuracy => "balanced_accuracy",
            Self::Kappa => "kappa",
            Self::MacroF1 => "macro_f1",
            Self::MeanIou => "mean_iou",
            Self::MicroF1 => "micro_f1",
            Self::ExactMatch => "exact_match",
            Self::HammingLoss => "hamming_loss",
            Self::Mae => "mae",
            Self::Mse => "mse",
            Self::Rmse => "rmse",
            Self::R2 => "r2",
            Self::GainDb => "gain_db",
        }
    }

    /// Whether smaller values are better.
    pub fn is_error(self) -> bool {
        match self {
            Self::Loss | Self::HammingLoss | Self::Mae | Self::Mse | Self::Rmse => true,
            Self::Accuracy
            | Self::BalancedAccuracy
            | Self::Kappa
            | Self::MacroF1
            | Self::MeanIou
            | Self::MicroF1
            | Self::ExactMatch
            | Self::R2
            | Self::GainDb => false,
        }
    }
}

impl fmt::Display for BestMetric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
