//! Dividing recordings into a training and a validation set, or into folds.
//!
//! Recordings of one group stay together, and so do recordings with equal inputs. Both sides have the same
//! proportions of the classes, as far as possible. Everything depends only on the recordings and their order.

use std::collections::{BTreeMap, VecDeque};

use graph::{FieldError, Noise};

use crate::number::{floor, wide};
use crate::summary::{Summary, strata};

/// Number of groups among which the next one to hold out is chosen. With more, the choice would take too long.
const MOST_CANDIDATES: usize = 500;

const EQUAL_INPUTS: &str = "validation: some training recordings have the same input as validation recordings, \
                            because no share keeps them together";

/// The two sides of a division, as sorted indices of recordings.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Division {
    pub(crate) kept: Vec<usize>,
    pub(crate) held_out: Vec<usize>,
    /// Notes for users.
    pub(crate) notes: Vec<String>,
}

/// Recordings to divide, with their total number and the total of each class.
struct Recordings {
    /// The class of each recording, as a number.
    classes: Vec<usize>,
    /// The number of recordings of each class.
    totals: Vec<usize>,
    /// The recordings that must stay together.
    units: Vec<Vec<usize>>,
}

/// Recordings that stay together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Together {
    GroupsAndEqualInputs,
    Groups,
}

impl Division {
    /// Divides `count` recordings.
    pub(crate) fn new(count: usize, mut held_out: Vec<usize>, notes: Vec<String>) -> Self {
        held_out.sort_unstable();
        let kept = (0..count).filter(|index| held_out.binary_search(index).is_err()).collect();
        Self { kept, held_out, notes }
    }
}

/// Holds out a share of the recordings for validation.
pub(crate) fn hold_out(summaries: &[&Summary], share: f64) -> Result<Division, FieldError> {
    let count = summaries.len();
    let wanted = floor(share * count as f64 + 0.5, count.saturating_add(1));
    if summaries.iter().any(|recording| recording.group.is_some()) {
        return hold_out_groups(summaries, share, wanted);
    }
    if wanted == 0 || wanted == count {
        let found = format!("{share} of {count} recordings; list validation files instead");
        return Err(FieldError::expected("validation", "a share that leaves both sets nonempty", found));
    }
    let recordings = Recordings::of(summaries, Together::GroupsAndEqualInputs);
    let quotas = recordings.quotas(share, wanted);
    if let Some(held_out) = recordings.hold_out_units(&quotas, share) {
        return Ok(Division::new(count, held_out, Vec::new()));
    }
    // The proportions of the classes may differ a little, but equal inputs stay together if that is possible.
    let held_out = recordings.hold_out_groups(share);
    if is_near(held_out.len(), wanted) {
        return Ok(Division::new(count, held_out, Vec::new()));
    }
    let recordings = Recordings::of(summaries, Together::Groups);
    let held_out = recordings.hold_out_units(&quotas, share).unwrap_or_default();
    Ok(Division::new(count, held_out, vec![EQUAL_INPUTS.to_owned()]))
}

/// Returns whether a number of held-out recordings differs from the one that is wanted by at most a quarter.
fn is_near(held_out: usize, wanted: usize) -> bool {
    held_out.abs_diff(wanted) * 4 <= wanted
}

/// Holds out whole groups, `wanted` recordings in all if that is possible.
fn hold_out_groups(summaries: &[&Summary], share: f64, wanted: usize) -> Result<Division, FieldError> {
    let count = summaries.len();
    let mut notes = Vec::new();
    let mut recordings = Recordings::of(summaries, Together::GroupsAndEqualInputs);
    let mut held_out = recordings.hold_out_groups(share);
    if !is_near(held_out.len(), wanted) {
        let groups = Recordings::of(summaries, Together::Groups);
        let of_groups = groups.hold_out_groups(share);
        if of_groups.len().abs_diff(wanted) < held_out.len().abs_diff(wanted) {
            (recordings, held_out) = (groups, of_groups);
            notes.push(EQUAL_INPUTS.to_owned());
        }
    }
    if recordings.units.len() < 2 {
        let expected = "recordings of at least 2 groups, because a share consists of whole groups";
        return Err(FieldError::expected("validation", expected, "recordings of one group"));
    }
    if !is_near(held_out.len(), wanted) {
        notes.push(format!(
            "validation: {} of {count} recordings are held out instead of {wanted}, because groups are kept \
             together",
            held_out.len()
        ));
    }
    Ok(Division::new(count, held_out, notes))
}

