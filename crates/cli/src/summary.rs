//! `factory summary`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use graph::{Array, Graph, Weights, escaped, merge, printable};
use serde::Serialize;

use crate::failure::{Failure, cannot_write};
use crate::model::Choice;
use crate::number::positive;

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

impl Summary {
    pub(crate) fn run(self) -> Result<String, Failure> {
        let model = self.model.choose()?;
        let depth = self.depth.map(NonZeroUsize::get);
        let (graph, refusals) = if self.merged {
            let weights = match model.stored {
                Some(stored) => stored.weights,
                None => any_weights(&model.graph)?,
            };
            inference(&model.graph, &weights)
        } else {
            (model.graph, Vec::new())
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
        for Refusal { layer, reason } in refusals {
            text.push_str(&format!("not merged       {}: {}\n", printable(&layer), escaped(&reason)));
        }
        Ok(text)
    }
}

/// Weights of a graph. Their values have no influence on what can be merged.
fn any_weights(graph: &Graph) -> Result<Weights, Failure> {
    /// 1 GiB, which merging takes about twice.
    const LARGEST: usize = 1 << 28;
    let count = graph.parameter_count();
    if count > LARGEST {
        let message = format!("--merged: expected a network of at most {LARGEST} parameters, found {count}");
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
