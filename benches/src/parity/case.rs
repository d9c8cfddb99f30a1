//! One case: what a reference was built from, and what it computed.

use anyhow::{Result, ensure};
use serde::Deserialize;
use serde_json::Value as Json;

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
    pub spec: Json,
    /// Classes of the head, where there is one.
    #[serde(default)]
    pub num_classes: Option<u64>,
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

    /// What the reference was built from, with the classes beside it: some builders take them there,
    /// and the others leave them unread.
    pub fn terms(&self) -> Json {
        let mut terms = self.spec.clone();
        if let (Some(classes), Some(terms)) = (self.num_classes, terms.as_object_mut()) {
            terms.entry("num_classes").or_insert_with(|| classes.into());
        }
        terms
    }

    /// The output's shape without the height of 1 that a reference leaves where it runs a series as
    /// an image.
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
    fn classes_stand_beside_the_terms() {
        let terms = |spec: Json| case(&[], &[], &spec).terms();
        assert_eq!(terms(json!({ "params": {} })), json!({ "params": {}, "num_classes": 5 }));
        assert_eq!(terms(json!({ "num_classes": 2 })), json!({ "num_classes": 2 }));
        assert_eq!(terms(json!("resnet18")), json!("resnet18"));
    }

    #[test]
    fn a_height_of_one_is_left_out_for_series() {
        let shape = |input: &[usize], output: &[usize]| case(input, output, &json!({})).output_shape();
        assert_eq!(shape(&[1, 8, 70], &[1, 16, 1, 35]), [1, 16, 35]);
        assert_eq!(shape(&[1, 8, 70], &[1, 16, 2, 35]), [1, 16, 2, 35]);
        assert_eq!(shape(&[1, 3, 8, 8], &[1, 16, 1, 4]), [1, 16, 1, 4]);
    }
}
