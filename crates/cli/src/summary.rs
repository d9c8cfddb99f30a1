//! `factory summary`.

use std::io::IsTerminal;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use engine::{Engine, Options};
use graph::format::{table, thousands};
use graph::{Array, BuildError, Graph, Shape, Weights, escaped, merge, printable};
use model::Model;
use serde::Serialize;

use crate::failure::{Failure, cannot_write};
use crate::model::Choice;
use crate::number::positive;
use crate::output::is_verbose;

/// Show the layers of a model and their cost.
#[derive(Args, Debug)]
pub(crate) struct Summary {
    #[command(flatten)]
    model: Choice,
    /// Show the inference form, with norms and branches folded into convolutions
    #[arg(long)]
    merged: bool,
    /// Fold layers whose names have more than this many parts
    #[arg(long, value_name = "PARTS", value_parser = positive)]
    depth: Option<NonZeroUsize>,
    /// Show the kernels that the engine runs the inference form with on this machine
    #[arg(long, conflicts_with_all = ["merged", "depth", "json", "svg"])]
    engine: bool,
    /// Print JSON with the fields of `report::Summary`, for one sample
    #[arg(long)]
    json: bool,
    /// Draw the graph into an SVG file
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

/// The JSON form.
#[derive(Serialize)]
struct Report<'s> {
    name: &'s str,
    architecture: &'s str,
    merged: bool,
    #[serde(flatten)]
    summary: report::Summary,
    refusals: Vec<Refusal>,
}

#[derive(Serialize)]
struct Refusal {
    layer: String,
    reason: String,
}

/// Maximum number of layers that are shown on a terminal, if folding allows.
const MOST_LINES: usize = 40;

impl Summary {
    /// Whether a long list of layers is folded: on a terminal, for a reader.
    fn folds(&self) -> bool {
        std::io::stdout().is_terminal() && !is_verbose() && !self.json && self.svg.is_none()
    }

    pub(crate) fn run(self) -> Result<String, Failure> {
        let model = self.model.choose()?;
        if self.engine {
            let weights = weights_of(model.stored, &model.graph, "--engine")?;
            return kernels(&model.name, &Model::new(model.graph, weights));
        }
        let (graph, refusals) = if self.merged {
            let weights = weights_of(model.stored, &model.graph, "--merged")?;
            inference(&model.graph, &weights)
        } else {
            (model.graph, Vec::new())
        };
        let depth = self.depth.map(NonZeroUsize::get);
        let (depth, folded) = match depth {
            None if self.folds() => depth_for(&graph, MOST_LINES)?,
            depth => (depth, false),
        };
        let summary = report::Summary::of(&graph, depth)?;
        if let Some(file) = &self.svg {
            let svg = report::drawing(&graph, &model.name, depth)?;
            graph::file::write(file, svg.as_bytes()).map_err(|error| cannot_write(file, &error))?;
        }
        let (name, architecture, merged) = (&model.name, &model.architecture, self.merged);
        if self.json {
            let report = Report { name, architecture, merged, summary, refusals };
            let text = serde_json::to_string_pretty(&report);
            return text.map(|text| text + "\n").map_err(Failure::input);
        }
        let mut title = printable(name);
        if !architecture.is_empty() {
            title.push_str(&format!(", {}", printable(architecture)));
        }
        if merged {
            title.push_str(", merged");
        }
        let mut text = format!("{title}\n\n{summary}");
        if folded {
            text.push_str("layers           folded for the terminal; --verbose shows all, --depth chooses\n");
        }
        for Refusal { layer, reason } in refusals {
            text.push_str(&format!("not merged       {}: {}\n", printable(&layer), escaped(&reason)));
        }
        Ok(text)
    }
}

/// The instructions of the engine for a model, one per line.
fn kernels(name: &str, model: &Model) -> Result<String, Failure> {
    let engine = Engine::new(model, Options::default()).map_err(Failure::input)?;
    let inputs: Vec<Shape> = engine.graph().inputs().map(|(_, node)| node.shape.clone()).collect();
    let session = engine.session(&inputs).map_err(Failure::input)?;
    let instructions = session.instructions().map_err(Failure::input)?;
    let mut rows = vec![["node", "kernel", "output", "MACs"].map(str::to_owned)];
    let mut macs = 0;
    for instruction in &instructions {
        macs += instruction.macs;
        let cells = [printable(&instruction.node), instruction.kernel.clone(), instruction.shape.to_string()];
        let [node, kernel, shape] = cells;
        rows.push([node, kernel, shape, thousands(instruction.macs)]);
    }
    Ok(format!(
        "{}, engine with {} instructions\n\n{}\n{} kernels, {} MACs\n",
        printable(name),
        engine.level(),
        table(&rows, 3),
        instructions.len(),
        thousands(macs)
    ))
}

/// The greatest depth that folds the layers of a graph to this number, and whether it folds any. `None` for all layers.
fn depth_for(graph: &Graph, most: usize) -> Result<(Option<usize>, bool), BuildError> {
    if graph.nodes().count() <= most {
        return Ok((None, false));
    }
    let deepest = graph.nodes().map(|(_, node)| node.name.split('.').count()).max().unwrap_or(1);
    for depth in (1..deepest).rev() {
        if depth == 1 || report::Summary::of(graph, Some(depth))?.layers.len() <= most {
            return Ok((Some(depth), true));
        }
    }
    Ok((None, false))
}

/// The weights of a stored model, or any weights of a graph. Their values have no influence on what can be merged.
fn weights_of(stored: Option<Model>, graph: &Graph, option: &str) -> Result<Weights, Failure> {
    /// 1 GiB, which merging takes about twice.
    const LARGEST: usize = 1 << 28;
    if let Some(stored) = stored {
        return Ok(stored.weights);
    }
    let count = graph.parameter_count();
    if count > LARGEST {
        let message = format!("{option}: expected a network of at most {LARGEST} parameters, found {count}");
        return Err(Failure::input(message));
    }
    let mut weights = Weights::default();
    for parameter in graph.parameters() {
        weights.insert(&parameter.name, Array::from_fn(parameter.shape, |_| 1.0));
    }
    Ok(weights)
}

/// The inference form, and what could not be merged.
fn inference(graph: &Graph, weights: &Weights) -> (Graph, Vec<Refusal>) {
    let merged = merge(graph, weights);
    let refusals = merged.refusals.into_iter();
    (merged.graph, refusals.map(|r| Refusal { layer: r.node, reason: r.reason }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_graphs_are_folded_as_little_as_possible() {
        let factory = factory::Factory::builtin();
        let layers = |name: &str| {
            let graph = factory.build(&factory.find(name).unwrap().config()).unwrap().graph;
            let (depth, folded) = depth_for(&graph, MOST_LINES).unwrap();
            (folded, report::Summary::of(&graph, depth).unwrap().layers.len(), graph.nodes().count())
        };
        let (folded, shown, all) = layers("resnet/micro");
        assert!(!folded && shown == all);
        for name in ["ss-4-tcn-sm", "resnet152", "mobileone/s0"] {
            let (folded, shown, all) = layers(name);
            assert!(folded && shown <= MOST_LINES && all > MOST_LINES, "{name}: {shown} of {all}");
        }
    }
}
