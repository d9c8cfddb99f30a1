//! Delays, rates and history of streamed graphs: against receptive fields, and by changing samples that have not arrived.

use graph::random;
use graph::reference::{self, Tensor};
use graph::{
    Causality, ErrorKind, Field, Graph, Lengths, Op, Reads, Shape, Streaming, Table, Value, Weights,
};

/// The random graphs of one series that can be streamed.
fn streamed() -> Vec<(Graph, Weights, Streaming)> {
    let mut graphs = Vec::new();
    for (index, cell) in random::cells().iter().enumerate() {
        for seed in 0..4 {
            let problem = random::problem(index, seed);
            match problem.graph.streaming() {
                Ok(streaming) => graphs.push((problem.graph, problem.weights, streaming)),
                Err(error) => assert_eq!(error.kind(), ErrorKind::Stream, "{error}\n{}", problem.graph),
            }
        }
        assert!(cell.rank != 2 || graphs.iter().all(|(graph, ..)| graph.nodes().all(is_series)), "{cell}");
    }
    assert!(graphs.len() > 300, "{} graphs", graphs.len());
    graphs
}

fn is_series((_, node): (Value, &graph::Node)) -> bool {
    node.shape.rank() == 1
}

#[test]
fn delays_are_those_of_receptive_fields() {
    let mut compared = 0;
    for (graph, _, streaming) in streamed() {
        let output = graph.main_output().value;
        let field = graph.receptive_field();
        let [Field::Steps { look_ahead, .. }] = field.axes[..] else {
            panic!("a graph that can be streamed sees {field}\n{graph}");
        };
        let delay = streaming.node(output).expect("the output").delay;
        let look_ahead = i64::try_from(look_ahead).expect("a small number");
        // The size of the second input of `CropOrPad` must be known, so its delay counts; and the padding of `same`
        // with a stride depends on the length, for which the receptive field takes another.
        let has_crop = graph.nodes().any(|(_, node)| node.op == Op::CropOrPad);
        if has_crop || streaming.lengths() != (Lengths { multiple: 1, remainder: 0 }) {
            continue;
        }
        compared += 1;
        assert_eq!(delay.max(0), look_ahead, "{graph}");
        assert_eq!(field.causal == Some(Causality::Yes), delay <= 0, "{graph}");
    }
    assert!(compared > 200, "{compared} graphs");
}

/// The number of positions of each value that are complete after so many samples.
fn complete(graph: &Graph, streaming: &Streaming, samples: i64) -> Table<i64> {
    let mut complete = Table::from_fn(graph, |_, _| samples);
    for (value, node) in graph.nodes() {
        let Some(facts) = streaming.node(value) else { continue };
        let inputs = node.inputs.iter().zip(&facts.reads);
        let counts = inputs.map(|(input, reads): (&Value, &Reads)| reads.complete(complete[*input]));
        if let Some(count) = counts.min() {
            complete[value] = count.max(0);
        }
    }
    complete
}

#[test]
fn complete_positions_do_not_depend_on_later_samples() {
    for (graph, weights, streaming) in streamed() {
        let Lengths { multiple, remainder } = streaming.lengths();
        let length = 40_usize.next_multiple_of(multiple) + remainder;
        let channels = graph.inputs().next().expect("an input").1.shape.channels;
        let first = Tensor::noise("first", 1, Shape::new(channels, [length]));
        let values = |x: &Tensor| reference::values(&graph, &weights, std::slice::from_ref(x));
        // A length that the graph does not accept.
        let Ok(expected) = values(&first) else { continue };
        for samples in [1, 2, 3, 11, 12, 13, 14, 31] {
            let mut second = first.clone();
            for (index, number) in second.data.iter_mut().enumerate() {
                if index % length >= samples {
                    *number += 1.0;
                }
            }
            let found = values(&second).expect("the same size");
            let complete = complete(&graph, &streaming, i64::try_from(samples).expect("a small number"));
            for (value, _) in graph.nodes() {
                if streaming.node(value).is_none() {
                    continue;
                }
                let (expected, found) = (&expected[value], &found[value]);
                let size = expected.shape.space[0];
                let count = usize::try_from(complete[value]).expect("a count");
                assert!(count <= size, "{count} of {size} positions of {value}\n{graph}");
                for (index, (expected, found)) in expected.data.iter().zip(&found.data).enumerate() {
                    let is_complete = index % size < count;
                    assert!(
                        !is_complete || expected.to_bits() == found.to_bits(),
                        "{value} after {samples} samples\n{graph}"
                    );
                }
            }
        }
    }
}

#[test]
fn facts_are_those_of_counted_positions() {
    for (graph, _, streaming) in streamed() {
        let period = i64::try_from(streaming.period()).expect("a small number");
        // So late that no border is near.
        let start = 600 * period;
        for (value, node) in graph.nodes() {
            let Some(facts) = streaming.node(value) else { continue };
            let rate = [facts.rate.positions, facts.rate.samples].map(|n| i64::try_from(n).expect("small"));
            let count = |samples: i64| complete(&graph, &streaming, samples)[value];
            assert_eq!((count(start + period) - count(start)) * rate[1], period * rate[0], "{}", node.name);
            let first = i64::try_from(facts.first).expect("a small number");
            assert!(count(first) >= 1, "{} of\n{graph}", node.name);
            // The position after the last complete one lacks a sample.
            let lacking = (start..start + period).map(|t| t - (count(t) * rate[1]).div_euclid(rate[0]));
            assert_eq!(lacking.max(), Some(facts.delay), "{} of\n{graph}", node.name);
        }
    }
}
