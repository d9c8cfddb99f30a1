//! Made-up folds and runs.

use std::collections::BTreeMap;

use graph::Noise;
use report::{Chart, Outcome, RunResult, RunsPage, Series};

use crate::{CONFIG, outcomes};

pub(crate) fn folds() -> RunsPage {
    let (_, details) = outcomes::activities();
    let fold = |(i, (subject, outcome)): (usize, (&String, &Outcome))| RunResult {
        name: format!("fold {}", i + 1),
        facts: BTreeMap::from([("held out".to_owned(), subject.clone())]),
        metrics: outcome.summary(),
        outcome: Some(outcome.clone()),
        details: report::Details {
            groups: BTreeMap::from([(subject.clone(), outcome.clone())]),
            ..report::Details::default()
        },
    };
    RunsPage {
        title: "activity-tcn, leaving one group out".to_owned(),
        summary: "9 folds of the groups of `subject`, each trained for 40 epochs with seed 7.".to_owned(),
        folds: true,
        runs: details.groups.iter().enumerate().map(fold).collect(),
        curves: vec![curves(9)],
        notes: vec![
            "fold 4: stopped after 23 of 40 epochs, as the validation loss had not improved".to_owned(),
        ],
        command: "factory train activity-tcn --folds group --seed 7 --output runs/activity-tcn".to_owned(),
        config: CONFIG.to_owned(),
    }
}

pub(crate) fn compared() -> RunsPage {
    let run = |name: &str, rate: &str, accuracy: f64, macro_f1: f64, loss: f64| RunResult {
        name: name.to_owned(),
        facts: BTreeMap::from([("train.learning_rate".to_owned(), rate.to_owned())]),
        metrics: [("accuracy", accuracy), ("macro_f1", macro_f1), ("loss", loss)]
            .map(|(name, value)| (name.to_owned(), value))
            .into(),
        ..RunResult::default()
    };
    RunsPage {
        title: "Comparison of 3 runs".to_owned(),
        summary: "The runs differ in train.learning_rate and were evaluated on the same 2,947 test examples."
            .to_owned(),
        runs: vec![
            run("runs/activity-tcn-0", "0.001", 0.928, 0.927, 0.231),
            run("runs/activity-tcn-1", "0.003", 0.934, 0.931, 0.252),
            run("runs/activity-tcn-2", "0.01", 0.911, 0.908, 0.317),
        ],
        curves: vec![curves(3)],
        ..RunsPage::default()
    }
}

fn curves(runs: u32) -> Chart {
    let noise = Noise::of("runs");
    let series = |run: u32| {
        let point = |i: u32| {
            let at = f64::from(i) / 40.0;
            (
                f64::from(100 * i),
                0.2 + 0.02 * f64::from(run)
                    + (-5.0 * at).exp()
                    + 0.02 * noise.normal(u64::from(40 * run + i)),
            )
        };
        Series { name: format!("fold {}", run + 1), points: (1..=40).map(point).collect() }
    };
    Chart {
        title: "Validation loss".to_owned(),
        x: "step".to_owned(),
        y: String::new(),
        log_y: true,
        series: (0..runs).map(series).collect(),
    }
}
