//! The engine agrees with the reference interpreter, with each instruction set of the machine.

use engine::{Engine, Level, Options};
use model::Model;

#[test]
fn every_instruction_set_agrees_with_the_reference() {
    for level in Level::all() {
        graph::testing::agreement(&mut |graph, weights| {
            let model = Model::new(graph.clone(), weights.clone());
            let engine = Engine::new(&model, Options { level: Some(level) }).expect("weights match");
            Ok(Box::new(engine))
        });
    }
}
