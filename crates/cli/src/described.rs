//! Model files of a network and weights, with what is known about them.

use std::path::Path;

use data::Normalize;
use factory::Factory;
use graph::{Graph, Weights};
use model::Model;

use crate::document::Document;
use crate::model::Choice;
use crate::stored::weights_file;

/// The note if the weights are not those of a model file.
const PLAIN_WEIGHTS: &str = "plain weights hold no class names and no normalization; inputs are used as they \
    are; use the run's model file to keep them";

/// The model of a config's network and the weights of a file. If the file is a model file, also its task, classes
/// and normalization; otherwise what the config says about its data, and a note about what is not known.
pub(crate) fn described(
    choice: &Choice,
    graph: Graph,
    weights: Weights,
    file: &Path,
) -> (Model, Option<&'static str>) {
    if let Ok(stored) = Model::read(weights_file(file)) {
        return (Model { graph, weights, ..stored }, None);
    }
    let mut model = Model::new(graph, weights);
    let is_changed = choice.channels.is_some() || choice.classes.is_some();
    // An unreadable config has been refused before.
    let note = choice.document().ok().and_then(|document| describe(&mut model, document, is_changed));
    (model, note)
}

/// Adds what a config says about its data, if it has that section, and the config. If options have changed its channels
/// or classes, only the task is added. Returns a note about what a config cannot say.
pub(crate) fn describe(model: &mut Model, document: Document, is_changed: bool) -> Option<&'static str> {
    let mut note = None;
    if let Ok(Some(data)) = Factory::section::<data::Config>(&document.source.config, "data") {
        model.task = Some(data.task);
        if data.task.has_classes() && !is_changed {
            model.classes = data.classes.map(|classes| classes.names()).unwrap_or_default();
        }
        if data.task.has_classes() || data.normalize != Normalize::None {
            note = Some(PLAIN_WEIGHTS);
        }
    }
    if !is_changed {
        model.source = Some(document.source);
    }
    note
}
