//! Augmentation: what it changes, and what it leaves unchanged.
#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(clippy::float_cmp, reason = "values that are moved stay the same to the bit")]

use std::sync::Arc;

use data::{AddedNoise, Augment, Config, Example, ExampleTarget, Examples, MASKED, Memory, Order, Recording};
use data::{Normalize, Sources, Splits, Target, Task, WindowConfig};
use graph::Array;

/// Examples of one recording, not normalized.
fn examples(config: Config, input: &[usize], recording: Array, target: Target) -> Examples {
    let recordings = vec![Recording::new("one", recording, target)];
    let classes = (0..100).map(|class| class.to_string()).collect();
    let sources = Sources {
        train: Arc::new(Memory { classes, recordings, ..Memory::default() }),
        validation: None,
        test: None,
    };
    let config = Config { normalize: Normalize::None, ..config };
    Splits::of(&config, &graph::Shape::new(input[0], &input[1..]), sources).unwrap().train
}

fn counting(shape: &[usize]) -> Array {
    Array::from_fn(shape, |i| (i + 1) as f32)
}

fn drawn(examples: &Examples, index: usize) -> impl Iterator<Item = Example> {
    (0..40).map(move |epoch| examples.example(index, Order::Shuffled { seed: 0, epoch }).unwrap())
}

/// The augmented versions of a series of ones, in 40 epochs.
fn augmented_ones(augment: Augment) -> Vec<Vec<f32>> {
    let config = Config { augment, ..Config::new(Task::Classification) };
    let ones = Array::from_fn([4, 50], |_| 1.0);
    let examples = examples(config, &[4, 50], ones.clone(), Target::Class(3));
    assert_eq!(examples.example(0, Order::InOrder).unwrap().input, ones, "evaluation is never augmented");
    let drawn = drawn(&examples, 0).inspect(|example| {
        assert_eq!((example.input.shape(), &example.target), (&[4, 50][..], &ExampleTarget::Class(3)));
    });
    drawn.map(|example| example.input.data().to_vec()).collect()
}

fn deviation(values: impl Iterator<Item = f32>) -> f32 {
    let values: Vec<f32> = values.collect();
    let mean = values.iter().sum::<f32>() / values.len() as f32;
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / values.len() as f32).sqrt()
}

#[test]
fn jitter_differs_for_each_value() {
    let values = augmented_ones(Augment { jitter: Some(0.1), ..Augment::default() });
    assert!((deviation(values.into_iter().flatten()) - 0.1).abs() < 0.003);
}

#[test]
fn scale_is_one_factor_for_each_channel() {
    let values = augmented_ones(Augment { scale: Some(0.1), ..Augment::default() });
    let channels: Vec<_> = values.iter().flat_map(|values| values.chunks(50)).collect();
    assert!(channels.iter().all(|channel| deviation(channel.iter().copied()) < 1e-6));
    assert!((deviation(channels.iter().map(|channel| channel[0])) - 0.1).abs() < 0.02);
}

#[test]
fn some_channels_drop_out_but_never_all() {
    let values = augmented_ones(Augment { channel_dropout: Some(0.5), ..Augment::default() });
    let dropped =
        |values: &Vec<f32>| values.chunks(50).filter(|channel| channel.iter().all(|x| *x == 0.0)).count();
    let dropped: Vec<_> = values.iter().map(dropped).collect();
    assert!(dropped.iter().all(|dropped| *dropped < 4) && dropped.iter().sum::<usize>() > 40, "{dropped:?}");
}

#[test]
fn a_mask_is_one_piece_of_all_channels() {
    let values = augmented_ones(Augment { mask: Some(0.3), ..Augment::default() });
    let masked = |channel: &[f32]| -> Vec<usize> { (0..50).filter(|&i| channel[i] == 0.0).collect() };
    let mut longest = 0;
    for values in &values {
        let first = masked(&values[..50]);
        assert!(values.chunks(50).all(|channel| masked(channel) == first));
        assert!(first.windows(2).all(|pair| pair[1] == pair[0] + 1) && first.len() <= 15);
        longest = longest.max(first.len());
    }
    assert!(longest > 10);
}

