//! Comparing an output with the reference's figures.

use anyhow::{Result, bail, ensure};

use super::case::Expected;

/// Values a case lists one by one.
const LISTED: usize = 32;

impl Expected {
    /// The largest difference of a listed value from that of a flattened output.
    ///
    /// # Errors
    /// The first difference above `tolerance`: of the first values, of those spread over the output, of
    /// its sum, norm and largest value.
    pub fn largest_difference(&self, output: &[f32], tolerance: f64) -> Result<f64> {
        compare(output, self, tolerance)
    }
}

/// The largest difference of a single value from the reference's.
///
/// # Errors
/// The first difference above `tolerance`: of the first values, of those spread over the output, of
/// its sum, norm and largest value.
pub(super) fn compare(found: &[f32], expected: &Expected, tolerance: f64) -> Result<f64> {
    let count = found.len();
    let stride = count / LISTED;
    listed("first", expected.first.len(), count.min(LISTED))?;
    listed("strided", expected.strided.len(), if LISTED < count { LISTED } else { 0 })?;
    let first = expected.first.iter().enumerate();
    let strided = expected.strided.iter().enumerate().map(|(i, needed)| (i * stride, needed));
    let mut largest: f64 = 0.0;
    for (i, needed) in first.chain(strided) {
        let found = f64::from(found[i]);
        close(&format!("output[{i}]"), found, *needed, tolerance)?;
        largest = largest.max((found - needed).abs());
    }
    // Rounding errors of single values add up like a random walk, the more the less independent.
    let walk = tolerance * (count as f64).sqrt();
    let figures = Figures::of(found);
    close("sum of the output", figures.sum, expected.sum, 4.0 * walk)?;
    close("norm of the output", figures.l2, expected.l2, walk)?;
    close("largest absolute output", figures.abs_max, expected.abs_max, tolerance)?;
    Ok(largest)
}

/// Figures of a whole output, in f64.
struct Figures {
    sum: f64,
    l2: f64,
    abs_max: f64,
}

impl Figures {
    fn of(values: &[f32]) -> Self {
        let values = || values.iter().map(|&value| f64::from(value));
        Self {
            sum: values().sum(),
            l2: values().map(|value| value * value).sum::<f64>().sqrt(),
            abs_max: values().map(f64::abs).fold(0.0, f64::max),
        }
    }
}

fn listed(field: &str, found: usize, needed: usize) -> Result<()> {
    ensure!(found == needed, "the case's `{field}` has {found} values, {needed} needed for this output");
    Ok(())
}

/// Refuses what is not a number as well.
fn close(what: &str, found: f64, needed: f64, tolerance: f64) -> Result<()> {
    let difference = (found - needed).abs();
    if difference <= tolerance {
        return Ok(());
    }
    bail!(
        "{what} is {found:.7}, {needed:.7} needed: they differ by {difference:.1e}, tolerance {tolerance:.1e}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected(values: &[f32]) -> Expected {
        let Figures { sum, l2, abs_max } = Figures::of(values);
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
    fn every_figure_counts() {
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
            "output[3] is 1.0000000, -0.4531250 needed: they differ by 1.5e0, tolerance 1.0e-3"
        );
        assert_eq!(
            changed(90, 1.0).unwrap_err(),
            "output[90] is 1.0000000, 0.9062500 needed: they differ by 9.4e-2, tolerance 1.0e-3"
        );
        assert_eq!(
            changed(97, 1.25).unwrap_err(),
            "sum of the output is 27.5781250, 27.3437500 needed: they differ by 2.3e-1, tolerance 4.0e-2"
        );
        assert!(changed(3, f32::NAN).unwrap_err().contains("output[3] is NaN"));
        assert!(changed(97, f32::NAN).unwrap_err().contains("sum of the output is NaN"));
        let short = Expected { first: vec![0.0; 2], ..case.clone() };
        let error = compare(&values, &short, 1.0).unwrap_err().to_string();
        assert_eq!(error, "the case's `first` has 2 values, 32 needed for this output");
    }
}
