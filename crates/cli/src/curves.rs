//! The losses of several runs over their steps.

use std::path::Path;

use report::{Chart, Journal, ReportError, Series};

/// The validation loss of several runs, and their training loss, given their names and folders.
///
/// # Errors
/// If a journal cannot be read.
pub(crate) fn of_runs<'a>(
    runs: impl Iterator<Item = (&'a str, &'a Path)>,
) -> Result<Vec<Chart>, ReportError> {
    let (mut validation, mut training) = (Vec::new(), Vec::new());
    for (name, folder) in runs {
        let entries = Journal::entries(folder)?;
        validation.push(Series::of(&entries, "validation/loss", name));
        training.push(Series::of(&entries, "train/epoch_loss", name));
    }
    let validation = chart("Validation loss", true, validation);
    let training = chart("Training loss, mean of epoch", true, training);
    Ok([validation, training].into_iter().filter(|chart| !chart.series.is_empty()).collect())
}

/// A chart over steps, without curves that have no points.
pub(crate) fn chart(title: &str, log_y: bool, series: Vec<Series>) -> Chart {
    Chart {
        title: title.to_owned(),
        x: "step".to_owned(),
        y: String::new(),
        log_y,
        series: series.into_iter().filter(|series| !series.points.is_empty()).collect(),
    }
}
