//! Optional activations.

use graph::{Activation, BuildError, Scope, Value};

/// An activation called `name`, of any shape; `x` itself for `None`.
///
/// # Errors
/// A name that is taken.
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
