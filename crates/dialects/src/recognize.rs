//! Recognition of the weights of a model by names and shapes.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use factory::ConfigError;
use graph::{Array, Graph, LoadReport, Misshapen, Shape, Unusable, Weights, is_bookkeeping};

use crate::names::checked_renames;
use crate::origin::rewritten;
use crate::rename::placed;
use crate::{Dialect, Layout, Names, Origin, OriginFilter};

/// Maximum number of prefixes that are considered for the names of one package.
const MOST_PREFIXES: usize = 8;

/// The weights of a model, recognized in a file of any package.
#[derive(Clone, Debug, PartialEq)]
pub struct Recognized {
    /// The weights that match, with the names and layouts used here.
    pub weights: Weights,
    /// The package and the prefix that they were found under.
    pub origin: Origin,
    /// The comparison with the model, with the names and shapes of the input.
    pub report: LoadReport,
}

/// Weights that cannot be assigned to a model.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RecognizeError {
    /// The given package does not have such a model.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The weights match in several ways, with different values.
    #[error("expected one set of weights, found {}: {}", origins.len(), described(origins))]
    Ambiguous {
        /// The possible origins.
        origins: Vec<Origin>,
    },
}

fn described(origins: &[Origin]) -> String {
    const MOST: usize = 3;
    let mut shown: Vec<String> = origins.iter().take(MOST).map(Origin::to_string).collect();
    if origins.len() > MOST {
        shown.push("others".to_owned());
    }
    shown.join(", and ")
}

/// Finds the weights of a model in a file of any package, with any prefix of the names.
///
/// The names and shapes of all arrays must agree with those of one package; otherwise, the result is the origin with
/// the most matches, and its report lists the differences. If several origins match equally well and their values
/// differ, none of them is chosen.
///
/// ```
/// use dialects::{Dialect, OriginFilter, recognize};
/// use graph::Weights;
/// let config = mobileone::Config::s0();
/// let graph = mobileone::graph(&config, [3, 64, 64])?;
/// let wrapped: Weights = Weights::initial(&graph, 0)
///     .into_iter()
///     .map(|(name, array)| (format!("module.{name}"), array))
///     .collect();
/// let found = recognize(&config, &graph, &wrapped, &OriginFilter::default())?;
/// assert!(found.report.is_exact());
/// assert_eq!(found.origin.prefix, "module.");
/// assert_eq!(found.weights, Weights::initial(&graph, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// The package of `filter` does not have such a model, or the weights match in several ways.
pub fn recognize(
    model: &(impl Names + ?Sized),
    graph: &Graph,
    weights: &Weights,
    filter: &OriginFilter,
) -> Result<Recognized, RecognizeError> {
    let namings = namings(model, graph, filter.dialect)?;
    let files = [Some(File::plain(weights)), File::rewritten(weights)];
    let mut candidates = Vec::new();
    for file in files.iter().flatten() {
        for naming in &namings {
            for prefix in naming.prefixes(file, filter.prefix.as_deref()) {
                candidates.push(Candidate::of(naming, file, prefix, filter.prefix.is_some()));
            }
        }
        if candidates.iter().any(|candidate| candidate.report.is_exact()) {
            break;
        }
    }
    let score = candidates.iter().map(Candidate::score).max();
    // The first of equal candidates is the simplest: without a prefix, and in the names used here.
    candidates.retain(|candidate| Some(candidate.score()) == score);
    let mut found: Vec<Recognized> = Vec::new();
    for candidate in candidates {
        let candidate = candidate.recognized();
        let is_new = found.iter().all(|other| other.weights != candidate.weights);
        if found.is_empty() || is_new && candidate.report.matched > 0 {
            found.push(candidate);
        }
    }
    if found.len() > 1 {
        let origins = found.into_iter().map(|found| found.origin).collect();
        return Err(RecognizeError::Ambiguous { origins });
    }
    found.pop().ok_or_else(|| ConfigError::new("", "expected a package that has this model").into())
}

/// The weights of a model in exactly the names and layouts of one package.
pub(crate) fn in_names_of(
    model: &(impl Names + ?Sized),
    graph: &Graph,
    weights: &Weights,
    dialect: Dialect,
) -> Result<Recognized, ConfigError> {
    let naming = Naming::of(model, graph, dialect)?;
    Ok(Candidate::of(&naming, &File::plain(weights), String::new(), false).recognized())
}

/// Compares weights with a model in the names of one origin.
///
/// # Errors
/// The package does not have such a model.
pub fn compare(
    model: &(impl Names + ?Sized),
    graph: &Graph,
    weights: &Weights,
    origin: &Origin,
) -> Result<LoadReport, ConfigError> {
    let naming = Naming::of(model, graph, origin.dialect)?;
    let file = if origin.is_rewritten { File::rewritten(weights) } else { None };
    let file = file.unwrap_or_else(|| File::plain(weights));
    Ok(Candidate::of(&naming, &file, origin.prefix.clone(), true).report)
}

/// The parameters of a model as a package names and stores them.
struct Naming {
    dialect: Dialect,
    expected: Vec<Expected>,
}

/// A parameter in the names of a package.
#[derive(PartialEq)]
struct Expected {
    theirs: String,
    ours: String,
    layout: Layout,
    /// The shape here.
    shape: Vec<usize>,
}

/// The names of a model in each package that has it, or in one package. Packages with the same names and layouts count
/// as one.
fn namings(
    model: &(impl Names + ?Sized),
    graph: &Graph,
    only: Option<Dialect>,
) -> Result<Vec<Naming>, ConfigError> {
    if let Some(dialect) = only {
        return Ok(vec![Naming::of(model, graph, dialect)?]);
    }
    let mut namings: Vec<Naming> = Vec::new();
    for dialect in Dialect::ALL {
        if let Ok(naming) = Naming::of(model, graph, dialect)
            && namings.iter().all(|other| other.expected != naming.expected)
        {
            namings.push(naming);
        }
    }
    Ok(namings)
}

