//! Outcomes of made-up evaluations.

use std::collections::BTreeMap;

use graph::Noise;
use report::{Baseline, Confusion, Details, Errors, LabelCounts, Outcome, Scores};

use crate::ACTIVITIES;
use crate::signals::ecg;

pub(crate) fn activities() -> (Outcome, Details) {
    #[rustfmt::skip]
    let counts: [[u64; 6]; 6] = [
        [537,   0,   0,   0,   0,   0],
        [  0, 431,  58,   0,   0,   2],
        [  0,  39, 493,   0,   0,   0],
        [  0,   0,   0, 482,  11,   3],
        [  0,   1,   0,  32, 429,   9],
        [  0,   0,   0,   9,  48, 363],
    ];
    let noise = Noise::of("activities");
    let new = || Confusion::new(ACTIVITIES.map(str::to_owned).to_vec());
    let mut confusion = new();
    let mut groups: BTreeMap<String, Confusion> = BTreeMap::new();
    let mut scores = vec![Scores::new(); 6];
    let mut count = 0;
    for (truth, row) in counts.iter().enumerate() {
        for (predicted, &n) in row.iter().enumerate() {
            for _ in 0..n {
                confusion.add(truth, predicted);
                let subject = format!("s{:02}", noise.bits(count) % 9 + 21);
                groups.entry(subject).or_insert_with(new).add(truth, predicted);
                for (class, scores) in scores.iter_mut().enumerate() {
                    count += 1;
                    let logit = if class == predicted { 1.8 } else { -3.0 } + 1.2 * noise.normal(count);
                    scores.add(probability(logit), class == truth);
                }
            }
        }
    }
    let always = confusion.always(0);
    let details = Details {
        scores,
        groups: groups.into_iter().map(|(name, confusion)| (name, Outcome::Classes(confusion))).collect(),
        baselines: vec![Baseline {
            name: "most frequent class (lying)".into(),
            outcome: Outcome::Classes(always),
        }],
        losses: Vec::new(),
    };
    (Outcome::Classes(confusion), details)
}

/// Fifty classes with names of forty characters.
pub(crate) fn many() -> Outcome {
    let name = |i: usize| format!("{i:02} an activity with a rather long name");
    let mut confusion = Confusion::new((0..50).map(name).collect());
    let noise = Noise::of("many");
    for i in 0..20_000u64 {
        let truth = usize::try_from(noise.bits(3 * i) % 49).unwrap_or(0);
        let right = noise.uniform(3 * i + 1) < 0.85;
        let other = usize::try_from(noise.bits(3 * i + 2) % 7).unwrap_or(0);
        confusion.add(truth, if right { truth } else { (truth + other) % 50 });
    }
    Outcome::Classes(confusion)
}

/// Samples of two classes, of which nearly all are of one.
pub(crate) fn positions() -> (Outcome, Details) {
    let mut confusion = Confusion::new(["background", "lesion"].map(str::to_owned).to_vec());
    let noise = Noise::of("positions");
    let mut scores = vec![Scores::new(); 2];
    for i in 0..50_000 {
        let truth = noise.uniform(2 * i) < 0.1;
        let p = probability(noise.normal(2 * i + 1) + if truth { 0.2 } else { -1.6 });
        confusion.add(usize::from(truth), usize::from(0.5 < p));
        scores[0].add(1.0 - p, !truth);
        scores[1].add(p, truth);
    }
    let always = Outcome::Positions(confusion.always(0));
    let baselines = vec![Baseline { name: "most frequent class (background)".into(), outcome: always }];
    (Outcome::Positions(confusion), Details { scores, baselines, ..Details::default() })
}

pub(crate) fn labels() -> (Outcome, Details) {
    let names = ["outdoors", "with bag", "running", "slope", "never"].map(str::to_owned).to_vec();
    let mut counts = LabelCounts::new(names);
    let mut scores = vec![Scores::new(); 5];
    let noise = Noise::of("labels");
    let mut count = 0;
    for _ in 0..800 {
        let mut truth = [false; 5];
        let mut predicted = [false; 5];
        for label in 0..4 {
            count += 2;
            truth[label] = noise.uniform(count) < [0.6, 0.3, 0.15, 0.05][label];
            let p = probability(2.0 * noise.normal(count + 1) + if truth[label] { 2.0 } else { -2.0 });
            predicted[label] = 0.5 < p;
            scores[label].add(p, truth[label]);
        }
        counts.add(&truth, &predicted);
    }
    (Outcome::Labels(counts), Details { scores, ..Details::default() })
}

pub(crate) fn values() -> Outcome {
    let mut errors = Errors::new();
    let (noisy, clean, denoised) = ecg(1000);
    errors.add(Some(noisy.data()), clean.data(), denoised.data());
    Outcome::Values(errors)
}

/// Two numbers in different units.
pub(crate) fn outputs() -> (Outcome, Details) {
    let new = || Errors::of_outputs(["heart rate (1/min)", "step length (m)"].map(str::to_owned).to_vec());
    let (mut errors, mut baseline) = (new(), new());
    let mut groups: BTreeMap<String, Errors> = BTreeMap::new();
    let noise = Noise::of("outputs");
    for i in 0..600 {
        let rate = 82.0 + 14.0 * noise.normal(4 * i);
        let step = if i % 7 == 0 { f64::NAN } else { 0.7 + 0.09 * noise.normal(4 * i + 1) };
        let predicted = [rate + 4.0 * noise.normal(4 * i + 2), 0.7 + 0.1 * noise.normal(4 * i + 3)];
        errors.add(None, &[rate, step], &predicted);
        baseline.add(None, &[rate, step], &[81.0, 0.71]);
        groups.entry(format!("s{:02}", i % 6)).or_insert_with(new).add(None, &[rate, step], &predicted);
    }
    let details = Details {
        baselines: vec![Baseline {
            name: "mean of the training targets".into(),
            outcome: Outcome::Values(baseline),
        }],
        groups: groups.into_iter().map(|(name, errors)| (name, Outcome::Values(errors))).collect(),
        ..Details::default()
    };
    (Outcome::Values(errors), details)
}

#[allow(clippy::cast_possible_truncation, reason = "made-up probabilities are f32")]
fn probability(logit: f64) -> f32 {
    (1.0 / (1.0 + (-logit).exp())) as f32
}
