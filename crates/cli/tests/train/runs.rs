//! From a config to a model and a report.

use serde_json::Value;

use crate::{ended, place, printed};

#[test]
fn trains_evaluates_and_reports() {
    let (folder, config) = place("{ epochs: 40, batch_size: 8, rate: 0.01 }");
    let run = folder.path().join("run");
    let (config, run) = (config.to_str().unwrap(), run.to_str().unwrap());
    let said = printed(&["train", config, "--seed", "5", "--threads", "1", "--output", run]);
    assert!(said.starts_with("trained for 160 steps; the model is of step "), "{said}");

    let evaluation: Value = serde_json::from_str(&printed(&["evaluate", run, "--json"])).unwrap();
    let accuracy = evaluation["accuracy"].as_f64().unwrap();
    assert!(accuracy > 0.5, "{accuracy}");
    assert_eq!(evaluation["examples"], 40);
    assert_eq!(evaluation["merged"]["accuracy"], evaluation["unmerged"]["accuracy"]);
    let losses = ["merged", "unmerged"].map(|side| evaluation[side]["loss"].as_f64().unwrap());
    assert!((losses[0] - losses[1]).abs() < 1e-5, "{losses:?}");
    let table = printed(&["evaluate", run]);
    assert!(table.starts_with("watch, 40 test examples\n"), "{table}");

    // The model's file alone is enough, wherever it is.
    let elsewhere = folder.path().join("elsewhere.safetensors");
    std::fs::copy(format!("{run}/model.safetensors"), &elsewhere).unwrap();
    let again: Value =
        serde_json::from_str(&printed(&["evaluate", elsewhere.to_str().unwrap(), "--json"])).unwrap();
    assert_eq!(again, evaluation);

    let report = std::fs::read_to_string(format!("{run}/report.html")).unwrap();
    for shown in ["watch", "Standing", "Badminton", "epochs: 40", "--seed 5"] {
        assert!(report.contains(shown), "the report lacks {shown}");
    }
}

/// The weights of a run begin another, and the command's own tools read them.
#[test]
fn goes_on_from_weights() {
    let (folder, config) = place("{ epochs: 2, batch_size: 8 }");
    let config = config.to_str().unwrap();
    let [first, second] =
        ["first", "second"].map(|name| folder.path().join(name).to_str().unwrap().to_owned());
    printed(&["train", config, "--threads", "1", "--output", &first]);
    let model = format!("{first}/model.safetensors");
    printed(&["train", config, "--threads", "1", "--output", &second, "--weights", &model]);
    let merged = folder.path().join("merged.safetensors");
    printed(&["merge", config, &model, "-o", merged.to_str().unwrap()]);
    let adapted = folder.path().join("adapted.safetensors");
    printed(&["adapt", config, &model, "--classes", "7", "-o", adapted.to_str().unwrap()]);
    let refused =
        ended(&["train", config, "--output", &format!("{first}3"), "--weights", adapted.to_str().unwrap()]);
    assert!(String::from_utf8(refused.stderr).unwrap().contains("misshapen"));
}

#[test]
fn what_is_no_run() {
    let folder = tempfile::tempdir().unwrap();
    let check = |arguments: &[&str], said: &str| {
        let output = ended(arguments);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains(said), "{error}");
    };
    let empty = folder.path().to_str().unwrap();
    check(&["evaluate", empty], "model.safetensors: ");
    let weights = folder.path().join("weights.safetensors");
    graph::Weights::default().write(&weights).unwrap();
    check(&["evaluate", weights.to_str().unwrap()], "weights alone; a model that was trained here is needed");
    check(&["train", "no-such-model"], "no config file or ready model is called \"no-such-model\"");
    check(&["train", "image-resnet"], "data: missing; it says what is trained on");
}
