//! The report of a run, `report.html`.

mod curves;
mod examples;

use std::collections::BTreeMap;
use std::path::Path;

use graph::format::thousands;
use graph::merge;
use report::{Details, Figure, Journal, Layer, Outcome, Page, Summary, Table};

use crate::backend::Backend;
use crate::baseline::Baseline;
use crate::failure::Failure;
use crate::trained::{Comparison, EvaluationSet, Trained};
use curves::of_run;
use examples::examples;

/// The parts of a report besides the trained model.
pub(crate) struct ReportContext<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) command: String,
    pub(crate) seed: u64,
    pub(crate) steps: u64,
    pub(crate) best: Option<u64>,
    /// The test set (or, without one, the validation set), and the evaluations.
    pub(crate) test: Option<(&'a EvaluationSet, &'a Comparison)>,
    /// The interpreter that predicts the examples.
    pub(crate) backend: &'a Backend,
    pub(crate) baseline: Option<&'a Baseline>,
    /// One line for each split of the data.
    pub(crate) data: Vec<String>,
    /// Conclusions about the files of the data.
    pub(crate) notes: Vec<String>,
}

/// The report of a run.
pub(crate) fn page(trained: &Trained, context: &ReportContext<'_>) -> Result<Page, Failure> {
    let entries = Journal::entries(context.folder).map_err(Failure::input)?;
    let examples = match context.test {
        Some((set, comparison)) => examples(trained, set, &comparison.merged.details, context.backend)?,
        None => Vec::new(),
    };
    let comparison = context.test.map(|(_, comparison)| comparison);
    Ok(Page {
        title: trained.name.clone(),
        summary: summary(trained, context),
        figures: figures(trained, context)?,
        curves: of_run(&entries),
        outcome: comparison.map(|comparison| comparison.merged.outcome.clone()),
        evaluated: context.test.map_or(String::new(), |(set, _)| format!("{} data", set.name)),
        details: comparison.map_or(Details::default(), |comparison| comparison.merged.details.clone()),
        comparisons: context
            .test
            .iter()
            .map(|(set, comparison)| comparison_table(set.name, comparison, context.baseline))
            .collect(),
        examples,
        data: context.data.clone(),
        notes: context.notes.clone(),
        model: model(trained)?,
        command: context.command.clone(),
        config: trained.source.config.clone(),
    })
}

fn summary(trained: &Trained, context: &ReportContext<'_>) -> String {
    let task = trained.task.task;
    let best = context
        .best
        .map(|step| format!("; this is the model of step {step}, the best on the validation set"));
    format!(
        "{} for {task}, input {}, trained for {} with seed {}{}.",
        trained.architecture,
        trained.input,
        step_count(context.steps),
        context.seed,
        best.unwrap_or_default()
    )
}

/// `1 step`, `1,250 steps`.
pub(crate) fn step_count(steps: u64) -> String {
    if steps == 1 { "1 step".to_owned() } else { format!("{} steps", thousands(steps)) }
}

fn figures(trained: &Trained, context: &ReportContext<'_>) -> Result<Vec<Figure>, Failure> {
    let mut figures = Vec::new();
    if let Some((measured, comparison)) = context.test {
        figures.extend(of_outcome(&comparison.merged.outcome, measured.describe()));
    }
    let graph = &trained.model.graph;
    let merged = merge(graph, &trained.model.weights).graph;
    let [before, after] = [graph, &merged].map(|graph| Summary::of(graph, Some(1)));
    let (before, after) = (before?.totals, after?.totals);
    let parameters = thousands(after.trainable);
    figures.push(figure(
        "Parameters",
        parameters,
        format!("merged; {} in training", thousands(before.trainable)),
    ));
    figures.push(figure("MACs", thousands(after.macs), "for one input, merged".to_owned()));
    let memory = format!("{:.1} KiB", after.peak_memory as f64 / 1024.0);
    figures.push(figure("Peak memory", memory, "activations as f32".to_owned()));
    Ok(figures)
}

