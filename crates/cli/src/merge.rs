//! `factory merge`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use graph::{Graph, Op, escaped, format, printable};
use model::Model;

use crate::described::described;
use crate::failure::Failure;
use crate::loading::{Wanted, load, options};
use crate::model::Choice;
use crate::output;
use crate::stored::{check_output, model_file};

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
        let mut inputs = vec![Path::new(&self.model.model)];
        inputs.extend(self.weights.as_deref());
        check_output(&self.output, &inputs)?;
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
        if let Some(sentence) = note {
            output::note(&format!("note: {sentence}"));
        }
        Ok(text)
    }

    /// The model to merge, and a note about what it lacks.
    fn unmerged(&self) -> Result<(Model, Option<&'static str>), Failure> {
        let stored = match model_file(&self.model.model) {
            Some(_) => self.model.choose()?.stored,
            None => None,
        };
        match (stored, &self.weights) {
            (Some(model), None) => Ok((model, None)),
            (Some(_), Some(file)) => {
                let message = "the model file has its own weights; leave this argument out";
                Err(Failure::input(message).in_file(file))
            }
            (None, Some(file)) => self.with_weights(file),
            (None, None) => {
                let message = "expected WEIGHTS, a safetensors file with the trained weights, found none";
                Err(Failure::usage(format!("{}: {message}", printable(&self.model.model))))
            }
        }
    }

    /// The config's network with the weights of a file.
    fn with_weights(&self, file: &Path) -> Result<(Model, Option<&'static str>), Failure> {
        let built = self.model.build()?;
        let build = |overrides| self.model.rebuild(overrides).ok();
        let wanted = Wanted { name: &self.model.model, model: &built, build: &build };
        let weights = load(file, &wanted, |differing| format!("use {}", options(differing, "")))?;
        Ok(described(&self.model, built.graph, weights, file))
    }
}

/// The first names of a list and the number of the others; with `--verbose`, all names.
fn joined(names: &[&str]) -> String {
    let most = if output::is_verbose() { names.len() } else { output::SHOWN };
    let shown: Vec<String> = names.iter().take(most).map(|name| printable(name)).collect();
    match names.len().checked_sub(most) {
        None | Some(0) => shown.join(", "),
        Some(more) => format!("{} and {more} more", shown.join(", ")),
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
        text.push_str(&format!("merged      {} {what}: {}\n", names.len(), joined(&names)));
    }
    if !sums.is_empty() {
        text.push_str(&format!("merged      {} sums into one conv each: {}\n", sums.len(), joined(&sums)));
    }
    if text.is_empty() {
        text.push_str("merged      nothing\n");
    }
    text
}
