//! Class probabilities, and the most probable class.

use graph::{Array, Graph, Op};

/// Returns the probability of each class at one position, given the network's outputs there.
///
/// The outputs are logits, unless the graph ends with a softmax or, for a single output, an activation. A
/// single output determines the probability of the second of two classes.
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

/// Returns the probability of each class at one position, if any number of them can be true.
pub(crate) fn independent_probabilities(graph: &Graph, outputs: &[f32]) -> Vec<f32> {
    if matches!(graph.node(graph.main_output().value).op, Op::Activation(_)) {
        return outputs.to_vec();
    }
    outputs.iter().map(|logit| 1.0 / (1.0 + (-logit).exp())).collect()
}

fn softmax(logits: &[f32]) -> Vec<f32> {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let exponentials: Vec<f32> = logits.iter().map(|logit| (logit - largest).exp()).collect();
    let sum: f32 = exponentials.iter().sum();
    exponentials.iter().map(|exponential| exponential / sum).collect()
}

/// Returns the class at each position, given probabilities `[classes, …]`: the index of the largest
/// probability. Ties go to the first class.
pub fn classes(probabilities: &Array) -> Vec<usize> {
    let count = positions(probabilities.shape());
    (0..count).map(|position| largest(&column(probabilities.data(), count, position))).collect()
}

/// Returns the index of the largest value. Ties go to the first index.
pub(crate) fn largest(values: &[f32]) -> usize {
    let mut best = 0;
    for i in 1..values.len() {
        if values[i] > values[best] {
            best = i;
        }
    }
    best
}

/// Returns the number of positions in values of shape `[K, …]`.
pub(crate) fn positions(shape: &[usize]) -> usize {
    shape[1..].iter().product()
}

/// Returns the values of all channels at one of `count` positions.
pub(crate) fn column<T: Copy>(values: &[T], count: usize, position: usize) -> Vec<T> {
    values.iter().skip(position).step_by(count.max(1)).copied().collect()
}
