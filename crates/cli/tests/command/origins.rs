//! Weights in the names of other packages, after prefixes, beside other arrays, and for other numbers of classes.

use dialects::Dialect;
use expect_test::expect;
use factory::Factory;
use graph::{Array, Weights};

use crate::place::{Place, TINY};

fn prefixed(weights: &Weights, prefix: &str) -> Weights {
    weights.iter().map(|(name, array)| (format!("{prefix}{name}"), array.clone())).collect()
}

impl Place {
    fn file(&self, name: &str, weights: &Weights) {
        weights.write(self.path(name)).unwrap();
    }

    /// The weights of the tiny model in a file with these changes.
    fn changed(&self, name: &str, change: impl FnOnce(&mut Weights)) {
        let mut weights = Weights::read(self.path("tiny.safetensors")).unwrap();
        change(&mut weights);
        self.file(name, &weights);
    }
}

#[test]
fn prefixes_are_removed_by_every_command() {
    let place = Place::new();
    let weights = Weights::read(place.path("tiny.safetensors")).unwrap();
    place.file("ddp.safetensors", &prefixed(&weights, "module."));
    let commands = [
        "convert tiny.yaml ddp.safetensors -o out.safetensors",
        "merge tiny.yaml ddp.safetensors -o out.safetensors",
        "export tiny.yaml ddp.safetensors -o out.onnx",
        "adapt tiny.yaml ddp.safetensors --classes 7 -o out.safetensors",
    ];
    for command in commands {
        let (code, _, err) = place.run(command);
        assert_eq!(code, 0, "{err}");
        assert_eq!(
            err,
            "note: weights file ddp.safetensors has the names of `native` after the prefix `module.`\n"
        );
    }
    place.run("convert tiny.yaml ddp.safetensors -o out.safetensors");
    assert_eq!(Weights::read(place.path("out.safetensors")).unwrap(), weights);
}

#[test]
fn the_package_of_weights_is_found() {
    let place = Place::new();
    let text =
        "{ name: m, input: { channels: 3, length: 32 }, classes: 4, architecture: mobileone, preset: micro }";
    std::fs::write(place.path("m.yaml"), text).unwrap();
    let model = Factory::builtin().build(text).unwrap();
    let weights = Weights::initial(&model.graph, 0);
    for dialect in [Dialect::Apple, Dialect::HeliaEdge, Dialect::SleepKit] {
        let theirs = dialects::convert(&model, &weights, Dialect::Native, dialect).unwrap().weights;
        place.file("theirs.safetensors", &theirs);
        let (code, out, err) = place.run("convert m.yaml theirs.safetensors -o ours.safetensors");
        assert_eq!((code, out.as_str()), (0, "124 matched, 0 missing, 0 unexpected, 0 of another shape\n"));
        assert_eq!(err, format!("note: weights file theirs.safetensors has the names of `{dialect}`\n"));
        assert_eq!(Weights::read(place.path("ours.safetensors")).unwrap(), weights);
        let wrong = if dialect == Dialect::Apple { "timm" } else { "apple" };
        let (code, _, err) = place.run(&format!("convert m.yaml theirs.safetensors --from {wrong} -o out"));
        let advice = format!("; the weights have the names of `{dialect}`: leave out --from and --prefix\n");
        assert!(code == 3 && err.ends_with(&advice), "{err}");
    }
}

