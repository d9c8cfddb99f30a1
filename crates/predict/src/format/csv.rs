//! Predictions as a table.

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
        Some(_) if predictor.is_dense() => columns.extend(["class".to_owned(), "probability".to_owned()]),
        Some(names) => {
            columns.push("class".to_owned());
            columns.extend(names.iter().map(|name| format!("p_{name}")));
        }
        None => columns.extend((1..=predictor.channels()).map(|channel| format!("value_{channel}"))),
    }
    columns
}

/// Returns the rows of a prediction: one or, for dense outputs, one for each sample or pixel.
pub(crate) fn rows(predictor: &Predictor, prediction: &Prediction) -> Vec<Vec<String>> {
    let Prediction { start, outputs, .. } = prediction;
    let names = predictor.classes();
    let values = if names.is_some() { predictor.probabilities(outputs) } else { outputs.clone() };
    let row = |position: usize| {
        let values_here = column(&values, position);
        let mut cells = match values.shape()[1..] {
            [_, width] => vec![(position / width).to_string(), (position % width).to_string()],
            _ if predictor.takes_series() => vec![(start + position).to_string()],
            _ => Vec::new(),
        };
        if let Some(names) = names {
            let class = largest(&values_here);
            cells.push(names[class].clone());
            if predictor.is_dense() {
                cells.push(values_here[class].to_string());
                return cells;
            }
        }
        cells.extend(values_here.iter().map(ToString::to_string));
        cells
    };
    (0..positions(&values)).map(row).collect()
}
