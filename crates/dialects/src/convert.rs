//! Conversion of weights between the names and layouts of packages.

use std::collections::BTreeMap;

use factory::{BuiltModel, ConfigError};
use graph::{Graph, LARGEST_PARAMETER_COUNT, LoadReport, Weights};

use crate::recognize::in_names_of;
use crate::rename::elements;
use crate::{Dialect, Rename, from_native, renames};

/// Converted weights and a report.
#[derive(Clone, Debug, PartialEq)]
pub struct Converted {
    /// The weights that match the model, in the requested names and layouts.
    pub weights: Weights,
    /// The comparison with the model, in the names and shapes of the input.
    pub report: LoadReport,
}

/// The weights of `model` from the names and layouts of one package in those of another. Weights
/// that do not match are left out and reported.
///
/// ```
/// use dialects::{Dialect, convert};
/// use factory::Factory;
/// use graph::Weights;
/// let model = Factory::builtin().build("
///     name: small
///     input: { channels: 6, length: 100 }
///     classes: 4
///     architecture: mobileone
///     preset: s0
/// ")?;
/// let weights = Weights::initial(&model.graph, 0);
/// let apple = convert(&model, &weights, Dialect::Native, Dialect::Apple)?;
/// assert!(apple.report.is_exact());
/// let back = convert(&model, &apple.weights, Dialect::Apple, Dialect::Native)?;
/// assert_eq!(back.weights, weights);
/// # Ok::<(), factory::ConfigError>(())
/// ```
///
/// # Errors
/// The package does not have such a model.
pub fn convert(
    model: &BuiltModel,
    weights: &Weights,
    from: Dialect,
    to: Dialect,
) -> Result<Converted, ConfigError> {
    let found = in_names_of(model, &model.graph, weights, from)?;
    let renames = renames(model, to)?;
    check_size(to, &renames, &model.graph)?;
    Ok(Converted { weights: from_native(found.weights, &renames), report: found.report })
}

/// Checks that the arrays to store are within the limit of a graph: a kernel for series, stored as one for images,
/// has additional rows of zeros.
fn check_size(target: Dialect, renames: &[Rename], graph: &Graph) -> Result<(), ConfigError> {
    let shapes: BTreeMap<String, Vec<usize>> =
        graph.parameters().map(|parameter| (parameter.name, parameter.shape)).collect();
    let mut stored = 0usize;
    for Rename { ours, layout, .. } in renames {
        if let Some(shape) = shapes.get(ours) {
            stored = stored.saturating_add(elements(&layout.shape(shape)));
        }
    }
    if stored <= LARGEST_PARAMETER_COUNT {
        return Ok(());
    }
    let message =
        format!("`{target}`: expected at most {LARGEST_PARAMETER_COUNT} parameters, found {stored}");
    Err(ConfigError::new("", message))
}
