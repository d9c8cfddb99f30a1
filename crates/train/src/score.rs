//! The validation score, which selects the trained model.

use data::Splits;
use graph::FieldError;
use model::Task;

use crate::{BestMetric, Config, Evaluation, TrainError};

/// A validation score. Larger is better; the second number breaks ties.
pub(crate) type Score = [f64; 2];

/// Whether a score is better than that of an earlier epoch.
pub(crate) fn is_better(score: Score, than: Score) -> bool {
    score.partial_cmp(&than) == Some(std::cmp::Ordering::Greater)
}

/// The metric that selects the model of a task unless the config sets one.
pub(crate) fn default_metric(task: Task) -> BestMetric {
    match task {
        Task::Classification | Task::Segmentation => BestMetric::Accuracy,
        Task::MultiLabel | Task::Regression | Task::Denoising => BestMetric::Loss,
    }
}

/// The metric that selects the model.
pub(crate) fn metric(config: &Config, task: Task) -> BestMetric {
    config.best.unwrap_or(default_metric(task))
}

/// The score of an evaluation: the metric, and the loss if that is equal. `None` if either is not finite or not
/// defined.
pub(crate) fn score(evaluation: &Evaluation, metric: BestMetric) -> Option<Score> {
    let value = match metric {
        BestMetric::Loss => evaluation.loss,
        _ => *evaluation.outcome.summary().get(metric.name())?,
    };
    let value = if metric.is_error() { -value } else { value };
    let is_finite = value.is_finite() && evaluation.loss.is_finite();
    if is_finite { Some([value, -evaluation.loss]) } else { None }
}

/// Checks that there is a validation set if the config needs one, and that the task has the metric.
pub(crate) fn check(config: &Config, splits: &Splits) -> Result<(), TrainError> {
    let no_validation = |field: &str, purpose: &str| {
        let message = format!("expected a validation set to {purpose}, found none; add `data.validation`");
        Err(TrainError::Config(FieldError::new(field, message)))
    };
    if config.patience.is_some() && splits.validation.is_none() {
        return no_validation("train.patience", "watch");
    }
    let Some(best) = config.best else { return Ok(()) };
    let task = splits.config.task;
    let metrics = metrics(task);
    if !metrics.contains(&best) {
        let names: Vec<String> = metrics.iter().map(|metric| format!("`{metric}`")).collect();
        let expected = format!("one of {} for {task}", names.join(", "));
        return Err(TrainError::Config(FieldError::expected("train.best", expected, format!("`{best}`"))));
    }
    if splits.validation.is_none() {
        return no_validation("train.best", "select the model on");
    }
    Ok(())
}

/// The metrics that evaluations of a task have.
fn metrics(task: Task) -> &'static [BestMetric] {
    use BestMetric::{
        Accuracy, BalancedAccuracy, ExactMatch, GainDb, HammingLoss, Kappa, Loss, MacroF1, Mae, MeanIou,
        MicroF1, Mse, R2, Rmse,
    };
    match task {
        Task::Classification => &[Loss, Accuracy, BalancedAccuracy, Kappa, MacroF1],
        Task::MultiLabel => &[Loss, ExactMatch, HammingLoss, MacroF1, MicroF1],
        Task::Segmentation => &[Loss, Accuracy, BalancedAccuracy, Kappa, MacroF1, MeanIou],
        Task::Regression => &[Loss, Mae, Mse, Rmse, R2],
        Task::Denoising => &[Loss, Mae, Mse, Rmse, R2, GainDb],
    }
}

#[cfg(test)]
mod tests {
    use report::{Confusion, Errors, LabelCounts, Outcome};

    use super::*;

    /// One right and one wrong prediction of each kind.
    fn evaluation(task: Task) -> Evaluation {
        let classes = || Confusion::new(["no", "yes"].map(str::to_owned).to_vec());
        let outcome = match task {
            Task::Classification | Task::Segmentation => {
                let mut confusion = classes();
                for (truth, predicted) in [(0, 0), (0, 0), (0, 0), (1, 0)] {
                    confusion.add(truth, predicted);
                }
                if task == Task::Classification {
                    Outcome::Classes(confusion)
                } else {
                    Outcome::Positions(confusion)
                }
            }
            Task::MultiLabel => {
                let mut counts = LabelCounts::new(vec!["a".to_owned()]);
                counts.add(&[true], &[true]);
                counts.add(&[true], &[false]);
                Outcome::Labels(counts)
            }
            Task::Regression | Task::Denoising => {
                let mut errors = Errors::new();
                errors.add(Some(&[4.0, 9.0]), &[1.0, 2.0], &[2.0, 4.0]);
                Outcome::Values(errors)
            }
        };
        Evaluation { loss: 0.5, outcome, details: report::Details::default() }
    }

    #[test]
    fn scores_by_hand() {
        let check = |task, metric, expected: f64| {
            let [value, loss] = score(&evaluation(task), metric).unwrap();
            assert!((value - expected).abs() < 1e-12 && (loss + 0.5).abs() < 1e-12, "{metric}: {value}");
        };
        check(Task::Classification, BestMetric::Loss, -0.5);
        check(Task::Classification, BestMetric::Accuracy, 0.75);
        check(Task::Classification, BestMetric::BalancedAccuracy, 0.5);
        check(Task::Classification, BestMetric::MacroF1, 3.0 / 7.0);
        check(Task::Segmentation, BestMetric::MeanIou, 0.375);
        check(Task::MultiLabel, BestMetric::HammingLoss, -0.5);
        check(Task::Regression, BestMetric::Mae, -1.5);
        check(Task::Regression, BestMetric::Mse, -2.5);
        check(Task::Denoising, BestMetric::GainDb, 10.0 * (58.0f64 / 5.0).log10());
    }

    #[test]
    fn every_figure_of_a_task_can_select_its_model() {
        for task in
            [Task::Classification, Task::MultiLabel, Task::Segmentation, Task::Regression, Task::Denoising]
        {
            assert!(metrics(task).contains(&default_metric(task)));
            for metric in metrics(task) {
                assert!(score(&evaluation(task), *metric).is_some(), "{task} {metric}");
                let is_error = !Outcome::larger_is_better(metric.name());
                assert_eq!(metric.is_error(), is_error, "{metric}");
            }
            for name in evaluation(task).outcome.summary().into_keys() {
                let is_listed = metrics(task).iter().any(|metric| metric.name() == name);
                assert!(is_listed || name == "gain_db", "{task} {name}");
            }
        }
    }

    #[test]
    fn what_is_not_finite_or_not_defined_has_no_score() {
        let diverged = Evaluation { loss: f64::INFINITY, ..evaluation(Task::Classification) };
        assert_eq!(score(&diverged, BestMetric::Accuracy), None);
        assert_eq!(score(&evaluation(Task::Classification), BestMetric::GainDb), None);
        let nothing = Evaluation { outcome: Outcome::Values(Errors::new()), ..evaluation(Task::Regression) };
        assert_eq!(score(&nothing, BestMetric::R2), None);
    }
}
