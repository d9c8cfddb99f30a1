//! Names, shapes and layouts: a reference's tensors as the model's weights.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};
use factory::reference::{Layout, Model, Rename};
use graph::{Array, Graph, Weights};

use super::case::Case;
use super::fill::Role;

/// Whether the model has the reference's tensors: as many trainable elements, and for each of the
/// reference's names one of the model's, of the same shape.
///
/// # Errors
/// The first difference.
pub(super) fn compare(case: &Case, model: &Model) -> Result<()> {
    let found = trainable(&model.graph);
    ensure!(found == case.params, "{found} trainable parameters, {} needed", case.params);
    let mut shapes: BTreeMap<String, Vec<usize>> =
        model.graph.parameters().map(|parameter| (parameter.name, parameter.shape)).collect();
    let renames = by_name(model);
    for (theirs, shape, _) in tensors(case) {
        let Some(rename) = renames.get(theirs) else { bail!("`{theirs}` is not in the model") };
        let Some(found) = shapes.remove(&rename.ours) else {
            bail!("`{theirs}` is to be `{}`, which is not in the model", rename.ours);
        };
        let needed = arranged_shape(shape, rename.layout)?;
        ensure!(found == needed, "`{}` has shape {found:?}, {needed:?} needed", rename.ours);
    }
    match shapes.keys().next() {
        None => Ok(()),
        Some(name) => bail!("`{name}` is in the model, not in the reference"),
    }
}

/// The reference's tensors under the model's names and in its layouts; call after [`compare`], for
/// only then their sizes are known to be reasonable.
///
/// # Errors
/// A tensor that cannot be filled.
pub(super) fn weights(case: &Case, model: &Model) -> Result<Weights> {
    let renames = by_name(model);
    let mut weights = Weights::default();
    for (theirs, shape, role) in tensors(case) {
        let rename = renames.get(theirs).with_context(|| format!("`{theirs}` is not in the model"))?;
        let array = case.fill.array(theirs, shape, role)?;
        weights.insert(rename.ours.clone(), arranged(array, rename.layout)?);
    }
    Ok(weights)
}

fn trainable(graph: &Graph) -> u64 {
    let trainable = graph.parameters().filter(|parameter| parameter.role.is_trainable());
    trainable.map(|parameter| parameter.elements() as u64).fold(0, u64::saturating_add)
}

/// The reference's tensors, its counters and streaming state aside.
fn tensors(case: &Case) -> impl Iterator<Item = (&str, &[usize], Role)> {
    let all = case.keys.iter().zip(&case.roles);
    let parameters = all.filter(|(_, role)| **role != Role::Bookkeeping);
    parameters.map(|((name, shape), role)| (name.as_str(), shape.as_slice(), *role))
}

fn by_name(model: &Model) -> BTreeMap<&str, &Rename> {
    model.renames.iter().map(|rename| (rename.theirs.as_str(), rename)).collect()
}

/// A shape of the reference's as torch would have it.
fn arranged_shape(shape: &[usize], layout: Layout) -> Result<Vec<usize>> {
    match layout {
        Layout::Same => Ok(shape.to_vec()),
        other => bail!("the layout {other:?} is not known to this comparison"),
    }
}

/// A tensor of the reference's as torch would have it.
fn arranged(array: Array, layout: Layout) -> Result<Array> {
    match layout {
        Layout::Same => Ok(array),
        other => bail!("the layout {other:?} is not known to this comparison"),
    }
}
