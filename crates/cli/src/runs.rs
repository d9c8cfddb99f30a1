//! Several measured models: the folds of a cross-validation, or runs that are compared.

use std::collections::BTreeMap;

use graph::escaped;
use report::{RunResult, RunsPage};
use train::Evaluation;

/// The result of one model. The loss is one of its metrics.
pub(crate) fn result(name: String, facts: BTreeMap<String, String>, evaluation: &Evaluation) -> RunResult {
    let mut metrics = evaluation.outcome.summary();
    metrics.insert("loss".to_owned(), evaluation.loss);
    let (outcome, details) = (Some(evaluation.outcome.clone()), evaluation.details.clone());
    RunResult { name, facts, metrics, outcome, details }
}

/// The table of the models as text.
pub(crate) fn table(page: &RunsPage) -> String {
    let escaped_row = |row: &Vec<String>| row.iter().map(|cell| escaped(cell)).collect::<Vec<String>>();
    let rows: Vec<Vec<String>> = page.rows().iter().map(escaped_row).collect();
    graph::format::table(&rows, 1)
}

/// The table of runs that differ in their seeds, with their mean, deviation and range.
#[cfg(feature = "torch")]
pub(crate) fn table_with_summary(page: &RunsPage) -> String {
    let escaped_row = |row: &Vec<String>| row.iter().map(|cell| escaped(cell)).collect::<Vec<String>>();
    let mut rows: Vec<Vec<String>> = page.rows().iter().map(escaped_row).collect();
    if !page.folds {
        rows.extend(page.summary_rows());
    }
    graph::format::table(&rows, 1)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn columns_are_aligned() {
        let run = |name: &str, accuracy: f64| RunResult {
            name: name.to_owned(),
            facts: BTreeMap::from([("examples".to_owned(), "10".to_owned())]),
            metrics: BTreeMap::from([("accuracy".to_owned(), accuracy)]),
            ..RunResult::default()
        };
        let page =
            RunsPage { folds: true, runs: vec![run("1/2", 0.5), run("2/2", 1.0)], ..RunsPage::default() };
        expect![[r#"
            fold  examples  accuracy
            1/2         10    0.5000
            2/2         10    1.0000
            mean              0.7500
            std               0.3536
            min               0.5000
            max               1.0000
        "#]]
        .assert_eq(&table(&page));
    }
}
