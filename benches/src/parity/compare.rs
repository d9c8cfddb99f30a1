//! Comparison of an output with that of the reference.

use anyhow::{Result, bail, ensure};

use super::case::Expected;

/// Number of values that a case lists individually, at the start and spread over the output.
const LISTED: usize = 32;

impl Expected {
    /// Compares a flattened output with the expected one, and returns the largest difference of a listed
    /// value.
    ///
    /// # Errors
    /// The first difference above the tolerance: of a listed value, or of the sum, the norm or the largest
    /// absolute value.
    pub fn largest_difference(&self, output: &[f32], tolerance: f64) -> Result<f64> {
        compare(output, self, tolerance)
    }
}

/// Implements [`Expected::largest_difference`].
pub(super) fn compare(found: &[f32], expected: &Expected, tolerance: f64) -> Result<f64> {
    let count = found.len();
    let stride = count / LISTED;
    listed("first", expected.first.len(), count.min(LISTED))?;
    listed("strided", expected.strided.len(), if LISTED < count { LISTED } else { 0 })?;
    let first = expected.first.iter().enumerate();
    let strided = expected.strided.iter().enumerate().map(|(i, value)| (i * stride, value));
    let mut largest: f64 = 0.0;
    for (i, expected) in first.chain(strided) {
        let found = f64::from(found[i]);
        close(&format!("output[{i}]"), found, *expected, tolerance)?;
        largest = largest.max((found - expected).abs());
    }
    // Rounding errors of single values add up like a random walk; the factor 4 allows for correlation.
    let walk = tolerance * (count as f64).sqrt();
    let statistics = Statistics::of(found);
    close("sum of the output", statistics.sum, expected.sum, 4.0 * walk)?;
    close("norm of the output", statistics.l2, expected.l2, walk)?;
    close("largest absolute output", statistics.abs_max, expected.abs_max, tolerance)?;
    Ok(largest)
}

/// Statistics of a whole output, computed in f64.
struct Statistics {
    sum: f64,
    l2: f64,
    abs_max: f64,
}

impl Statistics {
    fn of(values: &[f32]) -> Self {
        let values = || values.iter().map(|&value| f64::from(value));
        Self {
            sum: values().sum(),
            l2: values().map(|value| value * value).sum::<f64>().sqrt(),
            abs_max: values().map(f64::abs).fold(0.0, f64::max),
        }
    }
}

fn listed(field: &str, found: usize, expected: usize) -> Result<()> {
    ensure!(found == expected, "`output.{field}`: expected {expected} values, found {found}");
    Ok(())
}

/// Checks that two values agree within the tolerance. NaN does not agree.
fn close(name: &str, found: f64, expected: f64, tolerance: f64) -> Result<()> {
    let difference = (found - expected).abs();
    if difference <= tolerance {
        return Ok(());
    }
    bail!(
        "{name}: expected {expected:.7}, found {found:.7}; the difference is {difference:.1e}, the tolerance {tolerance:.1e}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected(values: &[f32]) -> Expected {
        let Statistics { sum, l2, abs_max } = Statistics::of(values);
        let stride = values.len() / LISTED;
        let strided = if LISTED < values.len() { LISTED } else { 0 };
        Expected {
            first: values.iter().take(LISTED).map(|&v| f64::from(v)).collect(),
            strided: (0..strided).map(|i| f64::from(values[i * stride])).collect(),
            sum,
            l2,
            abs_max,
        }
    }

    #[test]
    fn every_statistic_is_compared() {
        let values: Vec<f32> = (0..100u8).map(|i| f32::from(i) / 64.0 - 0.5).collect();
        let case = expected(&values);
        assert_eq!(compare(&values, &case, 1e-3).unwrap().to_bits(), 0);
        let changed = |i: usize, value: f32| {
            let mut other = values.clone();
            other[i] = value;
            compare(&other, &case, 1e-3).map_err(|error| error.to_string())
        };
        let difference = changed(3, values[3] + 0.000_5).unwrap();
        assert!((difference - 0.000_5).abs() < 1e-6);
        assert_eq!(
            changed(3, 1.0).unwrap_err(),
            "output[3]: expected -0.4531250, found 1.0000000; the difference is 1.5e0, the tolerance 1.0e-3"
        );
        assert_eq!(
            changed(90, 1.0).unwrap_err(),
            "output[90]: expected 0.9062500, found 1.0000000; the difference is 9.4e-2, the tolerance 1.0e-3"
        );
        assert_eq!(
            changed(97, 1.25).unwrap_err(),
            "sum of the output: expected 27.3437500, found 27.5781250; the difference is 2.3e-1, the tolerance 4.0e-2"
        );
        assert!(changed(3, f32::NAN).unwrap_err().contains("output[3]: expected -0.4531250, found NaN"));
        assert!(
            changed(97, f32::NAN).unwrap_err().contains("sum of the output: expected 27.3437500, found NaN")
        );
        let short = Expected { first: vec![0.0; 2], ..case.clone() };
        let error = compare(&values, &short, 1.0).unwrap_err().to_string();
        assert_eq!(error, "`output.first`: expected 32 values, found 2");
    }
}
