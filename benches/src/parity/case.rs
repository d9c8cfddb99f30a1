//! One case: what a reference was built from, and what it computed.

use anyhow::{Result, ensure};
use serde::Deserialize;

use super::fill::{Fill, Role};

/// What a reference computed for known weights and a known input.
#[derive(Clone, Debug, Deserialize)]
pub struct Case {
    /// Name of the case.
    pub id: String,
    /// The reference, such as `torchvision`.
    pub system: String,
    /// The architecture, such as `resnet`.
    pub family: String,
    /// What was built, in the reference's own terms.
    pub spec: serde_json::Value,
    /// Scales of the weights.
    #[serde(default)]
    pub fill: Fill,
    /// Shape of the input, channels first, the batch included.
    pub input_shape: Vec<usize>,
    /// Shape of the output likewise.
    pub output_shape: Vec<usize>,
    /// Trainable elements.
    pub params: u64,
    /// What came out.
    pub output: Expected,
    /// How far outputs may be apart.
    pub tolerance: Tolerance,
    /// Name and shape of every tensor, as the reference stores it.
    pub keys: Vec<(String, Vec<usize>)>,
    /// The role of each of them.
    pub roles: Vec<Role>,
}

/// Figures of the flattened output.
#[derive(Clone, Debug, Deserialize)]
pub struct Expected {
    /// The first values, at most 32.
    pub first: Vec<f64>,
    /// Where there are more than 32: as many, evenly spread.
    #[serde(default)]
    pub strided: Vec<f64>,
    /// Sum of all values, in f64.
    pub sum: f64,
    /// Root of the sum of squares, in f64.
    pub l2: f64,
    /// The largest absolute value.
    pub abs_max: f64,
}

/// How far outputs may be apart.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Tolerance {
    /// For one value.
    pub suggested_abs: f64,
}

impl Case {
    /// Reads a case.
    ///
    /// # Errors
    /// Text that is not JSON, a field that is missing or of the wrong type, fields that contradict
    /// each other.
    pub fn parse(text: &str) -> Result<Self> {
        let case: Self = serde_json::from_str(text)?;
        let (keys, roles) = (case.keys.len(), case.roles.len());
        ensure!(keys == roles, "{roles} `roles` for {keys} `keys`");
        let tolerance = case.tolerance.suggested_abs;
        ensure!(tolerance >= 0.0, "`suggested_abs` is {tolerance}, a number of at least 0 is needed");
        Ok(case)
    }
}