/// The names in a file, as they are compared.
struct File<'w> {
    weights: &'w Weights,
    /// The name in the file for each name that is compared.
    names: BTreeMap<String, &'w str>,
    is_rewritten: bool,
}

impl<'w> File<'w> {
    fn plain(weights: &'w Weights) -> Self {
        let names = names(weights).map(|name| (name.to_owned(), name)).collect();
        Self { weights, names, is_rewritten: false }
    }

    /// The file with rewritten names; `None` if they are the same, or no longer distinct.
    fn rewritten(weights: &'w Weights) -> Option<Self> {
        let pairs: BTreeMap<String, &str> = names(weights).map(|name| (rewritten(name), name)).collect();
        let is_other = pairs.iter().any(|(new, old)| new != old);
        let is_distinct = pairs.len() == names(weights).count();
        if !is_other || !is_distinct {
            return None;
        }
        Some(Self { weights, names: pairs, is_rewritten: true })
    }
}

/// All names in a file.
fn names(weights: &Weights) -> impl Iterator<Item = &str> {
    weights.iter().map(|(name, _)| name).chain(weights.others().map(|(name, _)| name))
}

impl Naming {
    fn of(model: &(impl Names + ?Sized), graph: &Graph, dialect: Dialect) -> Result<Self, ConfigError> {
        let input = graph.inputs().next().map_or_else(|| Shape::new(0, []), |(_, node)| node.shape.clone());
        let renames = checked_renames(model, &input, dialect)?;
        let known: BTreeMap<&str, (&str, Layout)> = renames
            .iter()
            .map(|rename| (rename.ours.as_str(), (rename.theirs.as_str(), rename.layout)))
            .collect();
        let expected = graph.parameters().map(|parameter| {
            let (ours, shape) = (parameter.name, parameter.shape);
            let (theirs, layout) = known.get(ours.as_str()).copied().unwrap_or((&ours, Layout::Same));
            Expected { theirs: theirs.to_owned(), layout, ours, shape }
        });
        Ok(Self { dialect, expected: expected.collect() })
    }

    /// The prefixes that may precede the names in a file: none, and those of at least half of the parameters.
    fn prefixes(&self, file: &File<'_>, given: Option<&str>) -> Vec<String> {
        if let Some(given) = given {
            return vec![given.to_owned()];
        }
        let expected: HashSet<&str> = self.expected.iter().map(|expected| expected.theirs.as_str()).collect();
        let lengths: BTreeSet<usize> = expected.iter().map(|name| name.len()).collect();
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for name in file.names.keys() {
            for length in &lengths {
                let Some((prefix, end)) =
                    name.len().checked_sub(*length).and_then(|at| name.split_at_checked(at))
                else {
                    continue;
                };
                if !prefix.is_empty() && expected.contains(end) {
                    *counts.entry(prefix).or_default() += 1;
                }
            }
        }
        let mut frequent: Vec<(&str, usize)> =
            counts.into_iter().filter(|(_, count)| 2 * count >= expected.len()).collect();
        frequent.sort_by_key(|(prefix, count)| (std::cmp::Reverse(*count), *prefix));
        let frequent = frequent.into_iter().take(MOST_PREFIXES).map(|(prefix, _)| prefix.to_owned());
        std::iter::once(String::new()).chain(frequent).collect()
    }
}

/// A file compared with the names of a package after a prefix.
struct Candidate<'w> {
    origin: Origin,
    report: LoadReport,
    /// The arrays of the right shape.
    matched: Vec<(&'w Expected, &'w Array)>,
}

impl<'w> Candidate<'w> {
    fn of(naming: &'w Naming, file: &'w File<'w>, prefix: String, is_given: bool) -> Self {
        let mut report = LoadReport::default();
        let mut matched = Vec::new();
        let mut known = BTreeSet::new();
        for expected in &naming.expected {
            let wanted = format!("{prefix}{}", expected.theirs);
            let Some(name) = file.names.get(&wanted).copied() else {
                report.missing.push(wanted);
                continue;
            };
            known.insert(name);
            let Some(array) = file.weights.get(name) else {
                let found = file.weights.other(name).unwrap_or_default().to_owned();
                report.unusable.push(Unusable { name: name.to_owned(), found });
                continue;
            };
            if expected.layout.accepts(array.shape(), &expected.shape) {
                report.matched += 1;
                matched.push((expected, array));
            } else {
                let (found, expected) = (array.shape().to_vec(), expected.layout.shape(&expected.shape));
                report.misshapen.push(Misshapen { name: name.to_owned(), found, expected });
            }
        }
        for (compared, name) in &file.names {
            let is_outside = is_given && !compared.starts_with(&prefix);
            if !is_outside && !known.contains(name) && !is_bookkeeping(name) {
                report.unexpected.push((*name).to_owned());
            }
        }
        let origin = Origin { dialect: naming.dialect, prefix, is_rewritten: file.is_rewritten };
        Self { origin, report, matched }
    }

    /// Larger is better: more weights that match, then more names.
    fn score(&self) -> (bool, usize, usize) {
        let LoadReport { matched, misshapen, unusable, .. } = &self.report;
        (self.report.is_exact(), *matched, misshapen.len() + unusable.len())
    }

    fn recognized(self) -> Recognized {
        let arrays = self.matched.iter().map(|(expected, array)| {
            (expected.ours.clone(), placed(array, expected.layout, &expected.shape))
        });
        Recognized { weights: arrays.collect(), origin: self.origin, report: self.report }
    }
}
