//! Names, shapes and layouts: converts a reference's tensors to the model's weights.

use std::collections::BTreeMap;

use anyhow::{Result, bail, ensure};
use dialects::reference::ForeignModel;
use dialects::{Layout, Rename, to_native};
use graph::Weights;

use super::case::Case;
use super::fill::FillRole;

/// Number of trainable parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// In the model.
    pub ours: u64,
    /// In the reference. If it runs a series as an image of height 1, this includes kernel rows that only
    /// ever meet padding.
    pub theirs: u64,
}

/// Checks that the model has the tensors of the reference: the same number of trainable parameters, and
/// for each name in the reference one in the model, of the same shape in the reference's layout.
///
/// # Errors
/// The first difference.
pub(super) fn compare(case: &Case, model: &ForeignModel) -> Result<Count> {
    let count = trainable(model);
    let Count { ours, theirs } = count;
    let rows = if ours == theirs { String::new() } else { format!(" ({ours} of them meet data)") };
    ensure!(theirs == case.params, "expected {} trainable parameters, found {theirs}{rows}", case.params);
    let mut shapes: BTreeMap<String, Vec<usize>> =
        model.graph.parameters().map(|parameter| (parameter.name, parameter.shape)).collect();
    let renames = by_name(model);
    for (theirs, expected, _) in tensors(case) {
        let Some(rename) = renames.get(theirs) else { bail!("`{theirs}` is not in the model") };
        let Some(ours) = shapes.remove(&rename.ours) else {
            bail!("`{theirs}` corresponds to `{}`, which is not in the model", rename.ours);
        };
        let found = rename.layout.shape(&ours);
        let same = match rename.layout {
            // Axes of size 1 may be at any position.
            Layout::Reshaped => longer(&found).eq(longer(expected)),
            _ => found == expected,
        };
        ensure!(same, "`{theirs}`: expected shape {expected:?}, found {found:?}");
    }
    match shapes.keys().next() {
        None => Ok(count),
        Some(name) => bail!("`{name}` is in the model, but not in the reference"),
    }
}

/// Fills the reference's tensors and converts them to the model's names and layouts. Call [`compare`]
/// first, because it checks that the sizes are reasonable.
///
/// # Errors
/// If a tensor cannot be filled.
pub(super) fn weights(case: &Case, model: &ForeignModel) -> Result<Weights> {
    let mut weights = Weights::default();
    for (theirs, shape, role) in tensors(case) {
        weights.insert(theirs, case.fill.array(theirs, shape, role)?);
    }
    let shapes: BTreeMap<String, Vec<usize>> =
        model.graph.parameters().map(|parameter| (parameter.name, parameter.shape)).collect();
    Ok(to_native(weights, &model.renames, |name| shapes.get(name).cloned())?)
}

fn trainable(model: &ForeignModel) -> Count {
    let layouts: BTreeMap<&str, Layout> =
        model.renames.iter().map(|rename| (rename.ours.as_str(), rename.layout)).collect();
    let mut count = Count { ours: 0, theirs: 0 };
    for parameter in model.graph.parameters().filter(|parameter| parameter.role.is_trainable()) {
        let layout = layouts.get(parameter.name.as_str()).copied().unwrap_or(Layout::Same);
        count.ours = count.ours.saturating_add(elements(&parameter.shape));
        count.theirs = count.theirs.saturating_add(elements(&layout.shape(&parameter.shape)));
    }
    count
}

fn elements(shape: &[usize]) -> u64 {
    shape.iter().fold(1, |n, &size| n.saturating_mul(size as u64))
}

/// The axes longer than 1.
fn longer(shape: &[usize]) -> impl Iterator<Item = &usize> {
    shape.iter().filter(|&&size| size != 1)
}

/// The reference's tensors, except counters and streaming state.
fn tensors(case: &Case) -> impl Iterator<Item = (&str, &[usize], FillRole)> {
    let all = case.keys.iter().zip(&case.roles);
    let parameters = all.filter(|(_, role)| **role != FillRole::Bookkeeping);
    parameters.map(|((name, shape), role)| (name.as_str(), shape.as_slice(), *role))
}

fn by_name(model: &ForeignModel) -> BTreeMap<&str, &Rename> {
    model.renames.iter().map(|rename| (rename.theirs.as_str(), rename)).collect()
}
