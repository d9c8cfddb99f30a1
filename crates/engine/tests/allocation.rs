//! Running a session allocates nothing: neither more memory at any time, nor any that it keeps.

#![allow(clippy::needless_update, reason = "options that are added later keep their defaults")]

use engine::{Engine, Level, Options};
use graph::random;
use model::Model;
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// One test, so that no other one allocates at the same time.
#[test]
fn running_a_session_allocates_nothing() {
    for cell in 0..random::cells().len() {
        let problem = random::problem(cell, 0);
        let model = Model::new(problem.graph, problem.weights);
        for level in Level::all() {
            let engine = Engine::new(&model, Options { level: Some(level), ..Options::default() }).unwrap();
            for size in &problem.sizes {
                let batch = 3;
                let mut session = engine.session(std::slice::from_ref(size)).unwrap();
                let x = vec![0.5; batch * size.elements()];
                let mut y: Vec<Vec<f32>> =
                    session.outputs().iter().map(|shape| vec![0.0; batch * shape.elements()]).collect();
                let mut outputs: Vec<&mut [f32]> = y.iter_mut().map(Vec::as_mut_slice).collect();
                // The thread that waits for this test may allocate once while it starts to wait.
                let mut usage = [(0, 0); 2];
                for _ in 0..3 {
                    MEMORY.reset_peak_usage();
                    let before = (MEMORY.current_usage(), MEMORY.peak_usage());
                    session.run(&[&x], &mut outputs).unwrap();
                    usage = [before, (MEMORY.current_usage(), MEMORY.peak_usage())];
                    if usage[0] == usage[1] {
                        break;
                    }
                }
                assert_eq!(usage[0], usage[1], "{level} at {size}\n{}", engine.graph());
            }
        }
    }
}
