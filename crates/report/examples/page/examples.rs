//! Single predictions of every kind.

use report::{Example, ExamplePrediction, Input};

use crate::ACTIVITIES;
use crate::signals::{bands, cells, ecg, masks, picture_of_eight, walk};

const MOTION: [&str; 6] = ["acc x", "acc y", "acc z", "gyr x", "gyr y", "gyr z"];

pub(crate) fn examples() -> Vec<Example> {
    [of_classes(), of_series(), of_images()].concat()
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn motion(samples: usize) -> Input {
    Input::Series { values: walk(samples), channels: names(&MOTION), sampling_rate: Some(50.0) }
}

fn example(title: &str, note: &str, input: Input, prediction: ExamplePrediction) -> Example {
    Example { title: title.into(), note: note.into(), input, prediction }
}

fn class(classes: &[&str], truth: usize, probabilities: &[f32]) -> ExamplePrediction {
    let (classes, probabilities) = (names(classes), probabilities.to_vec());
    ExamplePrediction::Class { classes, truth: Some(truth), probabilities }
}

fn of_classes() -> Vec<Example> {
    vec![
        example(
            "Test window 12",
            "typical: the median loss",
            motion(128),
            class(&ACTIVITIES, 3, &[0.0, 0.001, 0.002, 0.951, 0.031, 0.015]),
        ),
        example(
            "Test window 1,204",
            "among the worst: loss 1.08",
            motion(128),
            class(&ACTIVITIES, 5, &[0.01, 0.01, 0.02, 0.15, 0.47, 0.34]),
        ),
        example(
            "s02.csv, from 01:00",
            "",
            motion(128),
            ExamplePrediction::Tags {
                labels: names(&["outdoors", "with bag", "running", "slope"]),
                truth: Some(vec![true, true, false, false]),
                probabilities: vec![0.98, 0.31, 0.04, 0.63],
            },
        ),
    ]
}

fn of_series() -> Vec<Example> {
    let (noisy, clean, denoised) = ecg(1000);
    let (truth, predicted) = bands(3000);
    let ecg = Input::Series { values: noisy, channels: names(&["lead II (mV)"]), sampling_rate: Some(250.0) };
    vec![
        example(
            "Recording 3, from 12 min",
            "",
            motion(3000),
            ExamplePrediction::Labels { classes: names(&ACTIVITIES), truth: Some(truth), predicted },
        ),
        example(
            "s09.csv, from 04:12",
            "among the worst: loss 4.21",
            motion(128),
            ExamplePrediction::Numbers {
                outputs: names(&["heart rate (1/min)", "step length (m)"]),
                truth: Some(vec![71.0, 0.74]),
                predicted: vec![78.31, 0.7324],
            },
        ),
        example(
            "ECG with noise",
            "",
            ecg,
            ExamplePrediction::Values { truth: Some(clean), predicted: denoised },
        ),
    ]
}

fn of_images() -> Vec<Example> {
    let digits = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    let digit = |name: &str, probabilities: &[f32]| {
        let input = Input::Image { values: picture_of_eight() };
        example(name, "", input, class(&digits, 8, probabilities))
    };
    let (mask, guess) = masks();
    vec![
        digit("Digit 41", &[0.01, 0.0, 0.0, 0.03, 0.0, 0.02, 0.0, 0.0, 0.9, 0.04]),
        digit("Digit 97", &[0.02, 0.0, 0.0, 0.05, 0.0, 0.03, 0.01, 0.0, 0.31, 0.58]),
        digit("Digit 102", &[0.21, 0.12, 0.14, 0.13, 0.11, 0.1, 0.1, 0.04, 0.03, 0.02]),
        example(
            "Cells 7",
            "",
            Input::Image { values: cells() },
            ExamplePrediction::Labels {
                classes: names(&["background", "nucleus", "membrane"]),
                truth: Some(mask),
                predicted: guess,
            },
        ),
    ]
}
