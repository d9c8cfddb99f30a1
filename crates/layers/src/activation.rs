//! Optional activations.

use graph::{Activation, BuildError, Scope, Value};

/// Adds an activation called `name`, for any shape. Returns `x` unchanged if the activation is `None`.
///
/// # Errors
/// If the name is already taken.
pub fn activation(
    g: Scope<'_>,
    name: &str,
    x: Value,
    activation: impl Into<Option<Activation>>,
) -> Result<Value, BuildError> {
    match activation.into() {
        Some(activation) => g.activation(name, x, activation),
        None => Ok(x),
    }
}
