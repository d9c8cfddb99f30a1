//! Numbers as text.

use graph::single;
use serde::{Serialize, Serializer};

/// A value of a prediction, written with as many digits as determine it: those of an f32, if it is one.
pub(super) struct Number(pub(super) f64);

impl Number {
    /// Returns the value as an f32, if it is one.
    fn as_single(&self) -> Option<f32> {
        let value = single(self.0);
        if f64::from(value).to_bits() == self.0.to_bits() { Some(value) } else { None }
    }

    /// Returns the number as text. Small and large numbers have an exponent.
    pub(super) fn text(&self) -> String {
        let magnitude = self.0.abs();
        let has_exponent = magnitude > 0.0 && !(1e-5..1e15).contains(&magnitude);
        match self.as_single() {
            Some(value) if has_exponent => format!("{value:e}"),
            Some(value) => value.to_string(),
            None if has_exponent => format!("{:e}", self.0),
            None => self.0.to_string(),
        }
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.as_single() {
            Some(value) => serializer.serialize_f32(value),
            None => serializer.serialize_f64(self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_with_the_digits_that_determine_them() {
        for (value, expected) in [
            (f64::from(0.1f32), "0.1"),
            (0.1, "0.1"),
            (5_312_345.000_25, "5312345.00025"),
            (f64::from(1.061_160_1e-18f32), "1.0611601e-18"),
            (-0.0, "-0"),
            (3e20, "3e20"),
        ] {
            assert_eq!(Number(value).text(), expected);
        }
    }
}