#[test]
fn nothing_is_guessed_and_nothing_empty_is_written() {
    let place = Place::new();
    let weights = Weights::read(place.path("tiny.safetensors")).unwrap();
    let other = Weights::initial(&Factory::builtin().build(TINY).unwrap().graph, 1);
    let both = prefixed(&weights, "model.").into_iter().chain(prefixed(&other, "ema."));
    place.file("both.safetensors", &both.collect());
    place.file(
        "foreign.safetensors",
        &prefixed(&weights, "").into_iter().map(|(_, array)| ("q".to_owned(), array)).collect(),
    );
    place.file("empty.safetensors", &Weights::default());
    let ambiguous = expect![[r#"
        error: weights file both.safetensors: expected one set of weights, found 2: the names of `native` after the prefix `ema.`, and the names of `native` after the prefix `model.`; choose one with `factory convert` and its options --from and --prefix
    "#]];
    for command in
        ["convert tiny.yaml both.safetensors -o out", "convert tiny.yaml both.safetensors --partial -o out"]
    {
        place.fails(command, 3, &ambiguous);
    }
    for partial in ["", " --partial"] {
        place.fails(&format!("convert tiny.yaml foreign.safetensors{partial} -o out"), 3, &expect![[r#"
            error: weights file foreign.safetensors does not match tiny.yaml: no name matches; expected names such as `conv1.weight`, found `q`
        "#]]);
        place.fails(&format!("convert tiny.yaml empty.safetensors{partial} -o out"), 3, &expect![[r#"
            error: weights file empty.safetensors does not match tiny.yaml: no name matches; expected names such as `conv1.weight`, found no weights
        "#]]);
    }
    assert!(!place.path("out").exists());
    let (code, _, err) = place.run("convert tiny.yaml both.safetensors --prefix model. -o out");
    assert_eq!((code, err.as_str()), (0, ""));
    assert_eq!(Weights::read(place.path("out")).unwrap(), weights);
}

#[test]
fn arrays_of_other_types_matter_only_where_they_are_needed() {
    let place = Place::new();
    let mask = Array::from_fn([1], |_| 1.0);
    place.changed("mask.safetensors", |weights| weights.insert("mask", mask));
    // An array of the same size, but of integers.
    let bytes = std::fs::read(place.path("mask.safetensors")).unwrap();
    let start = bytes.windows(4).position(|part| part == b"mask").unwrap();
    let at = start + bytes[start..].windows(3).position(|part| part == b"F32").unwrap();
    let mut integers = bytes;
    integers[at..at + 3].copy_from_slice(b"I32");
    std::fs::write(place.path("mask.safetensors"), integers).unwrap();
    place.fails("convert tiny.yaml mask.safetensors -o out", 3, &expect![[r#"
        error: weights file mask.safetensors does not match tiny.yaml: 22 weights match, 1 unexpected (first `mask`); nothing was written; use --partial to convert what matches
    "#]]);
    let (code, out, _) = place.run("convert tiny.yaml mask.safetensors --partial -o out");
    assert_eq!(code, 0, "{out}");
    let weights = Weights::read(place.path("tiny.safetensors")).unwrap();
    assert_eq!(Weights::read(place.path("out")).unwrap(), weights);
}

#[test]
fn merged_and_unmerged_weights_are_told_apart() {
    let place = Place::new();
    place.run("merge tiny.yaml tiny.safetensors -o merged.safetensors");
    let merged = Weights::read(place.path("merged.safetensors")).unwrap();
    place.file("plain.safetensors", &prefixed(&merged, "module."));
    place.fails("convert tiny.yaml merged.safetensors -o out", 3, &expect![[r#"
        error: weights file merged.safetensors does not match tiny.yaml: 6 weights match, 16 missing (first `bn1.weight`), 4 unexpected (first `conv1.bias`); the weights are those of the merged network, and the file is a model file: use it as MODEL; nothing was written; use --partial to convert what matches
    "#]]);
    place.fails("convert tiny.yaml plain.safetensors -o out", 3, &expect![[r#"
        error: weights file plain.safetensors does not match tiny.yaml: no name matches; expected names such as `conv1.weight`, found `module.conv1.bias`; the weights are those of the merged network
    "#]]);
    place.fails("convert merged.safetensors tiny.safetensors -o out", 3, &expect![[r#"
        error: weights file tiny.safetensors does not match merged.safetensors: 6 weights match, 4 missing (first `conv1.bias`), 16 unexpected (first `bn1.bias`); the weights have norms, as those of the unmerged network; nothing was written; use --partial to convert what matches
    "#]]);
}

/// Weights of a head of another size, or of other channels.
#[test]
fn numbers_that_differ_are_found_out() {
    let place = Place::new();
    place.run("adapt tiny.yaml tiny.safetensors --classes 10 -o ten.safetensors");
    place.run("adapt tiny.yaml tiny.safetensors --classes 10 --channels 6 -o six.safetensors");
    place.fails("convert tiny.yaml ten.safetensors -o out", 3, &expect![[r#"
        error: weights file ten.safetensors does not match tiny.yaml: 20 weights match, 2 of another shape (first `fc.weight`: expected [4, 8], found [10, 8]); the weights are for 10 classes: use --classes 10
    "#]]);
    place.fails("merge tiny.yaml ten.safetensors -o out", 3, &expect![[r#"
        error: weights file ten.safetensors does not match tiny.yaml: 20 weights match, 2 of another shape (first `fc.weight`: expected [4, 8], found [10, 8]); the weights are for 10 classes: use --classes 10
    "#]]);
    place.fails("adapt tiny.yaml ten.safetensors --classes 3 -o out", 3, &expect![[r#"
        error: weights file ten.safetensors does not match tiny.yaml: 20 weights match, 2 of another shape (first `fc.weight`: expected [4, 8], found [10, 8]); the weights are for 10 classes: use --old-classes 10
    "#]]);
    place.fails("adapt tiny.yaml six.safetensors --classes 3 -o out", 3, &expect![[r#"
        error: weights file six.safetensors does not match tiny.yaml: 19 weights match, 3 of another shape (first `conv1.weight`: expected [16, 3, 7], found [16, 6, 7]); the weights are for 10 classes and 6 input channels: use --old-classes 10 --old-channels 6
    "#]]);
    let (code, _, err) = place.run(
        "adapt tiny.yaml six.safetensors --old-classes 10 --old-channels 6 --classes 3 --channels 3 -o out",
    );
    assert_eq!(code, 0, "{err}");
    let (code, _, err) = place.run("convert tiny.yaml ten.safetensors --classes 10 -o out");
    assert_eq!(code, 0, "{err}");
}

#[test]
fn sentences_about_large_models_are_short() {
    let place = Place::new();
    let config = "efficientnetv2/efficientnet_v2_s --input 3x64x64";
    place.fails(&format!("convert {config} tiny.safetensors -o out"), 3, &expect![[r#"
        error: weights file tiny.safetensors does not match efficientnetv2/efficientnet_v2_s: 0 weights match, 668 missing (first `conv_stem.weight`), 18 unexpected (first `conv1.weight`), 4 of another shape (first `bn1.weight`: expected [24], found [16])
    "#]]);
    let (_, _, err) = place.run(&format!("merge {config} tiny.safetensors -o out"));
    assert!(err.lines().count() == 1 && err.len() < 300, "{err}");
}
