//! An activation that a configuration may leave out.

use graph::{Activation, BuildError, Scope, Value};

/// A pointwise function; `x` itself for `None`. Any shape.
///
/// # Errors
/// When the name is taken.
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
