//! Answers as rows of a table.

use graph::Array;

use super::network::{Answer, Network};

/// The columns' names, but for that of the origin.
pub(crate) fn columns(network: &Network) -> Vec<String> {
    let place: &[&str] = match (network.is_of_each(), network.is_of_series()) {
        (true, true) => &["position"],
        (true, false) => &["row", "column"],
        (false, true) => &["start"],
        (false, false) => &[],
    };
    let said = match network.classes() {
        Some(_) if network.is_of_each() => vec!["class".to_owned(), "probability".to_owned()],
        Some(names) => {
            let probabilities = names.iter().map(|name| format!("p_{name}"));
            ["class".to_owned()].into_iter().chain(probabilities).collect()
        }
        None => (1..=network.channels()).map(|channel| format!("value_{channel}")).collect(),
    };
    place.iter().map(|name| (*name).to_owned()).chain(said).collect()
}

/// An answer's rows: one, or one for each sample or pixel.
pub(crate) fn rows(network: &Network, answer: &Answer) -> Vec<Vec<String>> {
    let Answer { start, outputs, .. } = answer;
    let names = network.classes();
    let values = if names.is_some() { network.probabilities(outputs) } else { outputs.clone() };
    let positions: usize = values.shape()[1..].iter().product();
    let row = |position: usize| {
        let own = column(&values, position);
        let mut cells = match values.shape()[1..] {
            [_, width] => vec![(position / width).to_string(), (position % width).to_string()],
            _ if network.is_of_series() => vec![(start + position).to_string()],
            _ => Vec::new(),
        };
        if let Some(names) = names {
            let class = largest(&own);
            cells.push(name(names, class));
            if network.is_of_each() {
                cells.push(own[class].to_string());
                return cells;
            }
        }
        cells.extend(own.iter().map(ToString::to_string));
        cells
    };
    (0..positions).map(row).collect()
}

/// The class of each position, of probabilities `[classes, …]`.
pub(crate) fn classes(probabilities: &Array) -> Vec<usize> {
    let positions: usize = probabilities.shape()[1..].iter().product();
    (0..positions).map(|position| largest(&column(probabilities, position))).collect()
}

/// A class's name.
pub(crate) fn name(names: &[String], class: usize) -> String {
    names.get(class).cloned().unwrap_or_else(|| class.to_string())
}

/// The values of all channels at a position.
fn column(values: &Array, position: usize) -> Vec<f32> {
    let positions: usize = values.shape()[1..].iter().product();
    values.data().iter().skip(position).step_by(positions.max(1)).copied().collect()
}

/// The index of the largest, of equals the first.
fn largest(values: &[f32]) -> usize {
    (1..values.len()).fold(0, |best, i| if values[i] > values[best] { i } else { best })
}
