//! Metrics against values computed by hand.

use expect_test::expect;
use report::{Confusion, Errors, Outcome};

/// Counts `table[truth][predicted]` of classes a, b, c …
fn confusion<const N: usize>(table: [[u64; N]; N]) -> Confusion {
    let mut confusion = Confusion::new(["a", "b", "c", "d"].into_iter().take(N).map(String::from).collect());
    for (truth, row) in table.iter().enumerate() {
        for (predicted, &count) in row.iter().enumerate() {
            (0..count).for_each(|_| confusion.add(truth, predicted));
        }
    }
    confusion
}

#[track_caller]
fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-12, "{found}, not {expected}");
}

#[test]
fn classes_by_hand() {
    #[rustfmt::skip]
    let c = confusion([
        [5, 1, 0],
        [2, 3, 1],
        [0, 0, 8],
    ]);
    assert_eq!(c.total(), 20);
    close(c.accuracy(), 16.0 / 20.0);
    //  class, support, predicted, precision, recall, f1
    #[rustfmt::skip]
    let rows = [
        (0, 6, 7, 5.0 / 7.0, 5.0 / 6.0, 10.0 / 13.0),
        (1, 6, 4, 3.0 / 4.0, 3.0 / 6.0,  6.0 / 10.0),
        (2, 8, 9, 8.0 / 9.0, 1.0,       16.0 / 17.0),
    ];
    for (i, support, predicted, precision, recall, f1) in rows {
        assert_eq!((c.support(i), c.predicted(i)), (support, predicted));
        close(c.precision(i), precision);
        close(c.recall(i), recall);
        close(c.f1(i), f1);
    }
    close(c.macro_f1(), (10.0 / 13.0 + 6.0 / 10.0 + 16.0 / 17.0) / 3.0);
    assert_eq!(c.count(1, 0), 2);
}

#[test]
fn undefined_metrics_are_zero() {
    // b is never predicted, c never true, d neither.
    let c = confusion([[2, 0, 1, 0], [1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]);
    for i in 1..4 {
        close(c.precision(i), 0.0);
        close(c.recall(i), 0.0);
        close(c.f1(i), 0.0);
    }
    // a: 2 right of 3 true and 3 predicted; d is not part of the mean.
    close(c.macro_f1(), (2.0 / 3.0) / 3.0);
    let none = Confusion::new(Vec::new());
    close(none.accuracy() + none.macro_f1(), 0.0);
}

#[test]
fn merged_metrics_add_up() {
    let mut part = confusion([[1, 2], [3, 4]]);
    part.merge(&confusion([[10, 0], [0, 1]]));
    assert_eq!(part, confusion([[11, 2], [3, 5]]));

    let windows = [([1.0, 2.0], [0.0, 4.0]), ([0.5, 0.5], [0.0, 1.0])];
    let mut all = Errors::new();
    windows.iter().for_each(|(target, predicted)| all.add(None, target, predicted));
    let mut parts = Errors::new();
    for (target, predicted) in &windows {
        let mut part = Errors::new();
        part.add(None, target, predicted);
        parts.merge(&part);
    }
    assert_eq!(parts, all);
}

#[test]
fn values_by_hand() {
    let mut errors = Errors::new();
    // Squared errors before 4 + 0, after 0.04 + 0: a hundredth, so 20 dB.
    errors.add(Some(&[3.0, 5.0]), &[1.0, 5.0], &[1.25, 5.0]);
    close(errors.mse(), 0.0625 / 2.0);
    close(errors.mae(), 0.25 / 2.0);
    close(errors.gain().unwrap_or(f64::NAN), 10.0 * 64f64.log10());
    // Twice the error: 20 log10(1/2) dB.
    errors.add(Some(&[1.0, 0.0]), &[0.0, 0.0], &[2.0, 0.0]);
    close(errors.mse(), 4.0625 / 4.0);
    close(errors.mae(), 2.25 / 4.0);
    close(errors.gain().unwrap_or(f64::NAN), (10.0 * 64f64.log10() - 20.0 * 2f64.log10()) / 2.0);
    // A window without noise, and one that is met exactly, have no gain.
    errors.add(Some(&[1.0]), &[1.0], &[2.0]);
    errors.add(Some(&[1.0]), &[2.0], &[2.0]);
    close(errors.gain().unwrap_or(f64::NAN), (10.0 * 64f64.log10() - 20.0 * 2f64.log10()) / 2.0);
    assert_eq!(errors.windows(), 4);
}

#[test]
fn summaries() {
    let classes = Outcome::Classes(confusion([[3, 1], [0, 4]]));
    let mut errors = Errors::new();
    errors.add(Some(&[2.0]), &[0.0], &[0.2]);
    let mut plain = Errors::new();
    plain.add(None, &[0.0, 1.0], &[f32::NAN, 1.0]);
    let text = [classes, Outcome::Values(errors), Outcome::Values(plain)].map(|outcome| {
        format!("{:?}\n{:#}\n", outcome.summary().keys().collect::<Vec<_>>(), outcome.to_json())
    });
    expect![[r#"
        ["accuracy", "balanced_accuracy", "kappa", "macro_f1"]
        {
          "accuracy": 0.875,
          "balanced_accuracy": 0.875,
          "classes": [
            {
              "f1": 0.8571428571428571,
              "name": "a",
              "precision": 1.0,
              "recall": 0.75,
              "support": 4
            },
            {
              "f1": 0.8888888888888888,
              "name": "b",
              "precision": 0.8,
              "recall": 1.0,
              "support": 4
            }
          ],
          "confusion": [
            [
              3,
              1
            ],
            [
              0,
              4
            ]
          ],
          "kappa": 0.75,
          "macro_f1": 0.873015873015873
        }
        ["gain_db", "mae", "mse", "rmse"]
        {
          "gain_db": 20.0,
          "mae": 0.2,
          "mse": 0.04000000000000001,
          "rmse": 0.2,
          "windows": 1
        }
        ["mae", "mse", "r2", "rmse"]
        {
          "mae": null,
          "mse": null,
          "r2": null,
          "rmse": null,
          "windows": 1
        }
    "#]]
    .assert_eq(&text.concat());
}
