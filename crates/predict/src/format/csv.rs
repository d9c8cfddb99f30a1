//! Predictions as a table.

use super::number::Number;
use crate::classes::{column, largest, positions};
use crate::{Prediction, Predictor};

/// Returns a CSV table with a row for each result: a prediction or, for dense outputs, a sample or pixel.
pub fn csv(predictor: &Predictor, predictions: &[Prediction]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut write = |first: &str, rest: &[String]| {
        let cells = [first].into_iter().chain(rest.iter().map(String::as_str));
        writer.write_record(cells).expect("rows of equal length, written to memory");
    };
    write("origin", &columns(predictor));
    for prediction in predictions {
        for row in rows(predictor, prediction) {
            write(&prediction.origin, &row);
        }
    }
    writer.into_inner().expect("written to memory")
}

/// Returns the names of the columns, except `origin`.
pub(crate) fn columns(predictor: &Predictor) -> Vec<String> {
    let position: &[&str] = match (predictor.takes_series(), predictor.is_dense()) {
        (true, true) => &["position"],
        (true, false) => &["start"],
        // A map has rows and columns even if it is smaller than the image.
        (false, _) if predictor.output_rank() == 2 => &["row", "column"],
        (false, _) => &[],
    };
    let mut columns: Vec<String> = position.iter().map(|&name| name.to_owned()).collect();
    match predictor.classes() {
        Some(names) if predictor.is_multi_label() => {
            columns.extend(names.iter().cloned());
            columns.extend(names.iter().map(|name| format!("p_{name}")));
        }
        Some(_) if predictor.is_dense() => columns.extend(["class".to_owned(), "probability".to_owned()]),
        Some(names) => {
            columns.push("class".to_owned());
            columns.extend(names.iter().map(|name| format!("p_{name}")));
        }
        None => columns.extend(predictor.output_names().iter().cloned()),
    }
    columns
}

/// Returns the rows of a prediction: one or, for dense outputs, one for each sample or pixel.
pub(crate) fn rows(predictor: &Predictor, prediction: &Prediction) -> Vec<Vec<String>> {
    let Prediction { start, outputs, .. } = prediction;
    let count = positions(outputs.shape());
    let place = |position: usize| match outputs.shape()[1..] {
        [_, width] => vec![(position / width).to_string(), (position % width).to_string()],
        _ if predictor.takes_series() => vec![(start + position).to_string()],
        _ => Vec::new(),
    };
    let text = |value: &f32| Number(f64::from(*value)).text();
    let mut rows: Vec<Vec<String>> = (0..count).map(place).collect();
    let Some(names) = predictor.classes() else {
        for (position, row) in rows.iter_mut().enumerate() {
            let values = column(outputs.data(), count, position);
            row.extend(values.into_iter().map(|value| Number(value).text()));
        }
        return rows;
    };
    let probabilities = predictor.probabilities(&outputs.rounded());
    for (position, row) in rows.iter_mut().enumerate() {
        let probabilities = column(probabilities.data(), count, position);
        if predictor.is_multi_label() {
            row.extend(probabilities.iter().map(|probability| label(*probability).to_string()));
            row.extend(probabilities.iter().map(text));
            continue;
        }
        let class = largest(&probabilities);
        row.push(names[class].clone());
        if predictor.is_dense() {
            row.push(text(&probabilities[class]));
        } else {
            row.extend(probabilities.iter().map(text));
        }
    }
    rows
}

/// Returns 1 if a label is more probable than not, otherwise 0.
pub(super) fn label(probability: f32) -> usize {
    usize::from(probability > 0.5)
}
