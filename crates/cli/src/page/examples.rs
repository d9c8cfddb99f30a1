//! The predictions on single test examples that a report shows.

use data::{ExampleTarget, Examples, MASKED, Order};
use graph::Array;
use predict::{Predictor, classes};
use report::{Example, ExamplePrediction, Input};
use torch::tch::Device;

use crate::failure::Failure;
use crate::interpreter::interpreter;
use crate::trained::Trained;

/// Number of examples in a report.
const EXAMPLES: usize = 6;

/// Evenly spaced test examples with their predictions.
pub(super) fn examples(trained: &Trained, test: &Examples, device: Device) -> Result<Vec<Example>, Failure> {
    let mut predictor = Predictor::new(&trained.model, interpreter(&trained.model, device)?);
    let noise_rate = trained.data.noise.as_ref().and_then(|noise| noise.sampling_rate);
    let sampling_rate = trained.model.sampling_rate.or(noise_rate);
    let count = EXAMPLES.min(test.len());
    let mut examples = Vec::new();
    for i in 0..count {
        let index = i * test.len() / count;
        let example = test.example(index, Order::InOrder)?;
        let outputs =
            predictor.run_normalized(std::slice::from_ref(&example.input)).map_err(Failure::input)?;
        examples.push(Example {
            title: format!("{}, test example {}", example.origin, index + 1),
            note: example.group.map_or(String::new(), |group| format!("group {group}")),
            input: input(&predictor, &example.input, sampling_rate),
            prediction: prediction(&predictor, &example.target, &outputs[0]),
        });
    }
    Ok(examples)
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
