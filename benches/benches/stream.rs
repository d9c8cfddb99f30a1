//! A Criterion benchmark of the engine on a series whose samples arrive one by one: a causal TCN like SleepKit's for
//! sleep stages, with four residual levels of 32 channels and without squeeze-excite.

#![allow(missing_docs, reason = "criterion's macros generate public functions")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use engine::{Engine, Options};
use factory::Factory;
use graph::Weights;
use model::Model;

const CONFIG: &str = "
name: causal-tcn
input: { channels: 14, length: 240 }
classes: 4
architecture: tcn
params:
  padding: causal
  blocks:
    - { channels: 32, kernel: 7, dilation: 1 }
    - { channels: 32, kernel: 7, dilation: 2 }
    - { channels: 32, kernel: 7, dilation: 4 }
    - { channels: 32, kernel: 7, dilation: 8 }
";

fn stream(criterion: &mut Criterion) {
    let graph = Factory::builtin().build(CONFIG).expect("the config is valid").graph;
    let channels = graph.inputs().map(|(_, node)| node.shape.channels).sum::<usize>();
    let model = Model::new(graph.clone(), Weights::initial(&graph, 0));
    let engine = Engine::new(&model, Options::default()).expect("the weights are complete");
    let samples: Vec<f32> = (0..64 * channels).map(|index| (index % 17) as f32 / 17.0 - 0.5).collect();
    let mut group = criterion.benchmark_group("stream");
    for chunk in [1, 7, 64] {
        let mut stream = engine.stream().expect("a causal network can be streamed");
        group.throughput(Throughput::Elements(chunk as u64));
        group.bench_function(format!("causal-tcn/chunks of {chunk}"), |bench| {
            bench.iter(|| {
                stream.push(black_box(&samples[..chunk * channels])).expect("whole samples");
                black_box(stream.output(0).len())
            });
        });
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default();
    targets = stream
}
criterion_main!(benches);
