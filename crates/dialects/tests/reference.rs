//! Models of other packages, from their own arguments.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use dialects::reference;
use expect_test::expect;
use serde_json::{Value as Json, json};

fn parameters(system: &str, spec: &Json, input: &[usize]) -> Result<u64, String> {
    let model = reference::graph(system, "resnet", spec, input).map_err(|error| error.to_string())?;
    Ok(model.graph.cost().map_err(|error| error.to_string())?.trainable)
}

const IMAGE: [usize; 4] = [1, 3, 64, 64];

/// Parameters as counted in timm 1.0.31, also for variants selected by name.
#[test]
fn variants_by_timm_names() {
    let count = |model: &str| parameters("timm", &json!({ "model": model }), &IMAGE).unwrap();
    assert_eq!(count("resnet50.a1_in1k"), 25_557_032);
    assert_eq!(count("resnet50d"), 25_576_264);
    assert_eq!(count("seresnet50"), 28_088_024);
    // The C stem costs what the D stem does; only the shortcut's pool has no parameters.
    assert_eq!(count("resnet50c"), count("resnet50d"));
    // 19,232 more in the stem, squeeze-excite as in seresnet50.
    assert_eq!(count("seresnet50d") - count("resnet50d"), count("seresnet50") - count("resnet50"));
    assert_eq!(
        count("seresnext50_32x4d") - count("resnext50_32x4d"),
        count("seresnet50") - count("resnet50")
    );
    assert_eq!(count("resnext50d_32x4d") - count("resnext50_32x4d"), count("resnet50d") - count("resnet50"));
    // A stem of 64, 64, 128 channels and wider first inputs.
    assert!(count("resnet50s") > count("resnet50d"));
}

#[test]
fn arguments_change_the_network() {
    let timm = |kwargs: Json, input: &[usize]| {
        parameters("timm", &json!({ "model": "resnet18", "kwargs": kwargs }), input)
    };
    let plain = timm(json!({}), &IMAGE).unwrap();
    assert_eq!(timm(json!({ "num_classes": 10 }), &IMAGE), Ok(plain - 990 * 513));
    assert_eq!(timm(json!({ "num_classes": 0 }), &IMAGE), Ok(plain - 1000 * 513));
    assert_eq!(timm(json!({ "in_chans": 1 }), &[1, 1, 64, 64]), Ok(plain - 2 * 64 * 49));
    assert_eq!(timm(json!({ "output_stride": 8, "drop_path_rate": 0.1 }), &IMAGE), Ok(plain));
    let tv = json!({ "model": "resnet50", "kwargs": { "groups": 32, "width_per_group": 4 } });
    assert_eq!(parameters("torchvision", &tv, &IMAGE), Ok(25_028_904));
}

#[test]
fn a_prefix_counts_once() {
    let model = "se".repeat(1_000_000) + "resnet50";
    let error = parameters("timm", &json!({ "model": model }), &IMAGE).unwrap_err();
    assert!(error.len() <= 500 && error.starts_with("timm's model \"sese"), "{error}");
}

#[test]
fn unknown_models_are_refused() {
    let error = |system: &str, spec: Json| parameters(system, &spec, &IMAGE).unwrap_err();
    expect![[r#"the model "vit" is not supported"#]]
        .assert_eq(&error("torchvision", json!({ "model": "vit" })));
    expect![[r#"timm's model "resnet51q" is not supported"#]]
        .assert_eq(&error("timm", json!({ "model": "resnet51q" })));
    expect![[r#"timm's model "" is not supported"#]].assert_eq(&error("timm", json!({})));
    expect![[r#"timm's model "é" is not supported"#]].assert_eq(&error("timm", json!({ "model": "seé" })));
    expect![[r#"the argument aa_layer = "blurpool" is not supported"#]]
        .assert_eq(&error("timm", json!({ "model": "resnet50", "kwargs": { "aa_layer": "blurpool" } })));
    expect!["resnet of keras is not supported"].assert_eq(&error("keras", json!({})));
    expect![[r#"num_classes: invalid type: string "ten", expected usize"#]]
        .assert_eq(&error("timm", json!({ "model": "resnet50", "kwargs": { "num_classes": "ten" } })));
    expect!["in_chans: expected 3 because of the input, found 1"]
        .assert_eq(&error("timm", json!({ "model": "resnet50", "kwargs": { "in_chans": 1 } })));
    expect!["layers: expected a list of 4 non-negative integers, found [1,2]"]
        .assert_eq(&error("torchvision", json!({ "block": "BasicBlock", "layers": [1, 2] })));
    expect!["stages[2].depth: expected at least 1, found 0"]
        .assert_eq(&error("torchvision", json!({ "block": "BasicBlock", "layers": [1, 2, 0, 1] })));
    expect!["expected an object, found []"].assert_eq(&error("torchvision", json!([])));
}
