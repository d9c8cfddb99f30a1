//! `factory merge`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use data::Normalize;
use factory::Factory;
use graph::{Graph, Op, escaped, format, printable};
use model::Model;

use crate::chosen::Chosen;
use crate::failure::{Failure, check_weights, read};
use crate::model::Choice;
use crate::stored::{Document, can_be_read, weights_file};

/// The note if the weights are not those of a model file.
const PLAIN_WEIGHTS: &str = "plain weights hold no class names and no normalization; inputs are used as they \
    are; merge the run's model file to keep them";

/// Fold norms and branches into convolutions, for inference
///
/// The result is a model file with the merged network, the classes and the normalization.
#[derive(Args, Debug)]
pub(crate) struct Merge {
    #[command(flatten)]
    model: Choice,
    /// Trained weights, a safetensors file; by default, those of a model file or a run's folder
    weights: Option<PathBuf>,
    /// Model file to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

impl Merge {
    pub(crate) fn run(self) -> Result<String, Failure> {
        let (model, note) = self.unmerged()?;
        let (merged, refusals) = model.merged();
        merged.write(&self.output).map_err(Failure::failed)?;
        let mut text = changes(&model.graph, &merged.graph);
        for refusal in &refusals {
            text.push_str(&format!("not merged  {}\n", escaped(&refusal.to_string())));
        }
        let [before, after] = [&model.graph, &merged.graph].map(|graph| report::Summary::of(graph, Some(1)));
        let (before, after) = (before?.totals, after?.totals);
        let line = |what: &str, before: u64, after: u64| {
            format!("{what:10}  {} before, {} after\n", format::thousands(before), format::thousands(after))
        };
        text.push_str(&line("parameters", before.trainable, after.trainable));
        text.push_str(&line("statistics", before.statistics, after.statistics));
        text.push_str(&line("MACs", before.macs, after.macs));
        if let Some(note) = note {
            text.push_str(&format!("note: {note}\n"));
        }
        Ok(text)
    }

    /// The model to merge, and a note about what it lacks.
    fn unmerged(&self) -> Result<(Model, Option<&'static str>), Failure> {
        let Chosen { graph, stored, .. } = self.model.choose()?;
        match (stored, &self.weights) {
            (Some(model), None) => Ok((model, None)),
            (Some(_), Some(file)) => {
                let message = "the model file has its own weights; leave this argument out";
                Err(Failure::input(message).in_file(file))
            }
            (None, Some(file)) => self.with_weights(graph, file),
            (None, None) => {
                let message = "expected WEIGHTS, a safetensors file with the trained weights, found none";
                Err(Failure::usage(format!("{}: {message}", printable(&self.model.model))))
            }
        }
    }

    /// A config's network with the weights of a file. A model file also gives task, classes and
    /// normalization; a note says if plain weights lack them.
    fn with_weights(&self, graph: Graph, file: &Path) -> Result<(Model, Option<&'static str>), Failure> {
        let (model, note) = match Model::read(weights_file(file)) {
            Ok(stored) => (Model { graph, ..stored }, None),
            Err(_) => self.describe(Model::new(graph, read(file)?)),
        };
        check_weights(file, &model.weights, &model.graph, &self.model.model)?;
        Ok((model, note))
    }

    /// Adds what a config says about its data, if it has that section, and the config.
    fn describe(&self, mut model: Model) -> (Model, Option<&'static str>) {
        // A preset has no config; the network of an unreadable one has been refused before.
        // A pipe can be read only once.
        let is_pipe = can_be_read(Path::new(&self.model.model)) && !Path::new(&self.model.model).is_file();
        if is_pipe {
            return (model, None);
        }
        let Ok(document) = Document::read(&self.model.model) else { return (model, None) };
        let mut note = None;
        if let Ok(Some(data)) = Factory::section::<data::Config>(&document.source.config, "data") {
            model.task = Some(data.task);
            if data.task.has_classes() {
                model.classes = data.classes.map(|classes| classes.names()).unwrap_or_default();
            }
            if data.task.has_classes() || data.normalize != Normalize::None {
                note = Some(PLAIN_WEIGHTS);
            }
        }
        model.source = Some(document.source);
        (model, note)
    }
}

/// The changes of the layers: those that are merged away, and sums that became one convolution.
fn changes(before: &Graph, after: &Graph) -> String {
    let mut gone: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut sums = Vec::new();
    for (_, node) in before.nodes() {
        match after.find(&node.name) {
            None => gone.entry(node.op.name()).or_default().push(&node.name),
            Some(value) => {
                if node.op == Op::Add && matches!(after.node(value).op, Op::Conv(_)) {
                    sums.push(node.name.as_str());
                }
            }
        }
    }
    let mut text = String::new();
    for (what, names) in gone {
        text.push_str(&format!("merged      {} {what}: {}\n", names.len(), names.join(", ")));
    }
    if !sums.is_empty() {
        text.push_str(&format!("merged      {} sums into one conv each: {}\n", sums.len(), sums.join(", ")));
    }
    if text.is_empty() {
        text.push_str("merged      nothing\n");
    }
    text
}
