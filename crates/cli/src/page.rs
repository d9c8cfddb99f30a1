//! The report of a run: what `report.html` shows.

use std::path::Path;

use data::{ExampleTarget as Truth, Examples, MASKED, Order, Task};
use factory::{Summary, grouped};
use graph::{Array, Op, merge};
use report::{Answer, Chart, Entry, Example, Figure, Input, Journal, Outcome, Page, Series, Table};
use torch::Net;
use train::predict;

use crate::baseline::Baseline;
use crate::failure::Failure;
use crate::trained::{Sides, Trained};

/// Test examples that the report shows.
const SHOWN: usize = 6;

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
        Some((examples, net, _)) => shown(trained, examples, net)?,
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

/// Examples at equal distances.
fn shown(trained: &Trained, examples: &Examples, net: &Net) -> Result<Vec<Example>, Failure> {
    let count = SHOWN.min(examples.len());
    (0..count)
        .map(|i| {
            let index = i * examples.len() / count;
            let example = examples.example(index, Order::InOrder)?;
            let shape: Vec<usize> = [1].iter().chain(example.input.shape()).copied().collect();
            let batch = Array::new(shape, example.input.data().to_vec()).expect("one more axis of size 1");
            let outputs = predict(net, &batch)?;
            Ok(Example {
                title: format!("{}, test example {}", example.origin, index + 1),
                input: input(trained, &example.input),
                answer: answer(trained, &example.target, &outputs),
            })
        })
        .collect()
}

/// The input in the data's own units.
fn input(trained: &Trained, standardized: &Array) -> Input {
    let values = own_units(trained, standardized);
    match standardized.shape() {
        [_, _] => Input::Series {
            values,
            channels: Vec::new(),
            rate: trained.data.noise.as_ref().and_then(|noise| noise.sampling_rate),
        },
        _ => Input::Picture { values },
    }
}

fn own_units(trained: &Trained, standardized: &Array) -> Array {
    let mut values = standardized.clone();
    trained.file.normalization.invert(values.data_mut());
    values
}

fn answer(trained: &Trained, truth: &Truth, outputs: &Array) -> Answer {
    let classes = trained.file.classes.clone();
    let index = |class: i64| usize::try_from(class).ok().filter(|_| class != MASKED);
    match truth {
        Truth::Class(class) => Answer::Class {
            classes,
            truth: index(*class),
            probabilities: probabilities(trained, outputs.data()),
        },
        Truth::Positions(truth) => Answer::Labels {
            truth: truth.iter().map(|class| index(*class)).collect(),
            predicted: largest(outputs, classes.len()),
            classes,
        },
        Truth::Values(truth) => {
            let predicted = Array::new(&outputs.shape()[1..], outputs.data().to_vec());
            let predicted = predicted.expect("one axis of size 1 less");
            let is_signal = trained.data.task == Task::Denoising;
            let shown = |array: &Array| if is_signal { own_units(trained, array) } else { array.clone() };
            Answer::Values { truth: Some(shown(truth)), predicted: shown(&predicted) }
        }
    }
}

/// One for each class, from logits or from what the network itself made of them.
pub(crate) fn probabilities(trained: &Trained, outputs: &[f32]) -> Vec<f32> {
    let graph = &trained.model.graph;
    let last = &graph.node(graph.main_output().value).op;
    let with_other = |p: f32| vec![1.0 - p, p];
    match *outputs {
        [p] if matches!(last, Op::Activation(_)) => with_other(p),
        [logit] => with_other(1.0 / (1.0 + (-logit).exp())),
        _ if matches!(last, Op::Softmax) => outputs.to_vec(),
        _ => {
            let top = outputs.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let exponentials: Vec<f32> = outputs.iter().map(|logit| (logit - top).exp()).collect();
            let sum: f32 = exponentials.iter().sum();
            exponentials.iter().map(|e| e / sum).collect()
        }
    }
}

/// The class of each position, of outputs `[1, C, …]`; of one output, whether it is above 0.
pub(crate) fn largest(outputs: &Array, classes: usize) -> Vec<usize> {
    let channels = outputs.shape()[1];
    let positions = outputs.data().len() / channels.max(1);
    let at = |class: usize, position: usize| outputs.data()[class * positions + position];
    let best = |position: usize| match channels {
        1 => usize::from(at(0, position) > 0.0),
        _ => (1..channels.min(classes))
            .fold(0, |best, class| if at(class, position) > at(best, position) { class } else { best }),
    };
    (0..positions).map(best).collect()
}
