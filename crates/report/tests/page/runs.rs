//! Pages of several runs.

use std::collections::BTreeMap;

use expect_test::expect;
use report::{Confusion, Details, Outcome, RunResult, RunsPage};

use crate::checked::check_html;
use crate::names;

fn fold(name: &str, held_out: &str, right: u64) -> RunResult {
    let mut confusion = Confusion::new(names(&["rest", "walk"]));
    (0..right).for_each(|i| confusion.add(usize::from(i % 2 == 0), usize::from(i % 2 == 0)));
    (right..10).for_each(|_| confusion.add(0, 1));
    let outcome = Outcome::Classes(confusion);
    let metrics = BTreeMap::from([("accuracy".to_owned(), right as f64 / 10.0), ("loss".to_owned(), 0.5)]);
    let groups = BTreeMap::from([(held_out.to_owned(), outcome.clone())]);
    RunResult {
        name: name.to_owned(),
        facts: BTreeMap::from([("held out".to_owned(), held_out.to_owned())]),
        metrics,
        outcome: Some(outcome),
        details: Details { groups, ..Details::default() },
    }
}

fn folds() -> RunsPage {
    let runs = vec![fold("fold 1", "s01", 9), fold("fold 2", "s02", 6), fold("fold 3", "s03", 6)];
    RunsPage { title: "three folds".into(), folds: true, runs, ..RunsPage::default() }
}

/// By hand: the mean of 0.9, 0.6, 0.6 is 0.7, and the deviation is √((0.04 + 0.01 + 0.01) / 2).
#[test]
fn folds_as_text() {
    let rows: Vec<String> = folds().rows().iter().map(|row| row.join(" | ") + "\n").collect();
    expect![[r#"
        fold | held out | accuracy | loss
        fold 1 | s01 | 0.9000 | 0.5000
        fold 2 | s02 | 0.6000 | 0.5000
        fold 3 | s03 | 0.6000 | 0.5000
        mean |  | 0.7000 | 0.5000
        std |  | 0.1732 | 0.0000
        min |  | 0.6000 | 0.5000
        max |  | 0.9000 | 0.5000
    "#]]
    .assert_eq(&rows.concat());
}

#[test]
fn folds_are_summarized_and_added() {
    let html = folds().html();
    check_html(&html);
    for text in
        ["All folds together", "Standard deviation", "60.0% to 90.0%", "Mean of 3", "worst: s02", ">30<"]
    {
        assert!(html.contains(text), "`{text}` is missing");
    }
}

#[test]
fn the_best_of_compared_runs_is_bold() {
    let html = RunsPage { folds: false, ..folds() }.html();
    check_html(&html);
    assert!(html.contains("<b>90.0%</b>") && !html.contains("<b>60.0%</b>"));
    assert!(!html.contains("<b>0.5</b>"), "equal values have no best");
    assert!(!html.contains("All folds together"));
}

#[test]
fn runs_without_results_make_a_page() {
    check_html(&RunsPage::default().html());
    let wild = RunResult { metrics: BTreeMap::from([("mae".to_owned(), f64::NAN)]), ..RunResult::default() };
    let html = RunsPage { folds: true, runs: vec![wild.clone(), wild], ..RunsPage::default() }.html();
    check_html(&html);
}

#[test]
fn names_are_escaped() {
    let evil = "<img src=x>".to_owned();
    let run = RunResult {
        name: evil.clone(),
        facts: BTreeMap::from([(evil.clone(), evil.clone())]),
        metrics: BTreeMap::from([(evil.clone(), 1.0)]),
        ..RunResult::default()
    };
    let html = RunsPage { notes: vec![evil], runs: vec![run.clone(), run], ..RunsPage::default() }.html();
    check_html(&html);
    assert!(!html.contains("<img"));
}
