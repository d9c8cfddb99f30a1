//! Checks of configuration fields that every family has, with the sentence that names the field.
//!
//! A config is checked before anything is built from it, so that no number in it, however wrong,
//! costs memory or time.

use graph::{BuildError, ErrorKind, Padding};

/// More blocks than any network has; a config beyond it is a mistake, and would take long to build.
pub const MOST_BLOCKS: usize = 1000;

/// More channels than any layer has.
pub const MOST_CHANNELS: usize = 1 << 20;

/// The refusal of what `field` says.
pub fn refused(field: impl Into<String>, message: impl Into<String>) -> BuildError {
    BuildError::new(field, ErrorKind::Attribute, message)
}

/// At least one class, or none at all; classes need pooled features, where `pool` says whether they
/// are.
///
/// # Errors
/// Names the field `classes`.
pub fn classes(classes: Option<usize>, pool: bool) -> Result<(), BuildError> {
    match classes {
        Some(0) => Err(refused("classes", "0 classes; at least 1 is needed, or none at all for features")),
        Some(n) if n > MOST_CHANNELS => {
            Err(refused("classes", format!("{n} classes; at most {MOST_CHANNELS} are supported")))
        }
        Some(n) if !pool => {
            Err(refused("classes", format!("{n} classes of features that are not pooled; pool is needed")))
        }
        _ => Ok(()),
    }
}

/// A probability below 1.
///
/// # Errors
/// Names the field.
pub fn probability(field: &str, p: f64) -> Result<(), BuildError> {
    if (0.0..1.0).contains(&p) {
        return Ok(());
    }
    Err(refused(field, format!("{p} is no probability; 0 to below 1 is needed")))
}

/// A number of channels.
///
/// # Errors
/// Names the field.
pub fn channels(field: &str, channels: usize) -> Result<(), BuildError> {
    if (1..=MOST_CHANNELS).contains(&channels) {
        return Ok(());
    }
    Err(refused(field, format!("{channels} channels; 1 to {MOST_CHANNELS} are supported")))
}

/// What is added to variances, as `norm_eps`.
///
/// # Errors
/// Names the field.
pub fn norm_eps(eps: f64) -> Result<(), BuildError> {
    if eps.is_finite() && eps >= 0.0 {
        return Ok(());
    }
    Err(refused(
        "norm_eps",
        format!("{eps} is added to no variance; a finite number of at least 0 is needed"),
    ))
}

/// Weight of a new batch in running statistics, as `norm_momentum`.
///
/// # Errors
/// Names the field.
pub fn norm_momentum(momentum: f64) -> Result<(), BuildError> {
    if (0.0..=1.0).contains(&momentum) {
        return Ok(());
    }
    Err(refused("norm_momentum", format!("{momentum} is no share of a new batch; 0 to 1 is needed")))
}

/// Padding, as `padding`, that leaves a convolution's output as large as its input, as what is added
/// or joined must be.
///
/// # Errors
/// Names the field.
pub fn padding(padding: &Padding) -> Result<(), BuildError> {
    match padding {
        Padding::Valid | Padding::Explicit { .. } => {
            let message = format!("{padding} padding changes the size; symmetric, same or causal is needed");
            Err(refused("padding", message))
        }
        Padding::Same | Padding::Symmetric | Padding::Causal => Ok(()),
    }
}

/// What a number of channels is divided by.
///
/// # Errors
/// Names the field.
pub fn divisor(field: &str, divisor: Option<f64>) -> Result<(), BuildError> {
    match divisor.filter(|divisor| !(divisor.is_finite() && *divisor > 0.0)) {
        None => Ok(()),
        Some(divisor) => {
            Err(refused(field, format!("{divisor} divides nothing; a finite number above 0 is needed")))
        }
    }
}

/// What a number of channels or blocks is multiplied by.
///
/// # Errors
/// Names the field.
pub fn factor(field: &str, factor: f64) -> Result<(), BuildError> {
    if factor.is_finite() && factor > 0.0 {
        return Ok(());
    }
    Err(refused(field, format!("{factor} is no factor; a finite number above 0 is needed")))
}

/// Numbers of blocks, stage by stage: each at least 1, together not too many.
///
/// # Errors
/// Names the field, `stages[i].depth` where `stages` is the list's name.
pub fn depths(list: &str, depths: impl IntoIterator<Item = usize>) -> Result<(), BuildError> {
    let mut blocks = 0usize;
    for (i, depth) in depths.into_iter().enumerate() {
        blocks = blocks.saturating_add(depth);
        let field = format!("{list}[{i}].depth");
        if depth == 0 {
            return Err(refused(field, "0 blocks; at least 1 is needed"));
        }
        if blocks > MOST_BLOCKS {
            let message = format!("{blocks} blocks so far; at most {MOST_BLOCKS} are supported");
            return Err(refused(field, message));
        }
    }
    if blocks == 0 {
        return Err(refused(list, "the list is empty; at least one stage is needed"));
    }
    Ok(())
}
