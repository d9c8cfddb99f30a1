//! A case: the arguments of a reference network, and the output that it computed.

use anyhow::{Result, ensure};
use serde::Deserialize;
use serde_json::Value as Json;

use super::fill::{Fill, FillRole};

/// The output of a reference network for known weights and a known input.
#[derive(Clone, Debug, Deserialize)]
pub struct Case {
    /// Name of the case.
    pub id: String,
    /// The reference, such as `torchvision`.
    pub system: String,
    /// The architecture, such as `resnet`.
    pub family: String,
    /// Arguments of the network, in the reference's own terms.
    pub spec: Json,
    /// Number of classes of the head. `None` if the network has no head.
    #[serde(default)]
    pub num_classes: Option<u64>,
    /// Scales of the weights.
    #[serde(default)]
    pub fill: Fill,
    /// Shape of the input, channels first, including the batch.
    pub input_shape: Vec<usize>,
    /// Shape of the output, likewise.
    pub output_shape: Vec<usize>,
    /// Number of trainable parameters.
    pub params: u64,
    /// Output of the reference.
    pub output: Expected,
    /// Largest permitted difference of the outputs.
    pub tolerance: Tolerance,
    /// Name and shape of every tensor, as the reference stores it.
    pub keys: Vec<(String, Vec<usize>)>,
    /// Role of each tensor.
    pub roles: Vec<FillRole>,
}

/// Values and statistics of the flattened output.
#[derive(Clone, Debug, Deserialize)]
pub struct Expected {
    /// The first 32 values, or all if there are fewer.
    pub first: Vec<f64>,
    /// 32 values spread evenly over an output of more than 32 values; otherwise empty.
    #[serde(default)]
    pub strided: Vec<f64>,
    /// Sum of all values, computed in f64.
    pub sum: f64,
    /// Root of the sum of squares, computed in f64.
    pub l2: f64,
    /// Largest absolute value.
    pub abs_max: f64,
}

/// Largest permitted difference of the outputs.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Tolerance {
    /// Tolerance of a single value.
    pub suggested_abs: f64,
}

impl Case {
    /// Reads a case.
    ///
    /// # Errors
    /// If the text is not valid JSON, a field is missing or has the wrong type, or fields contradict each
    /// other.
    pub fn parse(text: &str) -> Result<Self> {
        let case: Self = serde_json::from_str(text)?;
        let (keys, roles) = (case.keys.len(), case.roles.len());
        ensure!(keys == roles, "`roles`: expected {keys} roles, one for each of `keys`, found {roles}");
        let tolerance = case.tolerance.suggested_abs;
        ensure!(
            tolerance >= 0.0,
            "`tolerance.suggested_abs`: expected a non-negative number, found {tolerance}"
        );
        Ok(case)
    }

    /// The `spec` with `num_classes` added: some builders read the number of classes there, and the others
    /// ignore it.
    pub fn terms(&self) -> Json {
        let mut terms = self.spec.clone();
        if let (Some(classes), Some(terms)) = (self.num_classes, terms.as_object_mut()) {
            terms.entry("num_classes").or_insert_with(|| classes.into());
        }
        terms
    }

    /// Shape of the output, without the height of 1 of a reference that runs a series as an image.
    pub fn output_shape(&self) -> Vec<usize> {
        match (self.input_shape.as_slice(), self.output_shape.as_slice()) {
            ([_, _, _], &[batch, channels, 1, time]) => vec![batch, channels, time],
            (_, shape) => shape.to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn case(input: &[usize], output: &[usize], spec: &Json) -> Case {
        let text = json!({
            "id": "a", "system": "s", "family": "f", "spec": spec, "num_classes": 5, "params": 0,
            "input_shape": input, "output_shape": output, "keys": [], "roles": [],
            "output": { "first": [], "sum": 0, "l2": 0, "abs_max": 0 }, "tolerance": { "suggested_abs": 0 },
        });
        Case::parse(&text.to_string()).unwrap()
    }

    #[test]
    fn classes_are_added_to_the_terms() {
        let terms = |spec: Json| case(&[], &[], &spec).terms();
        assert_eq!(terms(json!({ "params": {} })), json!({ "params": {}, "num_classes": 5 }));
        assert_eq!(terms(json!({ "num_classes": 2 })), json!({ "num_classes": 2 }));
        assert_eq!(terms(json!("resnet18")), json!("resnet18"));
    }

    #[test]
    fn a_height_of_one_is_removed_for_series() {
        let shape = |input: &[usize], output: &[usize]| case(input, output, &json!({})).output_shape();
        assert_eq!(shape(&[1, 8, 70], &[1, 16, 1, 35]), [1, 16, 35]);
        assert_eq!(shape(&[1, 8, 70], &[1, 16, 2, 35]), [1, 16, 2, 35]);
        assert_eq!(shape(&[1, 3, 8, 8], &[1, 16, 1, 4]), [1, 16, 1, 4]);
    }
}
