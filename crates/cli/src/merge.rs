//! `factory merge`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use graph::{Graph, Op, escaped, format, printable};

use crate::failure::Failure;
use crate::output;
use crate::with_weights::ModelWithWeights;

/// Fold norms and branches into convolutions, for inference
///
/// The result is a model file with the merged network, the classes and the normalization.
#[derive(Args, Debug)]
pub(crate) struct Merge {
    #[command(flatten)]
    model: ModelWithWeights,
    /// Model file to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

impl Merge {
    pub(crate) fn run(self) -> Result<String, Failure> {
        self.model.check_output(&self.output)?;
        let (model, note) = self.model.read()?;
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
