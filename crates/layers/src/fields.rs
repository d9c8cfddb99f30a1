//! Checks of config fields that several families share.
//!
//! A config is checked before anything is built from it, so that even absurd values cannot cost memory or
//! time. The error of a check names the field that it was given.

use graph::{FieldError, LARGEST_EXTENT, Padding};

/// Largest number of blocks in a network. A larger number is almost certainly a typo and would take long
/// to build.
pub const MAX_BLOCKS: usize = 1000;

/// Largest number of levels in a U-shaped network.
pub const MAX_LEVELS: usize = 16;

/// Maximum number of convolutions in a stem.
pub const MAX_STEM: usize = 16;

/// Largest number of parallel branches in a block.
pub const MAX_BRANCHES: usize = 64;

/// Checks every element of the list at `path`.
///
/// # Errors
/// Returns the error of the first element that `check` rejects, with the element's index.
pub fn each<T>(
    path: &str,
    list: &[T],
    check: impl Fn(&T) -> Result<(), FieldError>,
) -> Result<(), FieldError> {
    for (i, element) in list.iter().enumerate() {
        check(element).map_err(|error| error.at_index(i).within(path))?;
    }
    Ok(())
}

/// Checks that a count is at least 1 and at most `max`. `unit` is the plural noun for what is counted.
///
/// # Errors
/// If the count is out of range.
pub fn count(path: &str, count: usize, max: usize, unit: &str) -> Result<(), FieldError> {
    if (1..=max).contains(&count) {
        return Ok(());
    }
    Err(FieldError::expected(path, format!("1 to {max} {unit}"), count))
}

/// Checks a number of channels.
///
/// # Errors
/// If the number is not within 1 to [`LARGEST_EXTENT`].
pub fn channels(path: &str, channels: usize) -> Result<(), FieldError> {
    count(path, channels, LARGEST_EXTENT, "channels")
}

/// Checks the field `classes`.
///
/// # Errors
/// If the number of classes is 0 or above [`LARGEST_EXTENT`].
pub fn classes(classes: Option<usize>) -> Result<(), FieldError> {
    match classes {
        Some(0) => Err(FieldError::new(
            "classes",
            "expected at least 1 class, found 0; omit `classes` to output features",
        )),
        Some(classes) => count("classes", classes, LARGEST_EXTENT, "classes"),
        None => Ok(()),
    }
}

/// Checks the field `classes` of a network that pools its last features if `pool` is true.
///
/// # Errors
/// As [`classes`], and if there are classes although the features are not pooled.
pub fn pooled_classes(classes: Option<usize>, pool: bool) -> Result<(), FieldError> {
    match classes {
        Some(found) if found > 0 && !pool => {
            Err(FieldError::expected("classes", "no classes because `pool` is false", found))
        }
        classes => self::classes(classes),
    }
}

/// Checks a probability below 1.
///
/// # Errors
/// If the number is outside [0, 1).
pub fn probability(path: &str, p: f64) -> Result<(), FieldError> {
    if (0.0..1.0).contains(&p) {
        return Ok(());
    }
    Err(FieldError::expected(path, "a probability in [0, 1)", p))
}

/// Checks a fraction.
///
/// # Errors
/// If the number is outside [0, 1].
pub fn fraction(path: &str, fraction: f64) -> Result<(), FieldError> {
    if (0.0..=1.0).contains(&fraction) {
        return Ok(());
    }
    Err(FieldError::expected(path, "a number in [0, 1]", fraction))
}

/// Checks a factor or divisor.
///
/// # Errors
/// If the number is not finite and positive.
pub fn positive(path: &str, number: f64) -> Result<(), FieldError> {
    if number.is_finite() && number > 0.0 {
        return Ok(());
    }
    Err(FieldError::expected(path, "a finite, positive number", number))
}

/// Checks the field `norm_eps`, the epsilon that is added to variances.
///
/// # Errors
/// If the number is negative or not finite.
pub fn norm_eps(eps: f64) -> Result<(), FieldError> {
    if eps.is_finite() && eps >= 0.0 {
        return Ok(());
    }
    Err(FieldError::expected("norm_eps", "a finite, non-negative number", eps))
}

/// Checks the field `padding` of convolutions whose outputs must have the size of their inputs, because
/// both are added or concatenated.
///
/// # Errors
/// If the padding may change the size.
pub fn padding(padding: &Padding) -> Result<(), FieldError> {
    match padding {
        Padding::Valid | Padding::Explicit { .. } => {
            Err(FieldError::expected("padding", "`symmetric`, `same` or `causal`", format!("`{padding}`")))
        }
        Padding::Same | Padding::Symmetric | Padding::Causal => Ok(()),
    }
}

/// Checks the sum of a number that each element of the list at `path` has in its field `field`.
///
/// # Errors
/// If the sum exceeds [`MAX_BLOCKS`].
pub fn in_total(path: &str, field: &str, numbers: impl IntoIterator<Item = usize>) -> Result<(), FieldError> {
    let mut total = 0usize;
    for (i, number) in numbers.into_iter().enumerate() {
        total = total.saturating_add(number);
        if total > MAX_BLOCKS {
            let error = FieldError::expected(field, format!("at most {MAX_BLOCKS} in total"), total);
            return Err(error.at_index(i).within(path));
        }
    }
    Ok(())
}

/// Checks the field `depth`, the number of blocks, of every stage in the list at `path`.
///
/// # Errors
/// If the list is empty, a stage has no blocks, or there are more than [`MAX_BLOCKS`] blocks in total.
pub fn depths(path: &str, depths: impl IntoIterator<Item = usize>) -> Result<(), FieldError> {
    let mut blocks = 0usize;
    for (i, depth) in depths.into_iter().enumerate() {
        blocks = blocks.saturating_add(depth);
        let refused = |expected: String, found| {
            Err(FieldError::expected("depth", expected, found).at_index(i).within(path))
        };
        if depth == 0 {
            return refused("at least 1".to_owned(), depth);
        }
        if blocks > MAX_BLOCKS {
            return refused(format!("at most {MAX_BLOCKS} in total"), blocks);
        }
    }
    if blocks == 0 {
        return Err(FieldError::expected(path, "at least one element", "an empty list"));
    }
    Ok(())
}
