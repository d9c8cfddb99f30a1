//! Weights of files for a model, in the names of any package.

use std::path::Path;

use dialects::{Dialect, OriginFilter, RecognizeError, Recognized, compare, recognize};
use factory::{BuiltModel, Overrides};
use graph::{Graph, LoadReport, Role, Weights, printable, quoted, shown_path};
use model::Model;

use crate::failure::{Failure, read};
use crate::output::note;
use crate::stored::weights_file;

/// A model that weights are read for.
pub(crate) struct Wanted<'m> {
    /// The model as the user gave it.
    pub(crate) name: &'m str,
    pub(crate) model: &'m BuiltModel,
    /// Builds the model with other classes or channels, to find out what the weights are for.
    pub(crate) build: &'m dyn Fn(Overrides) -> Option<BuiltModel>,
}

/// Reads exactly the weights of a model, in the names used here. A note says if the file has other names. `advice` says
/// what to do if the weights are for other numbers of classes or channels.
pub(crate) fn load(
    file: &Path,
    wanted: &Wanted<'_>,
    advice: impl Fn(Overrides) -> String,
) -> Result<Weights, Failure> {
    let filter = OriginFilter::default();
    let found = find(file, wanted.model, &filter)?;
    if !found.report.is_exact() {
        let mut message = mismatch(file, wanted, &found, &filter);
        if let Some(differing) = wanted.differing(file, &found) {
            message.push_str(&format!("; the weights are for {}: {}", counted(differing), advice(differing)));
        }
        return Err(Failure::input(message));
    }
    note_origin(file, &found, &filter);
    Ok(found.weights)
}

/// Reads the weights of a model, as far as they match.
pub(crate) fn find(file: &Path, model: &BuiltModel, filter: &OriginFilter) -> Result<Recognized, Failure> {
    let path = weights_file(file);
    let shown = shown_path(&path);
    if filter.prefix.is_none() && model::is_checkpoint(&path) {
        let found = "a checkpoint of a training; use the run's model file";
        return Err(Failure::input(format!("weights file {shown}: expected weights, found {found}")));
    }
    let weights = read(file)?;
    let mut filter = filter.clone();
    if filter.dialect.is_none() && Model::is_stored_in(&path) {
        filter.dialect = Some(Dialect::Native);
    }
    recognize(model, &model.graph, &weights, &filter).map_err(|error| match error {
        RecognizeError::Config(error) => error.into(),
        error @ RecognizeError::Ambiguous { .. } => {
            let advice = "choose one with `factory convert` and its options --from and --prefix";
            Failure::input(format!("weights file {shown}: {error}; {advice}"))
        }
    })
}

/// Says which names the weights of a file have, unless they are the ones used here or the ones that the user gave.
pub(crate) fn note_origin(file: &Path, found: &Recognized, filter: &OriginFilter) {
    let origin = &found.origin;
    let is_other = origin.dialect != Dialect::Native && filter.dialect.is_none();
    let is_prefixed = !origin.prefix.is_empty() && filter.prefix.is_none();
    if is_other || is_prefixed || origin.is_rewritten {
        note(&format!("note: weights file {} has {origin}", shown_path(file)));
    }
}

/// The sentence that weights do not match a model.
pub(crate) fn mismatch(
    file: &Path,
    wanted: &Wanted<'_>,
    found: &Recognized,
    filter: &OriginFilter,
) -> String {
    let Recognized { origin, report, .. } = found;
    let mut text = format!("weights file {} does not match {}", shown_path(file), printable(wanted.name));
    let is_plain = origin.dialect == Dialect::Native && origin.prefix.is_empty();
    if !is_plain || filter.dialect.is_some() {
        text.push_str(&format!(" in {origin}"));
    }
    if is_foreign(report) {
        let expected = report.missing.first().map_or_else(String::new, |name| quoted(name));
        let found = report.unexpected.first().map_or_else(|| "no weights".to_owned(), |name| quoted(name));
        text.push_str(&format!(": no name matches; expected names such as {expected}, found {found}"));
    } else {
        text.push_str(&format!(": {report}"));
    }
    if is_merged(file, wanted.model) {
        text.push_str("; the weights are those of the merged network");
        if Model::is_stored_in(weights_file(file)) {
            text.push_str(", and the file is a model file: use it as MODEL");
        }
    } else if is_unmerged(&wanted.model.graph, report) {
        text.push_str("; the weights have norms, as those of the unmerged network");
    }
    text
}