#[test]
fn wander_is_smooth() {
    let values = augmented_ones(Augment { wander: Some(0.2), ..Augment::default() });
    for channel in values.iter().flat_map(|values| values.chunks(50)) {
        assert!(channel.iter().all(|value| (value - 1.0).abs() <= 0.4));
        // Two sines of two periods over 50 samples rise by at most 0.2 * 4π / 50 each.
        assert!(channel.windows(2).all(|pair| (pair[1] - pair[0]).abs() < 0.101));
    }
}

#[test]
fn a_window_shifts_over_its_recording_with_its_labels() {
    let config = Config {
        window: Some(WindowConfig { length: 10, step: Some(10), evaluation_step: None }),
        augment: Augment { shift: Some(4), ..Augment::default() },
        ..Config::new(Task::Segmentation)
    };
    let labels = Target::Positions((1..=30).map(|label| Some(label).filter(|label| label % 7 > 0)).collect());
    let examples = examples(config, &[1, 10], counting(&[1, 30]), labels);
    for (index, starts) in [(0, 0..=4), (1, 6..=14), (2, 16..=20)] {
        let mut seen = Vec::new();
        for Example { input, target, start, .. } in drawn(&examples, index) {
            let ExampleTarget::Positions(labels) = target else { panic!("labels") };
            for (i, (value, label)) in input.data().iter().zip(labels).enumerate() {
                let expected = start + i + 1;
                assert_eq!(*value, expected as f32);
                assert_eq!(label, if expected % 7 == 0 { MASKED } else { expected as i64 });
            }
            seen.push(start);
        }
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen, starts.collect::<Vec<_>>());
    }
}

#[test]
fn a_shifted_series_repeats_its_border_without_labels() {
    let augment = Augment { shift: Some(3), ..Augment::default() };
    let config = Config { augment, ..Config::new(Task::Segmentation) };
    let labels = Target::Positions((1..=8).map(Some).collect());
    let examples = examples(config, &[1, 8], counting(&[1, 8]), labels);
    let mut seen = Vec::new();
    for Example { input, target, .. } in drawn(&examples, 0) {
        let ExampleTarget::Positions(labels) = target else { panic!("labels") };
        let by = (-3..=3).find(|by| {
            let expected = |i: i64| (i + by + 1).clamp(1, 8);
            (0..8).zip(input.data()).all(|(i, value)| *value == expected(i) as f32)
        });
        let by = by.expect("moved by at most 3");
        let label = |i: i64| if (1..=8).contains(&(i + by + 1)) { i + by + 1 } else { MASKED };
        assert_eq!(labels, (0..8).map(label).collect::<Vec<_>>());
        seen.push(by);
    }
    assert!((-3..=3).all(|by| seen.contains(&by)));
}

#[test]
fn images_are_mirrored_with_their_labels() {
    let augment = Augment { flip: true, ..Augment::default() };
    let config = Config { augment, ..Config::new(Task::Segmentation) };
    let labels = Target::Positions((1..=6).map(Some).collect());
    let examples = examples(config, &[1, 2, 3], counting(&[1, 2, 3]), labels);
    let both = [[1, 2, 3, 4, 5, 6], [3, 2, 1, 6, 5, 4]];
    let mut seen = [0; 2];
    for Example { input, target, .. } in drawn(&examples, 0) {
        let ExampleTarget::Positions(labels) = target else { panic!("labels") };
        let found = both.iter().position(|values| labels == values).unwrap();
        assert_eq!(input.data(), both[found].map(|value| value as f32));
        seen[found] += 1;
    }
    assert!(seen.iter().all(|seen| *seen > 10), "{seen:?}");
}