/// Returns the fold of each recording, below `count`.
pub(crate) fn fold_of(summaries: &[&Summary], count: usize) -> Result<Vec<usize>, FieldError> {
    if count < 2 {
        return Err(FieldError::expected("folds", "at least 2 folds", count));
    }
    // If there are too few different inputs, the overlap of the folds is refused later.
    for together in [Together::GroupsAndEqualInputs, Together::Groups] {
        let recordings = Recordings::of(summaries, together);
        if recordings.units.len() >= count {
            return Ok(recordings.into_folds(count));
        }
    }
    let most = Recordings::of(summaries, Together::Groups).units.len();
    let has_groups = summaries.iter().any(|recording| recording.group.is_some());
    let what = if has_groups { "group" } else { "recording" };
    Err(FieldError::expected("folds", format!("at most {most} folds, one per {what}"), count))
}

impl Recordings {
    fn of(recordings: &[&Summary], together: Together) -> Self {
        let (classes, class_count) = strata(recordings);
        let mut totals = vec![0; class_count];
        for class in &classes {
            totals[*class] += 1;
        }
        Self { classes, totals, units: units(recordings, together) }
    }

    /// Returns how many recordings of each class to hold out, `wanted` in all: the whole part of its share, and one
    /// more for the classes with the largest remainders. No class is held out completely unless it must be.
    fn quotas(&self, share: f64, wanted: usize) -> Vec<usize> {
        let exact: Vec<f64> = self.totals.iter().map(|total| share * *total as f64).collect();
        let mut quotas: Vec<usize> =
            exact.iter().zip(&self.totals).map(|(exact, total)| floor(*exact, *total)).collect();
        let noise = Noise::of("validation/classes");
        let mut order: Vec<usize> = (0..quotas.len()).collect();
        order.sort_by(|&a, &b| {
            let (of_a, of_b) = (exact[a].fract(), exact[b].fract());
            of_b.total_cmp(&of_a).then(noise.bits(wide(a)).cmp(&noise.bits(wide(b))))
        });
        let mut missing = wanted.saturating_sub(quotas.iter().sum());
        for left in [1, 0] {
            while missing > 0 {
                let before = missing;
                for &class in &order {
                    if missing > 0 && quotas[class] + left < self.totals[class] {
                        quotas[class] += 1;
                        missing -= 1;
                    }
                }
                if missing == before {
                    break;
                }
            }
        }
        quotas
    }

    /// Returns the recordings of units that add up to the quota of each class, in the order of a hash. Returns `None`
    /// if no such units are found.
    fn hold_out_units(&self, quotas: &[usize], share: f64) -> Option<Vec<usize>> {
        let noise = Noise::of("validation");
        let mut units: Vec<&Vec<usize>> = self.units.iter().collect();
        units.sort_by_key(|unit| (noise.bits(wide(unit[0])), unit[0]));
        let (single, several): (Vec<_>, Vec<_>) = units.into_iter().partition(|unit| unit.len() == 1);
        let mut left = quotas.to_vec();
        let mut held_out = Vec::new();
        let mut take = |unit: &[usize]| {
            let counts = self.counts(unit);
            if counts.iter().any(|(class, count)| left[*class] < *count) {
                return;
            }
            for (class, count) in counts {
                left[class] -= count;
            }
            held_out.extend_from_slice(unit);
        };
        // As many of them as of the others; later more if there are too few others.
        let chance = Noise::of("validation/equal");
        let (first, last): (Vec<_>, Vec<_>) =
            several.into_iter().partition(|unit| chance.uniform(wide(unit[0])) < share);
        for unit in first.into_iter().chain(single).chain(last) {
            take(unit);
        }
        if held_out.len() == quotas.iter().sum::<usize>() { Some(held_out) } else { None }
    }

