//! Probabilities of classes, and the class with the largest one.

use graph::{Array, Graph, Op};

/// The probability of each class at one position, given the network's outputs there. They are logits,
/// unless the graph ends with a softmax or, with a single output, an activation. A single output is the
/// probability of the second of two classes.
pub(crate) fn probabilities(graph: &Graph, outputs: &[f32]) -> Vec<f32> {
    let last = &graph.node(graph.main_output().value).op;
    match *outputs {
        [p] if matches!(last, Op::Activation(_)) => vec![1.0 - p, p],
        [logit] => {
            let p = 1.0 / (1.0 + (-logit).exp());
            vec![1.0 - p, p]
        }
        _ if matches!(last, Op::Softmax) => outputs.to_vec(),
        _ => softmax(outputs),
    }
}

fn softmax(logits: &[f32]) -> Vec<f32> {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let exponentials: Vec<f32> = logits.iter().map(|logit| (logit - largest).exp()).collect();
    let sum: f32 = exponentials.iter().sum();
    exponentials.iter().map(|exponential| exponential / sum).collect()
}

/// The class of each position, given probabilities `[classes, …]`: the index of the largest one, the
/// first of equal ones.
pub fn classes(probabilities: &Array) -> Vec<usize> {
    (0..positions(probabilities)).map(|position| largest(&column(probabilities, position))).collect()
}

/// The index of the largest value, the first of equal ones.
pub(crate) fn largest(values: &[f32]) -> usize {
    let mut best = 0;
    for i in 1..values.len() {
        if values[i] > values[best] {
            best = i;
        }
    }
    best
}

/// The number of positions of values `[K, …]`.
pub(crate) fn positions(values: &Array) -> usize {
    values.shape()[1..].iter().product()
}

/// The values of all channels at a position.
pub(crate) fn column(values: &Array, position: usize) -> Vec<f32> {
    values.data().iter().skip(position).step_by(positions(values).max(1)).copied().collect()
}

/// The name of a class, or its index if it has none.
pub(crate) fn class_name(names: &[String], class: usize) -> String {
    names.get(class).cloned().unwrap_or_else(|| class.to_string())
}
