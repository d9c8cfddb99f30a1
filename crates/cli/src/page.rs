//! The report of a run: what `report.html` shows.

mod examples;

use std::path::Path;

use data::{Examples, Task};
use factory::{Summary, grouped};
use graph::merge;
use report::{Chart, Entry, Figure, Journal, Outcome, Page, Series, Table};
use torch::Net;

use crate::baseline::Baseline;
use crate::failure::Failure;
use crate::trained::{Sides, Trained};
use examples::examples;

/// What a report is made of, besides the trained model.
pub(crate) struct Account<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) command: String,
    pub(crate) seed: u64,
    pub(crate) steps: u64,
    pub(crate) best: Option<u64>,
    /// Test examples, the net, and what it does on them, where there are any.
    pub(crate) test: Option<(&'a Examples, &'a Net, &'a Sides)>,
    pub(crate) baseline: Option<Baseline>,
}

/// The report of a run.
pub(crate) fn page(trained: &Trained, account: &Account<'_>) -> Result<Page, Failure> {
    let entries = Journal::entries(account.folder).map_err(Failure::input)?;
    let examples = match account.test {
        Some((test, net, _)) => examples(trained, test, net.device())?,
        None => Vec::new(),
    };
    let sides = account.test.map(|(_, _, sides)| sides);
    Ok(Page {
        title: trained.model.name.clone(),
        summary: summary(trained, account),
        figures: figures(trained, account)?,
        curves: curves(&entries),
        outcome: sides.map(|sides| sides.merged.outcome.clone()),
        comparisons: sides.iter().map(|sides| comparison(sides, account.baseline.as_ref())).collect(),
        examples,
        model: model(trained)?,
        command: account.command.clone(),
        config: trained.file.config.clone(),
    })
}

fn summary(trained: &Trained, account: &Account<'_>) -> String {
    let task = match trained.data.task {
        Task::Classification => "classification",
        Task::Segmentation => "segmentation",
        Task::Regression => "regression",
        Task::Denoising => "denoising",
    };
    let best = account.best.map(|step| format!(", of step {step}, the best on the validation part"));
    let model = &trained.model;
    format!(
        "{} for {task}, input {}, trained for {} steps with seed {}{}.",
        model.architecture,
        model.input,
        grouped(account.steps),
        account.seed,
        best.unwrap_or_default()
    )
}

fn figures(trained: &Trained, account: &Account<'_>) -> Result<Vec<Figure>, Failure> {
    let figure = |name: &str, value: String, note: String| Figure { name: name.to_owned(), value, note };
    let mut figures = Vec::new();
    if let Some((examples, _, sides)) = account.test {
        let note = format!("{} test examples", grouped(examples.len() as u64));
        match &sides.merged.outcome {
            Outcome::Classes(confusion) => {
                figures.push(figure("Accuracy", format!("{:.2} %", 100.0 * confusion.accuracy()), note));
                figures.push(figure(
                    "Macro F1",
                    format!("{:.4}", confusion.macro_f1()),
                    "mean over classes".into(),
                ));
            }
            Outcome::Values(errors) => {
                if let Some(gain) = errors.gain() {
                    figures.push(figure("Gain", format!("{gain:.2} dB"), note.clone()));
                }
                figures.push(figure("Mean absolute error", format!("{:.4}", errors.mae()), note));
            }
        }
    }
    let graph = &trained.model.graph;
    let merged = merge(graph, &trained.file.weights).graph;
    let [before, after] = [graph, &merged].map(|graph| Summary::of(graph, Some(1)));
    let (before, after) = (before?.totals, after?.totals);
    let parameters = grouped(after.trainable);
    figures.push(figure(
        "Parameters",
        parameters,
        format!("merged; {} in training", grouped(before.trainable)),
    ));
    figures.push(figure("MACs", grouped(after.macs), "for one input, merged".to_owned()));
    let memory = format!("{:.1} KiB", after.peak_memory as f64 / 1024.0);
    figures.push(figure("Peak memory", memory, "activations as f32".to_owned()));
    Ok(figures)
}

fn curves(entries: &[Entry]) -> Vec<Chart> {
    let series = |key: &str, name: &str| Series::of(entries, key, name);
    let chart = |title: &str, log_y: bool, series: Vec<Series>| Chart {
        title: title.to_owned(),
        x: "step".to_owned(),
        y: String::new(),
        log_y,
        series: series.into_iter().filter(|series| !series.points.is_empty()).collect(),
    };
    let charts = [
        chart(
            "Loss",
            true,
            vec![
                series("train/epoch_loss", "training, mean of epoch"),
                series("validation/loss", "validation"),
            ],
        ),
        chart(
            "Validation",
            false,
            vec![
                series("validation/accuracy", "accuracy"),
                series("validation/macro_f1", "macro F1"),
                series("validation/gain_db", "gain in dB"),
            ],
        ),
        chart("Loss of each step", true, vec![series("train/loss", "training")]),
        chart("Learning rate", false, vec![series("train/rate", "rate")]),
        chart("Norm of the gradients", true, vec![series("train/gradient_norm", "before clipping")]),
    ];
    charts.into_iter().filter(|chart| !chart.series.is_empty()).collect()
}

fn comparison(sides: &Sides, baseline: Option<&Baseline>) -> Table {
    let names: Vec<String> = sides.unmerged.outcome.summary().into_keys().collect();
    let row = |name: &str, values: &dyn Fn(&str) -> Option<f64>| {
        let values =
            names.iter().map(|name| values(name).map_or("–".to_owned(), |value| format!("{value:.4}")));
        [name.to_owned()].into_iter().chain(values).collect::<Vec<_>>()
    };
    let mut rows: Vec<Vec<String>> = [("as trained", &sides.unmerged), ("merged", &sides.merged)]
        .into_iter()
        .map(|(name, side)| {
            let summary = side.outcome.summary();
            row(name, &|key| summary.get(key).copied())
        })
        .collect();
    rows.extend(
        baseline.map(|baseline| row(&baseline.name, &|key| (key == "gain_db").then_some(baseline.gain))),
    );
    Table {
        title: "Test data".to_owned(),
        columns: ["model".to_owned()].into_iter().chain(names).collect(),
        rows,
        note: String::new(),
    }
}

fn model(trained: &Trained) -> Result<Table, Failure> {
    let summary = Summary::of(&trained.model.graph, Some(2))?;
    let row = |layer: &factory::Layer| {
        let shape: Vec<String> = layer.output.iter().map(ToString::to_string).collect();
        let numbers = [layer.trainable, layer.macs].map(grouped);
        [layer.name.clone(), layer.operation.clone(), shape.join(" × ")].into_iter().chain(numbers).collect()
    };
    Ok(Table {
        title: format!("{}, {} parameters", trained.model.architecture, grouped(summary.totals.trainable)),
        columns: ["Layer", "Operation", "Output", "Parameters", "MACs"].map(str::to_owned).to_vec(),
        rows: summary.layers.iter().map(row).collect(),
        note: String::new(),
    })
}
