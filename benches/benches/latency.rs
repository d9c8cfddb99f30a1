//! Criterion benchmarks of the small models of `cargo xtask bench`: building the graph from its config, a
//! forward pass as built, and a forward pass merged. They run on one thread, where other load on the
//! machine disturbs least.

#![allow(missing_docs, reason = "criterion's macros generate public functions")]

use std::hint::black_box;
use std::time::Duration;

use benches::bench::{BenchSubject, MODELS, Prepared};
use criterion::{Criterion, criterion_group, criterion_main};
use torch::tch;

fn latency(criterion: &mut Criterion) {
    tch::set_num_threads(1);
    let mut group = criterion.benchmark_group("latency");
    for model in MODELS.into_iter().filter(BenchSubject::is_small) {
        group.bench_function(format!("{}/graph", model.name), |bench| bench.iter(|| model.graph()));
        let prepared = Prepared::new(&model).expect("every model can be built and merged");
        for (form, net) in [("eager", &prepared.eager), ("merged", &prepared.merged)] {
            group.bench_function(format!("{}/{form}", model.name), |bench| {
                bench.iter(|| black_box(tch::no_grad(|| net.run(&prepared.input, false))));
            });
        }
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(5));
    targets = latency
}
criterion_main!(benches);
