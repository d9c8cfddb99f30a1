//! Metrics against values that scikit-learn 1.9.1 computed, typed from its output.

use report::{Baseline, Confusion, Details, Errors, LabelCounts, Outcome, Scores};

#[track_caller]
fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-12, "{found}, not {expected}");
}

#[track_caller]
fn all_close(found: impl IntoIterator<Item = f64>, expected: &[f64]) {
    let found: Vec<f64> = found.into_iter().collect();
    assert_eq!(found.len(), expected.len(), "{found:?}, not {expected:?}");
    for (&found, &expected) in found.iter().zip(expected) {
        close(found, expected);
    }
}

fn names<const N: usize>(names: [&str; N]) -> Vec<String> {
    names.map(String::from).to_vec()
}

fn confusion<const N: usize>(table: [[u64; N]; N]) -> Confusion {
    let mut confusion = Confusion::new((0..N).map(|i| i.to_string()).collect());
    for (truth, row) in table.iter().enumerate() {
        for (predicted, &count) in row.iter().enumerate() {
            (0..count).for_each(|_| confusion.add(truth, predicted));
        }
    }
    confusion
}

/// `jaccard_score`, `balanced_accuracy_score`, `cohen_kappa_score`.
#[test]
fn classes() {
    let c = confusion([[5, 1, 0], [2, 3, 1], [0, 0, 8]]);
    all_close((0..3).map(|i| c.iou(i)), &[0.625, 0.428_571_428_571_428_55, 0.888_888_888_888_888_8]);
    close(c.mean_iou(), 0.647_486_772_486_772_4);
    close(c.balanced_accuracy(), 0.777_777_777_777_777_8);
    close(c.kappa().unwrap_or(f64::NAN), 0.694_656_488_549_618_3);
}

/// A class that is never true does not count in the balanced accuracy; one that never occurs counts nowhere.
#[test]
fn classes_that_do_not_occur() {
    let c = confusion([[2, 0, 1, 0], [1, 0, 0, 0], [0; 4], [0; 4]]);
    close(c.balanced_accuracy(), 0.333_333_333_333_333_3);
    close(c.kappa().unwrap_or(f64::NAN), -0.142_857_142_857_142_8);
    close(c.mean_iou(), 0.166_666_666_666_666_66);
    // scikit-learn: nan.
    assert_eq!(confusion([[4, 0], [0, 0]]).kappa(), None);
    assert_eq!(Confusion::new(Vec::new()).kappa(), None);
}

/// `precision_score`, `recall_score`, `f1_score`, `accuracy_score`, `hamming_loss` of indicator matrices.
#[test]
fn labels() {
    let rows = [
        ([1, 0, 1, 0], [1, 0, 0, 0]),
        ([0, 1, 0, 0], [0, 1, 0, 0]),
        ([1, 1, 0, 0], [1, 0, 1, 0]),
        ([0, 0, 0, 0], [0, 0, 0, 0]),
        ([1, 0, 0, 0], [0, 1, 0, 0]),
    ]
    .map(|(truth, predicted)| (truth.map(|bit| bit == 1), predicted.map(|bit| bit == 1)));
    let mut counts = LabelCounts::new(names(["a", "b", "c", "d"]));
    rows.iter().for_each(|(truth, predicted)| counts.add(truth, predicted));
    all_close((0..4).map(|i| counts.precision(i)), &[1.0, 0.5, 0.0, 0.0]);
    all_close((0..4).map(|i| counts.recall(i)), &[0.666_666_666_666_666_6, 0.5, 0.0, 0.0]);
    all_close((0..4).map(|i| counts.f1(i)), &[0.8, 0.5, 0.0, 0.0]);
    close(counts.macro_f1(), 0.325);
    close(counts.micro_f1(), 0.545_454_545_454_545_4);
    close(counts.exact_match(), 0.4);
    close(counts.hamming_loss(), 0.25);
    assert_eq!([counts.support(0), counts.predicted(0), counts.correct(0), counts.examples()], [3, 2, 2, 5]);
    let mut parts = LabelCounts::new(names(["a", "b", "c", "d"]));
    for (truth, predicted) in &rows {
        let mut part = LabelCounts::new(names(["a", "b", "c", "d"]));
        part.add(truth, predicted);
        parts.merge(&part);
    }
    assert_eq!(parts, counts);
}

