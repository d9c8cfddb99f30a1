//! Checks of a config's numbers.

use graph::FieldError;

/// Upper bound of counts; a larger value is almost certainly a typo.
pub(super) const MOST: usize = 1 << 30;

pub(super) fn count(field: &str, count: usize) -> Result<(), FieldError> {
    if (1..=MOST).contains(&count) {
        return Ok(());
    }
    Err(FieldError::expected(field, format_args!("a number from 1 to {MOST}"), count))
}

pub(super) fn share(field: &str, share: f64) -> Result<(), FieldError> {
    if (0.0..1.0).contains(&share) {
        return Ok(());
    }
    Err(FieldError::expected(field, "a number in [0, 1)", share))
}

pub(super) fn non_negative(field: &str, number: f64) -> Result<(), FieldError> {
    if number.is_finite() && number >= 0.0 {
        return Ok(());
    }
    Err(FieldError::expected(field, "a finite, non-negative number", number))
}

pub(super) fn positive(field: &str, number: f64) -> Result<(), FieldError> {
    if number.is_finite() && number > 0.0 {
        return Ok(());
    }
    Err(FieldError::expected(field, "a finite, positive number", number))
}
