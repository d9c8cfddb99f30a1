//! The results of a page, for each kind of outcome.

use report::{Baseline, Confusion, Details, Errors, LabelCounts, Outcome, Page, Scores};

use crate::checked::check;
use crate::names;

fn html(outcome: Outcome, details: Details) -> String {
    check(&Page { outcome: Some(outcome), details, ..Page::default() })
}

#[track_caller]
fn contains(html: &str, texts: &[&str]) {
    for text in texts {
        assert!(html.contains(text), "`{text}` is missing");
    }
}

fn confusion(table: [[u64; 2]; 2]) -> Confusion {
    let mut confusion = Confusion::new(names(&["ground", "lesion"]));
    for (truth, row) in table.iter().enumerate() {
        for (predicted, &count) in row.iter().enumerate() {
            (0..count).for_each(|_| confusion.add(truth, predicted));
        }
    }
    confusion
}

#[test]
fn positions_have_overlaps() {
    // The lesion: 3 of 6 in the intersection of the union.
    let table = || confusion([[10, 2], [1, 3]]);
    let page = html(Outcome::Positions(table()), Details::default());
    contains(&page, &["IoU", "F1 (Dice)", ">0.500<"]);
    assert!(!html(Outcome::Classes(table()), Details::default()).contains("IoU"));
}

#[test]
fn a_model_no_better_than_the_most_frequent_class_is_reported() {
    let always = |table| Details {
        baselines: vec![Baseline {
            name: "most frequent class (ground)".into(),
            outcome: Outcome::Positions(confusion(table).always(0)),
        }],
        ..Details::default()
    };
    let bad = [[90, 0], [10, 0]];
    let page = html(Outcome::Positions(confusion(bad)), always(bad));
    contains(&page, &["No better than a baseline.", "most frequent class (ground)", "accuracy 90.0%"]);
    let good = [[90, 0], [5, 5]];
    assert!(!html(Outcome::Positions(confusion(good)), always(good)).contains("No better"));
}

#[test]
fn values_no_better_than_the_mean_are_reported() {
    let of = |predicted: [f64; 2]| {
        let mut errors = Errors::of_outputs(names(&["rate"]));
        errors.add(None, &[60.0], &predicted[..1]);
        errors.add(None, &[80.0], &predicted[1..]);
        Outcome::Values(errors)
    };
    let baselines = vec![Baseline { name: "mean of the training targets".into(), outcome: of([70.0, 70.0]) }];
    let details = || Details { baselines: baselines.clone(), ..Details::default() };
    contains(&html(of([0.0, 0.0]), details()), &["No better than a baseline.", "RMSE 70.71", "RMSE 10."]);
    assert!(!html(of([61.0, 79.0]), details()).contains("No better"));
}

#[test]
fn outputs_have_rows_and_scatter_plots() {
    let mut errors = Errors::of_outputs(names(&["rate", "length"]));
    for i in 0..5 {
        errors.add(None, &[f64::from(i), f64::NAN], &[f64::from(i) + 1.0, 0.5]);
    }
    let page = html(Outcome::Values(errors), Details::default());
    contains(&page, &["Errors by output", "rate: predicted against true", "R²", ">+1<", "5 examples"]);
    assert!(!page.contains("length: predicted against true"), "nothing is known to draw");
}

#[test]
fn labels_have_rows_and_curves() {
    let mut counts = LabelCounts::new(names(&["bag", "slope", "never"]));
    let mut scores = vec![Scores::new(); 3];
    for i in 0..20u8 {
        let truth = [i % 2 == 0, i % 3 == 0, false];
        let predicted = [i % 2 == 0, i % 4 == 0, false];
        counts.add(&truth, &predicted);
        for label in 0..3 {
            scores[label].add(if predicted[label] { 0.9 } else { 0.2 }, truth[label]);
        }
    }
    let page = html(Outcome::Labels(counts), Details { scores, ..Details::default() });
    contains(
        &page,
        &["By label", "ROC AUC", "Precision and recall", "Calibration", "20 examples with 3 labels"],
    );
    contains(&page, &["Only the 2 most frequent of 3 labels are drawn."]);
    let empty = html(Outcome::Labels(LabelCounts::new(names(&["bag"]))), Details::default());
    contains(&empty, &["No labeled data was evaluated."]);
}

#[test]
fn of_two_classes_one_curve_is_drawn() {
    let mut scores = vec![Scores::new(); 2];
    for (p, truth) in [(0.1, false), (0.4, true), (0.6, false), (0.9, true)] {
        scores[0].add(1.0 - p, !truth);
        scores[1].add(p, truth);
    }
    let page = html(Outcome::Classes(confusion([[1, 1], [1, 1]])), Details { scores, ..Details::default() });
    contains(&page, &["true positive rate over false positive rate. lesion: AUC 0.750"]);
    assert!(!page.contains("ground: AUC"));
}

#[test]
fn groups_have_rows_and_the_worst_is_named() {
    let group = |name: &str, table| (name.to_owned(), Outcome::Classes(confusion(table)));
    let groups = [group("s01", [[5, 0], [0, 5]]), group("s02", [[2, 3], [3, 2]])].into();
    let page = html(Outcome::Classes(confusion([[7, 3], [3, 7]])), Details { groups, ..Details::default() });
    contains(&page, &["By group", "Mean of 2", "Accuracy over groups: from 40.0% to 100.0%; worst: s02."]);
}

#[test]
fn the_data_section_has_splits_and_notes() {
    let page = check(&Page {
        data: vec!["train: 12 recordings".into()],
        notes: vec!["t.csv: separator `;`".into()],
        evaluated: "validation data".into(),
        outcome: Some(Outcome::Classes(confusion([[1, 0], [0, 1]]))),
        ..Page::default()
    });
    contains(
        &page,
        &["id=\"data\"", "train: 12 recordings", "t.csv: separator `;`", "Evaluated on validation data."],
    );
}