/// Ten examples with ties.
fn scores() -> Scores {
    let mut scores = Scores::new();
    for (fifths, positive) in
        [1.0, 1.0, 4.0, 2.0, 4.0, 3.0, 0.0, 5.0, 3.0, 2.0].into_iter().zip([0, 0, 1, 1, 0, 1, 0, 1, 1, 0])
    {
        scores.add(fifths / 5.0, positive == 1);
    }
    scores
}

/// `roc_curve(drop_intermediate=False)`, `roc_auc_score`, `precision_recall_curve`, `average_precision_score`.
#[test]
fn curves() {
    let scores = scores();
    assert_eq!((scores.positives(), scores.negatives()), (5, 5));
    let (false_rates, true_rates): (Vec<f64>, Vec<f64>) = scores.roc().into_iter().unzip();
    all_close(false_rates, &[0.0, 0.0, 0.2, 0.2, 0.4, 0.8, 1.0]);
    all_close(true_rates, &[0.0, 0.2, 0.4, 0.8, 1.0, 1.0, 1.0]);
    close(scores.roc_auc().unwrap_or(f64::NAN), 0.84);
    let (recalls, precisions): (Vec<f64>, Vec<f64>) = scores.precision_recall().into_iter().unzip();
    all_close(recalls, &[0.2, 0.4, 0.8, 1.0, 1.0, 1.0]);
    all_close(precisions, &[1.0, 2.0 / 3.0, 0.8, 0.714_285_714_285_714_3, 0.555_555_555_555_555_6, 0.5]);
    close(scores.average_precision().unwrap_or(f64::NAN), 0.796_190_476_190_476_1);
}

/// `calibration_curve`, with scores on the borders of intervals.
#[test]
fn calibration() {
    let of = |bins| scores().calibration(bins);
    all_close(of(3).iter().map(|bin| bin.0), &[0.133_333_333_333_333_33, 0.5, 0.866_666_666_666_666_7]);
    all_close(of(3).iter().map(|bin| bin.1), &[0.0, 0.75, 0.666_666_666_666_666_6]);
    all_close(of(5).iter().map(|bin| bin.0), &[0.133_333_333_333_333_33, 0.4, 0.6, 0.8, 1.0]);
    all_close(of(5).iter().map(|bin| bin.1), &[0.0, 0.5, 1.0, 0.5, 1.0]);
    assert_eq!(of(3).iter().map(|bin| bin.2).collect::<Vec<_>>(), [3, 4, 3]);
}

#[test]
fn scores_of_one_kind_have_no_curve() {
    let mut scores = Scores::new();
    assert_eq!((scores.roc_auc(), scores.average_precision()), (None, None));
    scores.add(0.5, false);
    scores.add(f32::NAN, false);
    assert_eq!((scores.roc_auc(), scores.average_precision()), (None, None));
    assert!(scores.roc().is_empty() && scores.precision_recall().is_empty());
    scores.add(2.0, true);
    assert_eq!((scores.roc_auc(), scores.average_precision()), (Some(1.0), Some(1.0)));
    let mut both = self::scores();
    both.merge(&scores);
    assert_eq!((both.positives(), both.negatives()), (6, 7));
}

/// `r2_score`, `mean_absolute_error`, `root_mean_squared_error`, `mean_squared_error`, `max_error`.
#[test]
fn values() {
    let rows = [
        ([3.0, -0.5], [2.5, 0.0]),
        ([2.0, 7.0], [0.0, 7.5]),
        ([7.0, 8.0], [8.0, 8.0]),
        ([-1.0, 8.0], [-1.0, 9.0]),
    ];
    let mut errors = Errors::of_outputs(names(["x", "y"]));
    rows.iter().for_each(|(target, predicted)| errors.add(None, target, predicted));
    let outputs = errors.outputs();
    all_close(outputs.iter().filter_map(|o| o.r2()), &[0.839_694_656_488_549_7, 0.970_406_905_055_487_1]);
    all_close(outputs.iter().map(|o| o.mae()), &[0.875, 0.5]);
    all_close(outputs.iter().map(|o| o.rmse()), &[1.145_643_923_738_96, 0.612_372_435_695_794_5]);
    close(outputs[0].largest(), 2.0);
    close(errors.r2().unwrap_or(f64::NAN), 0.905_050_780_772_018_4);
    close(errors.mae(), 0.6875);
    close(errors.mse(), 0.84375);
    // By hand: (−0.5 − 2 + 1 + 0) / 4, and the mean of 3, 2, 7, −1.
    close(outputs[0].bias(), -0.375);
    close(outputs[0].target_mean(), 2.75);
}

