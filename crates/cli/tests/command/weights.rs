//! `merge`, `convert` and `adapt`.

use expect_test::expect;
use factory::Factory;
use graph::{Array, Weights};

use crate::place::{POOLED, Place, TINY};

#[test]
fn merge() {
    let place = Place::new();
    place.prints(
        "merge tiny.yaml tiny.safetensors -o merged.safetensors",
        &expect![[r#"
        merged      4 batch_norm: bn1, layer1.0.bn1, layer1.0.bn2, layer1.0.downsample.1
        parameters  1,156 before, 1,116 after
        statistics  80 before, 0 after
        MACs        16,672 before, 16,672 after
    "#]],
    );
    let graph = Factory::builtin().build(TINY).unwrap().graph;
    let merged = graph::merge(&graph, &Weights::read(place.path("tiny.safetensors")).unwrap());
    assert_eq!(Weights::read(place.path("merged.safetensors")).unwrap(), merged.weights);
    // Branches with a max pool are not linear.
    std::fs::write(place.path("pooled.yaml"), POOLED).unwrap();
    place.weights(POOLED, "pooled.safetensors");
    place.prints("merge pooled.yaml pooled.safetensors -o merged.safetensors", &expect![[r#"
        merged      5 batch_norm: stem.conv_kxk.0.bn, stem.conv_scale.bn, stages.0.0.conv_kxk.0.bn, stages.0.0.conv_scale.bn, stages.0.1.conv_kxk.0.bn
        merged      3 conv: stem.conv_kxk.0.conv, stem.conv_scale.conv, stages.0.1.conv_kxk.0.conv
        merged      2 sums into one conv each: stem.reparam_conv, stages.0.1.reparam_conv
        not merged  stages.0.0.reparam_conv: `stages.0.0.conv_kxk.0.pool` in a branch is max_pool, which is not linear in place
        parameters  756 before, 620 after
        statistics  144 before, 0 after
        MACs        8,224 before, 7,456 after
    "#]]);
}

#[test]
fn convert() {
    let place = Place::new();
    let config = "mobileone/micro --input 3x32 --classes 4";
    let to = format!("convert {config} native.safetensors --to apple -o apple.safetensors");
    let back = format!("convert {config} apple.safetensors --from apple -o back.safetensors");
    let weights = place.weights(
        "{ name: m, input: { channels: 3, length: 32 }, classes: 4, architecture: mobileone, preset: micro }",
        "native.safetensors",
    );
    place.prints(
        &to,
        &expect![[r#"
        124 matched, 0 missing, 0 unexpected, 0 of another shape
    "#]],
    );
    place.prints(
        &back,
        &expect![[r#"
        124 matched, 0 missing, 0 unexpected, 0 of another shape
    "#]],
    );
    assert_eq!(Weights::read(place.path("back.safetensors")).unwrap(), weights);

    let mut wrong = Weights::read(place.path("apple.safetensors")).unwrap();
    wrong.remove("linear.bias");
    wrong.insert("linear.weight", Array::new([1], vec![0.0]).unwrap());
    wrong.insert("other", Array::new([1], vec![0.0]).unwrap());
    wrong.write(place.path("wrong.safetensors")).unwrap();
    let wrong = format!("convert {config} wrong.safetensors --from apple -o wrong.out");
    place.fails(&wrong, 3, &expect![[r#"
        error: weights file wrong.safetensors does not match mobileone/micro in the names of `apple`: 122 weights match, 1 missing (first `linear.bias`), 1 unexpected (first `other`), 1 of another shape (first `linear.weight`: expected [4, 64], found [1]); nothing was written; use --partial to convert what matches
    "#]]);
    expect![[r#"
        122 matched, 1 missing, 1 unexpected, 1 of another shape
        missing     linear.bias
        unexpected  other
        shape       linear.weight: expected [4, 64], found [1]
    "#]]
    .assert_eq(&place.run(&wrong).1);
    assert!(!place.path("wrong.out").exists());
    place.prints(
        &format!("{wrong} --partial"),
        &expect![[r#"
        122 matched, 1 missing, 1 unexpected, 1 of another shape
        missing     linear.bias
        unexpected  other
        shape       linear.weight: expected [4, 64], found [1]
    "#]],
    );
    let partial = Weights::read(place.path("wrong.out")).unwrap();
    assert_eq!(partial.len(), weights.len() - 2);
}

#[test]
fn adapt() {
    let place = Place::new();
    place.prints(
        "adapt tiny.yaml tiny.safetensors --classes 7 --channels 6 -o new.safetensors",
        &expect![[r#"
        kept     19 parameters
        adapted  conv1.weight
        fresh    fc.weight
        fresh    fc.bias
    "#]],
    );
    let new = Factory::builtin()
        .build(&TINY.replace("classes: 4", "classes: 7").replace("channels: 3", "channels: 6"));
    assert!(Weights::read(place.path("new.safetensors")).unwrap().compare(&new.unwrap().graph).is_exact());
    std::fs::write(place.path("features.yaml"), TINY.replace("classes: 4", "")).unwrap();
    place.prints(
        "adapt tiny.yaml tiny.safetensors --to features.yaml -o new.safetensors",
        &expect![[r#"
        kept     20 parameters
        dropped  fc.weight
        dropped  fc.bias
    "#]],
    );
    std::fs::write(place.path("wide.yaml"), TINY.replace("channels: 8", "channels: 9")).unwrap();
    place.fails("adapt tiny.yaml tiny.safetensors --to wide.yaml -o new.safetensors", 3, &expect![[r#"
        error: weights file tiny.safetensors: `layer1.0.conv1.weight`: expected shape [9, 16, 3], found [8, 16, 3]; only the head and layers that read the input's channels can be adapted
    "#]]);
}
