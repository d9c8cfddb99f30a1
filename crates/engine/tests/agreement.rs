//! The engine agrees with the reference interpreter, with each instruction set of the machine.

use engine::{Engine, Level, Options};
#[cfg(miri)]
use graph::random;
use graph::testing;
use model::Model;

/// Runs a check with engines for each instruction set.
fn with_every_instruction_set(mut check: impl FnMut(&mut testing::Make<'_>)) {
    for level in Level::all() {
        check(&mut |graph, weights| {
            let model = Model::new(graph.clone(), weights.clone());
            let options = Options { level: Some(level), ..Options::default() };
            let engine = Engine::new(&model, options).expect("weights match");
            Ok(Box::new(engine))
        });
    }
}

/// Under Miri this would take hours; the last test has few cells, at small sizes.
#[test]
#[cfg(not(miri))]
fn every_instruction_set_agrees_with_the_reference() {
    with_every_instruction_set(|make| {
        testing::agreement(make);
    });
}

#[test]
#[cfg(not(miri))]
fn graphs_as_stored_agree_with_the_reference() {
    testing::agreement(&mut |graph, weights| {
        let model = Model::new(graph.clone(), weights.clone());
        let options = Options { merge: false, ..Options::default() };
        let engine = Engine::new(&model, options).expect("weights match");
        assert_eq!(engine.graph(), graph);
        Ok(Box::new(engine))
    });
}

#[test]
#[cfg(miri)]
fn a_few_cells_agree_with_the_reference() {
    with_every_instruction_set(|make| {
        for cell in (0..random::cells().len()).step_by(11) {
            let mut problem = random::problem(cell, 0);
            problem.sizes.retain(|size| size.elements() <= 100);
            problem.sizes.truncate(1);
            if !problem.sizes.is_empty() {
                testing::check(&problem, make);
            }
        }
    });
}