/// scikit-learn: 1 for [5, 5, 5] as [5, 5, 5], 0 for [5, 5, 6].
#[test]
fn r2_of_equal_targets() {
    let r2 = |predicted: &[f64]| {
        let mut errors = Errors::new();
        predicted.iter().for_each(|&predicted| errors.add(None, &[5.0], &[predicted]));
        errors.r2()
    };
    assert_eq!([r2(&[5.0; 3]), r2(&[5.0, 5.0, 6.0]), r2(&[5.0])], [Some(1.0), Some(0.0), None]);
}

#[test]
fn unknown_targets_do_not_count() {
    let mut errors = Errors::of_outputs(names(["x", "y"]));
    errors.add(None, &[1.0, f64::NAN], &[2.0, 100.0]);
    errors.add(None, &[f64::NAN, 3.0], &[100.0, 3.0]);
    assert_eq!((errors.windows(), errors.values(), errors.mae()), (2, 2, 0.5));
    assert_eq!(errors.outputs().iter().map(|output| output.count()).collect::<Vec<_>>(), [1, 1]);
    let mut gain = Errors::new();
    gain.add(Some(&[2.0, 9.0]), &[1.0, f64::NAN], &[1.1, 9.0]);
    close(gain.gain().unwrap_or(f64::NAN), 20.0);
}

#[test]
fn channels_of_a_signal_are_outputs() {
    let mut errors = Errors::of_outputs(names(["x", "y"]));
    errors.add(None, &[0.0, 0.0, 0.0, 0.0], &[1.0f32, 3.0, 0.0, 0.0]);
    assert_eq!(errors.outputs().iter().map(|output| output.mae()).collect::<Vec<_>>(), [2.0, 0.0]);
}

#[test]
fn pairs_of_many_predictions_are_evenly_spaced() {
    let mut errors = Errors::new();
    for i in 0..10_000u32 {
        errors.add(None, &[f64::from(i)], &[0.0]);
    }
    let pairs = errors.outputs()[0].pairs();
    assert!((1024..=2048).contains(&pairs.len()), "{}", pairs.len());
    assert!(pairs.windows(2).all(|pair| (pair[1].0 - pair[0].0).total_cmp(&8.0).is_eq()));
}

#[test]
fn merged_errors_have_the_statistics_of_all() {
    let value = |i: u32| (f64::from(i * 37 % 101), f64::from(i * 53 % 97));
    let (mut all, mut parts) = (Errors::new(), Errors::new());
    for chunk in 0..4 {
        let mut part = Errors::new();
        for i in chunk * 50..(chunk + 1) * 50 {
            let (target, predicted) = value(i);
            part.add(None, &[target], &[predicted]);
            all.add(None, &[target], &[predicted]);
        }
        parts.merge(&part);
    }
    close(parts.r2().unwrap_or(f64::NAN), all.r2().unwrap_or(f64::INFINITY));
    assert_eq!(parts.outputs()[0].pairs(), all.outputs()[0].pairs());
    let before = all.clone();
    all.merge(&Errors::new());
    assert_eq!(all, before);
}

#[test]
fn a_model_that_is_no_better_than_a_baseline_is_known() {
    let model = confusion([[8, 0], [2, 0]]);
    let majority = model.majority().map(|class| model.always(class));
    assert_eq!(majority, Some(model.clone()));
    let baselines =
        vec![Baseline { name: "most frequent class".into(), outcome: Outcome::Classes(model.clone()) }];
    let details = Details { baselines, ..Details::default() };
    assert_eq!(details.not_beaten(&Outcome::Classes(model)).len(), 1);
    assert!(details.not_beaten(&Outcome::Classes(confusion([[8, 0], [1, 1]]))).is_empty());
    let mut wild = Errors::new();
    wild.add(None, &[1.0], &[f64::NAN]);
    assert_eq!(details.not_beaten(&Outcome::Values(wild)).len(), 1);
}

#[test]
fn typical_and_worst_examples() {
    let losses = vec![0.1, 4.0, f64::NAN, 0.3, f64::INFINITY, 0.2, 0.3];
    let details = Details { losses, ..Details::default() };
    assert_eq!(details.typical_and_worst(3), (Some(6), vec![4, 1, 3]));
    assert_eq!(Details::default().typical_and_worst(3), (None, vec![]));
}