    /// Returns the recordings of the groups that come nearest to the share of each class. The group that brings the
    /// counts of the classes nearest to their share is held out, again and again, as long as there is one.
    fn hold_out_groups(&self, share: f64) -> Vec<usize> {
        let units = self.largest_first("validation");
        let counts: Vec<BTreeMap<usize, usize>> = units.iter().map(|unit| self.counts(unit)).collect();
        let mut held = vec![0; self.totals.len()];
        let mut held_out: Vec<usize> = Vec::new();
        // The change in the sum of squared deviations from the share, each relative to its total.
        let change = |held: &[usize], held_out: usize, unit: usize| -> f64 {
            let square = |before: usize, more: usize, total: usize| {
                let (before, more, total) = (before as f64, more as f64, total as f64);
                ((before + more - share * total).powi(2) - (before - share * total).powi(2)) / total
            };
            let of_classes = counts[unit].iter();
            let of_classes: f64 =
                of_classes.map(|(&class, &more)| square(held[class], more, self.totals[class])).sum();
            of_classes + square(held_out, units[unit].len(), self.classes.len())
        };
        let mut candidates: VecDeque<usize> = (0..units.len()).collect();
        let mut held_out_units = 0;
        while held_out_units + 1 < units.len() {
            let among = candidates.len().min(MOST_CANDIDATES);
            let changes = candidates.iter().take(among).map(|&unit| change(&held, held_out.len(), unit));
            let Some((best, by)) = changes.enumerate().min_by(|a, b| a.1.total_cmp(&b.1)) else { break };
            // A share of at least one group is held out.
            if by >= 0.0 && (held_out_units > 0 || among < candidates.len()) {
                candidates.drain(..among);
                continue;
            }
            let Some(unit) = candidates.remove(best) else { break };
            for (class, more) in &counts[unit] {
                held[*class] += more;
            }
            held_out.extend_from_slice(units[unit]);
            held_out_units += 1;
        }
        held_out
    }

    /// Returns the fold of each recording. Units are assigned in order of size, each to the fold with the fewest
    /// recordings of its classes.
    fn into_folds(self, count: usize) -> Vec<usize> {
        let all = self.classes.len().max(1) as f64;
        let mut by_class = vec![vec![0usize; self.totals.len()]; count];
        let mut sizes = vec![0usize; count];
        let mut folds = vec![0; self.classes.len()];
        for unit in self.largest_first("folds") {
            let counts = self.counts(unit);
            // The increase of the sum of squared counts, each relative to its total.
            let increase = |before: usize, more: usize, total: f64| {
                let (before, more) = (before as f64, more as f64);
                more * (2.0 * before + more) / total
            };
            let cost = |fold: usize| -> f64 {
                let of_classes: f64 = counts
                    .iter()
                    .map(|(&class, &more)| increase(by_class[fold][class], more, self.totals[class] as f64))
                    .sum();
                of_classes + increase(sizes[fold], unit.len(), all)
            };
            let costs: Vec<f64> = (0..count).map(cost).collect();
            let fold = (0..count).min_by(|&a, &b| costs[a].total_cmp(&costs[b])).unwrap_or_default();
            for (class, more) in counts {
                by_class[fold][class] += more;
            }
            sizes[fold] += unit.len();
            for &recording in unit {
                folds[recording] = fold;
            }
        }
        folds
    }

    /// Returns the units by size, and those of equal size by class and then by a hash.
    fn largest_first(&self, name: &str) -> Vec<&Vec<usize>> {
        let noise = Noise::of(name);
        let mut units: Vec<&Vec<usize>> = self.units.iter().collect();
        units.sort_by_key(|unit| {
            let class = if unit.len() == 1 { self.classes[unit[0]] } else { 0 };
            (std::cmp::Reverse(unit.len()), class, noise.bits(wide(unit[0])), unit[0])
        });
        units
    }

    /// Returns the number of recordings of each class in a unit.
    fn counts(&self, unit: &[usize]) -> BTreeMap<usize, usize> {
        let mut counts = BTreeMap::new();
        for &recording in unit {
            *counts.entry(self.classes[recording]).or_insert(0) += 1;
        }
        counts
    }
}

/// Returns the recordings that must stay together: those that have the same group or the same input, or are
/// connected by others.
fn units(recordings: &[&Summary], together: Together) -> Vec<Vec<usize>> {
    let mut parents: Vec<usize> = (0..recordings.len()).collect();
    let mut by_group: BTreeMap<&str, usize> = BTreeMap::new();
    let mut by_content: BTreeMap<&[u8; 32], usize> = BTreeMap::new();
    for (index, recording) in recordings.iter().enumerate() {
        let same_content = match together {
            Together::GroupsAndEqualInputs => *by_content.entry(&recording.content).or_insert(index),
            Together::Groups => index,
        };
        let same_group = match &recording.group {
            Some(group) => *by_group.entry(group).or_insert(index),
            None => index,
        };
        for other in [same_content, same_group] {
            let [a, b] = [index, other].map(|recording| root(&mut parents, recording));
            parents[a.max(b)] = a.min(b);
        }
    }
    let mut units: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for index in 0..recordings.len() {
        units.entry(root(&mut parents, index)).or_default().push(index);
    }
    units.into_values().collect()
}

/// Returns the first recording of a unit, and shortens the path to it.
fn root(parents: &mut [usize], mut index: usize) -> usize {
    while parents[index] != index {
        parents[index] = parents[parents[index]];
        index = parents[index];
    }
    index
}