/// Whether no array has the name of a weight.
pub(crate) fn is_foreign(report: &LoadReport) -> bool {
    report.matched == 0 && report.misshapen.is_empty() && report.unusable.is_empty()
}

/// Whether the weights of a file are those of the merged network.
fn is_merged(file: &Path, model: &BuiltModel) -> bool {
    /// Merging draws the weights of the model.
    const MOST_PARAMETERS: u64 = 100_000_000;
    if !has_variances(&model.graph)
        || model.graph.cost().map_or(true, |cost| cost.trainable > MOST_PARAMETERS)
    {
        return false;
    }
    let Ok(weights) = read(file) else { return false };
    let graph = graph::merge(&model.graph, &Weights::initial(&model.graph, 0)).graph;
    let merged = BuiltModel { graph, config: None, ..model.clone() };
    let found = recognize(&merged, &merged.graph, &weights, &OriginFilter::default());
    found.is_ok_and(|found| found.report.is_exact())
}

/// Whether the file has norms, and the network has none.
fn is_unmerged(graph: &Graph, report: &LoadReport) -> bool {
    let is_variance = |name: &String| name.ends_with("running_var") || name.ends_with("moving_variance");
    !has_variances(graph) && report.unexpected.iter().any(is_variance)
}

fn has_variances(graph: &Graph) -> bool {
    graph.parameters().any(|parameter| parameter.role == Role::Variance)
}

impl Wanted<'_> {
    /// The number of classes or channels that the weights of a file are for, if that is all in which they differ from
    /// the model.
    pub(crate) fn differing(&self, file: &Path, found: &Recognized) -> Option<Overrides> {
        /// A head, or convolutions of the input.
        const MOST_DIFFERENCES: usize = 16;
        /// Each size is tried as a number of classes and of channels, and with every other one.
        const MOST_SIZES: usize = 8;
        let report = &found.report;
        let differ = report.misshapen.len();
        let only_shapes =
            report.missing.is_empty() && report.unexpected.is_empty() && report.unusable.is_empty();
        if !only_shapes || !(1..=MOST_DIFFERENCES).contains(&differ) {
            return None;
        }
        let weights = read(file).ok()?;
        let mut sizes: Vec<Option<usize>> = Vec::new();
        for size in report.misshapen.iter().flat_map(|wrong| wrong.found.iter().copied()) {
            if sizes.len() < MOST_SIZES && !sizes.contains(&Some(size)) {
                sizes.push(Some(size));
            }
        }
        let only_classes = sizes.iter().map(|classes| Overrides { channels: None, classes: *classes });
        let only_channels = sizes.iter().map(|channels| Overrides { channels: *channels, classes: None });
        let both = sizes.iter().flat_map(|classes| {
            sizes.iter().map(|channels| Overrides { channels: *channels, classes: *classes })
        });
        only_classes.chain(only_channels).chain(both).find(|overrides| {
            let Some(model) = (self.build)(*overrides) else { return false };
            let report = compare(&model, &model.graph, &weights, &found.origin);
            report.is_ok_and(|report| report.is_exact())
        })
    }
}

/// `10 classes and 3 channels`.
pub(crate) fn counted(overrides: Overrides) -> String {
    let count = |count: Option<usize>, one: &str, many: &str| {
        count.map(|count| format!("{count} {}", if count == 1 { one } else { many }))
    };
    let classes = count(overrides.classes, "class", "classes");
    let channels = count(overrides.channels, "input channel", "input channels");
    [classes, channels].into_iter().flatten().collect::<Vec<_>>().join(" and ")
}

/// Options of a command for these numbers, such as `--old-classes 10`.
pub(crate) fn options(overrides: Overrides, prefix: &str) -> String {
    let option = |name: &str, count: Option<usize>| count.map(|count| format!("--{prefix}{name} {count}"));
    let options = [option("classes", overrides.classes), option("channels", overrides.channels)];
    options.into_iter().flatten().collect::<Vec<_>>().join(" ")
}
