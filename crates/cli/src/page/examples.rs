//! The predictions on single examples that a report shows.

use data::{ExampleTarget, MASKED, Order};
use graph::Array;
use predict::{Predictor, classes};
use report::{Details, Example, ExamplePrediction, Input};

use crate::backend::{Backend, Form};
use crate::failure::Failure;
use crate::trained::{EvaluationSet, Trained};

/// Number of examples in a report.
const EXAMPLES: usize = 6;
/// Number of examples with the largest losses.
const WORST: usize = 3;

/// A typical example, the worst ones, and evenly spaced ones, with their predictions.
pub(super) fn examples(
    trained: &Trained,
    set: &EvaluationSet,
    details: &Details,
    backend: &Backend,
) -> Result<Vec<Example>, Failure> {
    let mut predictor = backend.predictor(&trained.model, Form::Stored)?;
    let noise_rate = trained.data.noise.as_ref().and_then(|noise| noise.sampling_rate);
    let sampling_rate = trained.model.sampling_rate.or(noise_rate);
    let mut examples = Vec::new();
    for (index, reason) in chosen(set.examples.len(), details) {
        let example = set.examples.example(index, Order::InOrder)?;
        let outputs =
            predictor.run_normalized(std::slice::from_ref(&example.input)).map_err(Failure::input)?;
        let start = if example.start == 0 { None } else { Some(start(example.start, sampling_rate)) };
        let group = example.group.as_ref().map(|group| format!("group {group}"));
        let notes: Vec<String> = [reason, start, group].into_iter().flatten().collect();
        examples.push(Example {
            title: format!("{}, {} example {}", example.origin, set.name, index + 1),
            note: notes.join("; "),
            input: input(&predictor, &example.input, sampling_rate),
            prediction: prediction(&predictor, &example.target, &outputs[0]),
        });
    }
    Ok(examples)
}

/// Indices of examples with the reasons to show them.
fn chosen(count: usize, details: &Details) -> Vec<(usize, Option<String>)> {
    let (typical, worst) = details.typical_and_worst(WORST);
    let mut chosen: Vec<(usize, Option<String>)> = Vec::new();
    let mut add = |index: usize, reason: Option<String>| {
        if chosen.len() < EXAMPLES && chosen.iter().all(|(known, _)| *known != index) {
            chosen.push((index, reason));
        }
    };
    // Among few examples, none is typical.
    if EXAMPLES < count {
        if let Some(index) = typical {
            add(index, Some(format!("typical: the median loss, {:.3}", details.losses[index])));
        }
        for index in worst {
            add(index, Some(format!("among the worst: loss {:.3}", details.losses[index])));
        }
    }
    let spread = EXAMPLES.min(count);
    for i in 0..spread {
        add(i * count / spread, None);
    }
    chosen
}

/// The start of a window in its recording.
fn start(sample: usize, sampling_rate: Option<f64>) -> String {
    match sampling_rate {
        Some(rate) => format!("from {:.2} s", sample as f64 / rate),
        None => format!("from sample {sample}"),
    }
}

/// The input in the data's own units.
fn input(predictor: &Predictor, normalized: &Array, sampling_rate: Option<f64>) -> Input {
    let values = predictor.in_data_units(normalized).rounded();
    if predictor.takes_series() {
        Input::Series { values, channels: predictor.channel_names().to_vec(), sampling_rate }
    } else {
        Input::Image { values }
    }
}

fn prediction(predictor: &Predictor, target: &ExampleTarget, outputs: &Array) -> ExamplePrediction {
    let names = predictor.classes().unwrap_or_default().to_vec();
    let class = |class: i64| if class == MASKED { None } else { usize::try_from(class).ok() };
    let probabilities = || predictor.probabilities(outputs);
    match target {
        ExampleTarget::Class(truth) => ExamplePrediction::Class {
            classes: names,
            truth: class(*truth),
            probabilities: probabilities().data().to_vec(),
        },
        ExampleTarget::Positions(truth) => ExamplePrediction::Labels {
            classes: names,
            truth: Some(truth.iter().map(|truth| class(*truth)).collect()),
            predicted: classes(&probabilities()),
        },
        ExampleTarget::Labels(truth) => ExamplePrediction::Tags {
            labels: names,
            truth: Some(truth.clone()),
            probabilities: probabilities().data().to_vec(),
        },
        ExampleTarget::Values(truth) => values(predictor, truth, outputs),
    }
}

/// Predicted numbers, or a predicted signal or image, in the data's own units.
fn values(predictor: &Predictor, truth: &Array, outputs: &Array) -> ExamplePrediction {
    let [truth, predicted] = [truth, outputs].map(|values| predictor.output_in_data_units(values));
    if predicted.shape().len() == 1 {
        let outputs = predictor.output_names().to_vec();
        return ExamplePrediction::Numbers {
            outputs,
            truth: Some(truth.data().to_vec()),
            predicted: predicted.data().to_vec(),
        };
    }
    ExamplePrediction::Values { truth: Some(truth.rounded()), predicted: predicted.rounded() }
}
