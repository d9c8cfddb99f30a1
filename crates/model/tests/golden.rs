//! Model files of earlier versions load without any architecture crate and give the outputs that are stored
//! with them. `golden/README.md` describes where they come from.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use graph::{Array, Forward, Graph, Weights, reference};
use model::Model;

/// Largest difference of an output, relative to 1 plus its magnitude. It covers only rounding to f32, because
/// the reference interpreter computes in f64.
const TOLERANCE: f32 = 1e-6;

const FAMILIES: [&str; 6] = ["efficientnetv2", "mobileone", "resnet", "tcn", "unet", "unext"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

#[track_caller]
fn assert_close(found: &Array, expected: &Array) {
    assert_eq!(found.shape(), expected.shape());
    assert!(expected.data().iter().any(|value| value.abs() > 1e-3), "the stored outputs are trivial");
    for (found, expected) in found.data().iter().zip(expected.data()) {
        assert!(
            (found - expected).abs() <= TOLERANCE * (1.0 + expected.abs()),
            "expected {expected}, found {found}"
        );
    }
}

#[test]
fn models_compute_the_stored_outputs() {
    for family in FAMILIES {
        let model = Model::read(folder().join(format!("{family}.safetensors"))).unwrap();
        let cases = Weights::read(folder().join(format!("{family}.cases.safetensors"))).unwrap();
        let mut interpreter = reference::Interpreter::new(model.graph, model.weights).unwrap();
        for index in 0..2 {
            let input = cases.get(&format!("{index}.input")).unwrap().clone();
            let outputs = interpreter.forward(&[input]).unwrap();
            for (output, array) in outputs.iter().enumerate() {
                let expected = cases.get(&format!("{index}.output.{output}"));
                assert_close(array, expected.unwrap());
            }
        }
    }
}

#[test]
fn rewritten_files_have_the_same_bytes() {
    let folder_of_copies = tempfile::tempdir().unwrap();
    for family in FAMILIES {
        let file = folder().join(format!("{family}.safetensors"));
        let model = Model::read(&file).unwrap();
        let again: Graph = model.graph.text().parse().unwrap();
        assert_eq!(again, model.graph, "{family}");
        let copy = folder_of_copies.path().join(family);
        model.write(&copy).unwrap();
        let [file, copy] = [file, copy].map(|path| std::fs::read(path).unwrap());
        assert!(file == copy, "{family}: the bytes differ");
    }
}

/// Merged and unmerged models, series and images, with and without classes.
#[test]
fn the_files_cover_many_kinds_of_models() {
    let models = FAMILIES.map(|name| Model::read(folder().join(format!("{name}.safetensors"))).unwrap());
    let count =
        |has_property: &dyn Fn(&Model) -> bool| models.iter().filter(|model| has_property(model)).count();
    assert_eq!(count(&|model| model.merged().0 == *model), 3);
    assert_eq!(count(&|model| model.classes.is_empty()), 2);
    assert_eq!(count(&|model| model.graph.inputs().all(|(_, node)| node.shape.rank() == 1)), 3);
    assert!(models.iter().all(|model| model.task.is_some() && model.source.is_some()));
}

/// Any number of threads can share one model, each with its own interpreter.
#[test]
fn models_and_their_errors_are_send_and_sync() {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<(model::Model, model::ModelError, model::Normalization)>();
}
