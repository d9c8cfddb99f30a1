//! Conversion of weights between the names and layouts of packages.

use std::collections::{BTreeMap, BTreeSet};

use factory::{BuiltModel, ConfigError};
use graph::{LARGEST_PARAMETER_COUNT, LoadReport, Misshapen, Weights};

use crate::rename::elements;
use crate::{Dialect, Layout, Rename, from_native, renames, to_native};

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
/// let apple = convert(&model, weights.clone(), Dialect::Native, Dialect::Apple)?;
/// assert!(apple.report.is_exact());
/// let back = convert(&model, apple.weights, Dialect::Apple, Dialect::Native)?;
/// assert_eq!(back.weights, weights);
/// # Ok::<(), factory::ConfigError>(())
/// ```
///
/// # Errors
/// The package does not have such a model.
pub fn convert(
    model: &BuiltModel,
    mut weights: Weights,
    from: Dialect,
    to: Dialect,
) -> Result<Converted, ConfigError> {
    let target = to;
    let (from, to) = (renames(model, from)?, renames(model, target)?);
    let shapes: BTreeMap<String, Vec<usize>> =
        model.graph.parameters().map(|parameter| (parameter.name, parameter.shape)).collect();
    check_size(target, &to, &shapes)?;
    let given: BTreeMap<&str, (&str, Layout)> =
        from.iter().map(|rename| (rename.ours.as_str(), (rename.theirs.as_str(), rename.layout))).collect();
    let mut misshapen = Vec::new();
    for (ours, shape) in &shapes {
        let (theirs, layout) = given.get(ours.as_str()).copied().unwrap_or((ours, Layout::Same));
        let Some(array) = weights.get(theirs) else { continue };
        if !layout.accepts(array.shape(), shape) {
            let (name, found) = (theirs.to_owned(), array.shape().to_vec());
            misshapen.push(Misshapen { name, found, expected: layout.shape(shape) });
        }
    }
    for wrong in &misshapen {
        weights.remove(&wrong.name);
    }
    let weights = to_native(weights, &from, |name| shapes.get(name).cloned())
        .map_err(|error| ConfigError::new("", error.to_string()))?;
    let mut report = weights.compare(&model.graph);
    let wrong: BTreeSet<&str> = misshapen.iter().map(|wrong| wrong.name.as_str()).collect();
    let theirs =
        |ours: &String| given.get(ours.as_str()).map_or(ours.clone(), |(theirs, _)| (*theirs).to_owned());
    report.missing =
        report.missing.iter().map(theirs).filter(|name| !wrong.contains(name.as_str())).collect();
    report.misshapen = misshapen;
    let weights: Weights = weights.into_iter().filter(|(name, _)| shapes.contains_key(name)).collect();
    Ok(Converted { weights: from_native(weights, &to), report })
}

/// Checks that the arrays to store are within the limit of a graph: a kernel for series, stored as one for images,
/// has additional rows of zeros.
fn check_size(
    target: Dialect,
    renames: &[Rename],
    shapes: &BTreeMap<String, Vec<usize>>,
) -> Result<(), ConfigError> {
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