#[test]
fn a_crop_is_stretched_to_full_size() {
    let augment = Augment { crop: Some(3), shift: Some(2), ..Augment::default() };
    let config = Config { augment, ..Config::new(Task::Classification) };
    // A ramp along each axis stays a ramp, less steep, and inside its old range.
    let ramp = Array::from_fn([3, 8, 10], |i| if i < 160 { (i % 10) as f32 } else { (i % 80 / 10) as f32 });
    let examples = examples(config, &[3, 8, 10], ramp, Target::Class(0));
    let mut spans = Vec::new();
    for Example { input, .. } in drawn(&examples, 0) {
        let rows = input.data()[..80].chunks(10);
        for row in rows {
            assert!(row.windows(2).all(|pair| (-1e-5..=1.0 + 1e-5).contains(&(pair[1] - pair[0]))));
        }
        assert!(input.data().iter().all(|value| (0.0..=9.0).contains(value)));
        spans.push(input.data()[9] - input.data()[0]);
    }
    let (least, most) = spans.iter().fold((9.0f32, 0.0f32), |(a, b), &span| (a.min(span), b.max(span)));
    assert!(least < 4.5 && most > 7.5, "{least} to {most}");
}

#[test]
fn noise_has_the_power_and_proportions_of_the_config() {
    let samples = 400;
    let wave = |i: usize| ((i % samples) as f32 / 7.0).sin() * if i < samples { 1.0 } else { 5.0 } + 3.0;
    let noise = |snr, white, wander| AddedNoise {
        snr,
        white,
        wander,
        sampling_rate: Some(100.0),
        wander_band: [0.3, 0.7],
        center: false,
        seed: 1,
    };
    for (snr, white, wander) in [(0.0, 1.0, 1.0), (6.0, 1.0, 0.0), (-3.0, 0.0, 1.0), (0.0, 1.0, 3.0)] {
        let config = Config { noise: Some(noise(snr, white, wander)), ..Config::new(Task::Denoising) };
        let examples = examples(config, &[2, samples], Array::from_fn([2, samples], wave), Target::None);
        let fixed = examples.example(0, Order::InOrder).unwrap();
        assert_eq!(examples.example(0, Order::InOrder).unwrap(), fixed);
        let mut inputs = vec![fixed];
        inputs.extend(drawn(&examples, 0).take(3));
        for (i, example) in inputs.iter().enumerate() {
            assert!(inputs[..i].iter().all(|other| other.input != example.input), "new in each epoch");
            let ExampleTarget::Values(clean) = &example.target else { panic!("a signal") };
            assert_eq!(clean.data(), Array::from_fn([2, samples], wave).data());
            for (noisy, clean) in example.input.data().chunks(samples).zip(clean.data().chunks(samples)) {
                let added: Vec<f32> = noisy.iter().zip(clean).map(|(a, b)| a - b).collect();
                let power = added.iter().map(|x| f64::from(x * x)).sum::<f64>() / samples as f64;
                let signal = f64::from(deviation(clean.iter().copied())).powi(2);
                assert!((10.0 * (signal / power).log10() - snr).abs() < 1e-3);
                // Differences of neighboring samples contain white noise twice, but hardly any slow wander.
                let steps = added.windows(2).map(|pair| f64::from(pair[1] - pair[0]).powi(2)).sum::<f64>();
                let share = steps / (samples - 1) as f64 / 2.0 / power;
                assert!((share - white / (white + wander)).abs() < 0.15, "{share}");
            }
        }
    }
}

#[test]
fn a_constant_series_gets_no_noise() {
    let noise = AddedNoise {
        snr: 0.0,
        white: 1.0,
        wander: 0.0,
        sampling_rate: None,
        wander_band: [0.05, 0.7],
        center: true,
        seed: 0,
    };
    let config = Config { noise: Some(noise), ..Config::new(Task::Denoising) };
    let examples = examples(config, &[1, 9], Array::from_fn([1, 9], |_| 4.0), Target::None);
    assert_eq!(examples.example(0, Order::InOrder).unwrap().input.data(), [0.0; 9]);
}

#[test]
fn denoising_scales_signal_and_target_alike() {
    let augment = Augment { scale: Some(0.3), ..Augment::default() };
    let config = Config { augment, ..Config::new(Task::Denoising) };
    let target = Target::Signal(Array::from_fn([1, 6], |i| 2.0 * (i + 1) as f32).into());
    let examples = examples(config, &[1, 6], counting(&[1, 6]), target);
    for Example { input, target, .. } in drawn(&examples, 0) {
        let ExampleTarget::Values(clean) = target else { panic!("a signal") };
        assert!(
            input.data().iter().zip(clean.data()).all(|(noisy, clean)| (clean - 2.0 * noisy).abs() < 1e-5)
        );
    }
}
