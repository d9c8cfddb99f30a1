//! Validation of the noise that is added for denoising.

use graph::{FieldError, Shape};

use super::{amount, shown};
use crate::AddedNoise;

/// Range of sampling rates, in Hz: from one sample in thirty years to the fastest converters.
const SLOWEST: f64 = 1e-9;
const FASTEST: f64 = 1e9;
/// The smallest proportion of a kind of noise, unless it is 0; its reciprocal is the largest.
const LEAST_PROPORTION: f64 = 1e-6;

impl AddedNoise {
    pub(super) fn validate(&self, input: &Shape) -> Result<(), FieldError> {
        let [samples] = input.space[..] else {
            return Err(FieldError::new("", "supported only for series, but the input is an image"));
        };
        if !(-200.0..=200.0).contains(&self.snr) {
            return Err(FieldError::expected("snr", "-200 to 200 dB", shown(self.snr)));
        }
        proportion("white", self.white)?;
        proportion("wander", self.wander)?;
        if self.white + self.wander <= 0.0 {
            return Err(FieldError::new("", "expected a positive `white` or `wander`, found 0 for both"));
        }
        self.validate_sampling_rate()?;
        let mut highest = FASTEST / 2.0;
        if self.wander > 0.0 {
            if samples < 2 {
                return Err(FieldError::expected("wander", "an input of at least 2 samples", samples));
            }
            let Some(rate) = self.sampling_rate else {
                return Err(FieldError::new(
                    "sampling_rate",
                    "missing; set it to the sampling rate in Hz, which `wander` requires",
                ));
            };
            highest = rate / 2.0;
        }
        let [low, high] = self.wander_band;
        if !(low > 0.0 && low <= high && high <= highest) {
            let expected = format!("a band above 0 and up to {} Hz", shown(highest));
            let found = format!("{} to {} Hz", shown(low), shown(high));
            return Err(FieldError::expected("wander_band", expected, found));
        }
        Ok(())
    }

    /// Checks the sampling rate even without wander, because the report's filter and axes use it.
    fn validate_sampling_rate(&self) -> Result<(), FieldError> {
        let Some(rate) = self.sampling_rate else { return Ok(()) };
        if !(rate.is_finite() && rate > 0.0) {
            return Err(FieldError::expected("sampling_rate", "a positive number", shown(rate)));
        }
        if !(SLOWEST..=FASTEST).contains(&rate) {
            let expected = format!("{} to {} samples per second", shown(SLOWEST), shown(FASTEST));
            return Err(FieldError::expected("sampling_rate", expected, shown(rate)));
        }
        Ok(())
    }
}

/// Checks the proportion of a kind of noise. The power of a smaller one would be lost to rounding.
fn proportion(field: &str, value: f64) -> Result<(), FieldError> {
    amount(field, value, 1.0 / LEAST_PROPORTION)?;
    if value > 0.0 && value < LEAST_PROPORTION {
        let expected = format!("0, or at least {}", shown(LEAST_PROPORTION));
        return Err(FieldError::expected(field, expected, shown(value)));
    }
    Ok(())
}
