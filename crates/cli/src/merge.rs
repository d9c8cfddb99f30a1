//! `factory merge`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use graph::{Graph, Op, merge};

use crate::failure::{Failure, read, write};
use crate::model::Choice;

/// Fold norms and branches into convolutions, for inference.
#[derive(Args, Debug)]
pub(crate) struct Merge {
    #[command(flatten)]
    model: Choice,
    /// Trained weights of the model, a safetensors file
    weights: PathBuf,
    /// Where the merged weights go
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

impl Merge {
    pub(crate) fn run(self) -> Result<String, Failure> {
        let graph = self.model.build()?.graph;
        let weights = read(&self.weights)?;
        let fit = weights.compare(&graph);
        if !fit.is_exact() {
            let (file, model) = (self.weights.display(), &self.model.model);
            return Err(Failure::input(format!("weights file {file} does not fit {model}: {fit}")));
        }
        let merged = merge(&graph, &weights);
        write(&self.output, &merged.weights)?;
        let mut text = changes(&graph, &merged.graph);
        for refusal in &merged.refusals {
            text.push_str(&format!("not merged  {refusal}\n"));
        }
        let [before, after] = [&graph, &merged.graph].map(|graph| factory::Summary::of(graph, Some(1)));
        let (before, after) = (before?.totals, after?.totals);
        let line = |what: &str, before: u64, after: u64| {
            format!("{what:10}  {} before, {} after\n", factory::grouped(before), factory::grouped(after))
        };
        text.push_str(&line("parameters", before.trainable, after.trainable));
        text.push_str(&line("statistics", before.statistics, after.statistics));
        text.push_str(&line("MACs", before.macs, after.macs));
        Ok(text)
    }
}

/// What became of the layers: sums that are one convolution now, and those that are gone.
fn changes(before: &Graph, after: &Graph) -> String {
    let op = |name: &str| after.find(name).map(|value| &after.node(value).op);
    let mut gone: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut sums = Vec::new();
    for (_, node) in before.nodes() {
        match op(&node.name) {
            None => gone.entry(node.op.name()).or_default().push(&node.name),
            Some(Op::Conv(_)) if node.op == Op::Add => sums.push(node.name.as_str()),
            Some(_) => {}
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
