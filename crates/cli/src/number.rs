//! Arguments that are numbers.

use std::num::{IntErrorKind, NonZeroUsize};

/// Reads a positive number.
pub(crate) fn positive(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|error: std::num::ParseIntError| match error.kind() {
        IntErrorKind::Zero => "expected at least 1".to_owned(),
        _ => error.to_string(),
    })
}
