//! Parts of models.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use graph::Graph;
use model::{Model, Normalization};

#[test]
fn a_part_of_a_model_of_each_family_is_a_model_file() {
    let folder = tempfile::tempdir().unwrap();
    for family in ["efficientnetv2", "mobileone", "resnet", "tcn", "unet", "unext"] {
        let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
        let model = Model::read(golden.join(format!("{family}.safetensors"))).unwrap();
        let nodes = model.graph.nodes().len();
        let (_, middle) = model.graph.nodes().nth(nodes / 2).unwrap();
        let part = model.until(&middle.name).unwrap();
        assert_eq!(*part.graph.output_shape(), middle.shape);
        assert_eq!((part.task, &part.normalization), (None, &model.normalization));
        assert!(part.classes.is_empty() && part.weights.len() <= model.weights.len());
        let path = folder.path().join(family);
        part.write(&path).unwrap();
        assert_eq!(Model::read(&path).unwrap(), part);
    }
}

#[test]
fn a_part_without_the_first_input_has_the_normalization_of_none() {
    let graph = Graph::build(|g| {
        let (a, b) = (g.input("a", [2, 8])?, g.input("b", [3, 8])?);
        let joined = g.concat("joined", &[a, g.reverse("reversed", b)?])?;
        g.output("y", joined)
    });
    let model = Model {
        normalization: Normalization { mean: vec![1.0; 2], deviation: vec![2.0; 2] },
        channels: vec!["left".to_owned(), "right".to_owned()],
        ..Model::new(graph.unwrap(), graph::Weights::default())
    };
    let part = model.until("reversed").unwrap();
    assert_eq!((part.normalization, part.channels.len()), (Normalization::none(3), 0));
}