/// The key figures of an outcome; `note` describes the examples.
fn of_outcome(outcome: &Outcome, note: String) -> Vec<Figure> {
    let over_classes = || "mean over classes".to_owned();
    match outcome {
        Outcome::Classes(confusion) => vec![
            figure("Accuracy", format!("{:.2} %", 100.0 * confusion.accuracy()), note),
            figure("Macro F1", format!("{:.4}", confusion.macro_f1()), over_classes()),
        ],
        Outcome::Positions(confusion) => vec![
            figure("Accuracy", format!("{:.2} %", 100.0 * confusion.accuracy()), note),
            figure("Macro F1", format!("{:.4}", confusion.macro_f1()), over_classes()),
            figure("Mean IoU", format!("{:.4}", confusion.mean_iou()), over_classes()),
        ],
        Outcome::Labels(counts) => vec![
            figure("Macro F1", format!("{:.4}", counts.macro_f1()), note),
            figure("All labels correct", format!("{:.2} %", 100.0 * counts.exact_match()), String::new()),
        ],
        Outcome::Values(errors) => {
            let mut figures = Vec::new();
            if let Some(gain) = errors.gain() {
                figures.push(figure("Gain", format!("{gain:.2} dB"), note.clone()));
            }
            figures.push(figure("Mean absolute error", number(errors.mae()), note));
            if let Some(r2) = errors.r2() {
                figures.push(figure("R²", format!("{r2:.4}"), "1 is perfect, 0 the mean".to_owned()));
            }
            figures
        }
    }
}

fn figure(name: &str, value: String, note: String) -> Figure {
    Figure { name: name.to_owned(), value, note }
}

/// Four decimals, or, for small numbers, as many as show the value.
fn number(value: f64) -> String {
    if value != 0.0 && value.abs() < 0.01 { format!("{value:.2e}") } else { format!("{value:.4}") }
}

fn comparison_table(set: &str, comparison: &Comparison, baseline: Option<&Baseline>) -> Table {
    let names: Vec<String> = comparison.unmerged.outcome.summary().into_keys().collect();
    let mut rows = Vec::new();
    for (name, evaluation) in [("as trained", &comparison.unmerged), ("merged", &comparison.merged)] {
        rows.push(row(name, &names, &evaluation.outcome.summary()));
    }
    for report::Baseline { name, outcome } in &comparison.merged.details.baselines {
        rows.push(row(name, &names, &outcome.summary()));
    }
    if let Some(Baseline { name, gain }) = baseline {
        rows.push(row(name, &names, &BTreeMap::from([("gain_db".to_owned(), *gain)])));
    }
    Table {
        title: format!("Metrics on {set} data"),
        columns: ["model".to_owned()].into_iter().chain(names).collect(),
        rows,
        note: String::new(),
    }
}

/// A row with one cell for each figure; a figure without a value is a dash.
fn row(model: &str, names: &[String], figures: &BTreeMap<String, f64>) -> Vec<String> {
    let mut cells = vec![model.to_owned()];
    for name in names {
        cells.push(figures.get(name).map_or("–".to_owned(), |value| number(*value)));
    }
    cells
}

fn model(trained: &Trained) -> Result<Table, Failure> {
    let summary = Summary::of(&trained.model.graph, Some(2))?;
    let row = |layer: &Layer| {
        let shape: Vec<String> = layer.output.iter().map(ToString::to_string).collect();
        let numbers = [layer.trainable, layer.macs].map(thousands);
        [layer.name.clone(), layer.operation.clone(), shape.join(" × ")].into_iter().chain(numbers).collect()
    };
    Ok(Table {
        title: format!("{}, {} parameters", trained.architecture, thousands(summary.totals.trainable)),
        columns: ["Layer", "Operation", "Output", "Parameters", "MACs"].map(str::to_owned).to_vec(),
        rows: summary.layers.iter().map(row).collect(),
        note: String::new(),
    })
}
