//! From a config to a model and a report.

use serde_json::Value;

use crate::{ended, place, printed};

#[test]
fn trains_evaluates_and_reports() {
    let (folder, config) = place("{ epochs: 40, batch_size: 8, learning_rate: 0.01 }");
    let run = folder.path().join("run");
    let (config, run) = (config.to_str().unwrap(), run.to_str().unwrap());
    let said = printed(&["train", config, "--seed", "5", "--threads", "1", "--output", run]);
    assert!(said.starts_with("trained for 160 steps; this is the model of step "), "{said}");

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

/// The weights of a run start another, and the other commands read them.
#[test]
fn training_starts_from_given_weights() {
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
    // A run's folder stands for its weights.
    printed(&["adapt", config, &first, "--classes", "7", "-o", adapted.to_str().unwrap()]);
    let refused =
        ended(&["train", config, "--output", &format!("{first}3"), "--weights", adapted.to_str().unwrap()]);
    let error = String::from_utf8(refused.stderr).unwrap();
    assert!(error.contains("adapted.safetensors does not match"), "{error}");
    assert!(error.contains("; the weights are for 7 classes: `factory adapt "), "{error}");
    assert!(error.contains(" --old-classes 7 --to "), "{error}");
    // A checkpoint is not a set of weights.
    let checkpoint = std::fs::read_dir(format!("{first}/checkpoints")).unwrap();
    let checkpoint = checkpoint
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|extension| extension == "safetensors"))
        .unwrap();
    let refused = ended(&["merge", config, checkpoint.to_str().unwrap(), "-o", &second]);
    let error = String::from_utf8(refused.stderr).unwrap();
    assert!(error.contains(": expected weights, found a checkpoint of a training; "), "{error}");
}

/// Converted and adapted weights are model files, which predict like the model that the weights are from.
#[test]
fn converted_weights_predict() {
    let (folder, config) = place("{ epochs: 1, batch_size: 8 }");
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let config = config.to_str().unwrap();
    let (run, theirs, ours) = (path("run"), path("theirs"), path("ours"));
    printed(&["train", config, "--threads", "1", "--output", &run]);
    let inputs = path("inputs.safetensors");
    let mut arrays = graph::Weights::default();
    arrays.insert("input", graph::Array::from_fn([2, 6, 100], |i| (i as f32 * 0.1).sin()));
    arrays.write(&inputs).unwrap();
    let expected = printed(&["predict", &run, &inputs]);

    // All of the model file is kept.
    printed(&["convert", config, &run, "-o", &ours]);
    assert_eq!(printed(&["predict", &ours, &inputs]), expected);
    printed(&["convert", &run, "-o", &ours]);
    assert_eq!(printed(&["predict", &ours, &inputs]), expected);
    printed(&["evaluate", &ours]);

    // Weights in the names of another package have lost the normalization, and a note says so.
    let output = ended(&["convert", &run, "--to", "helia-edge", "-o", &theirs]);
    let note = String::from_utf8(output.stderr).unwrap();
    assert!(note.contains("the network expects normalized inputs; "), "{note}");
    let output = ended(&["convert", config, &theirs, "-o", &ours]);
    let note = String::from_utf8(output.stderr).unwrap();
    assert!(
        note.contains(" has the names of `helia-edge`\nnote: plain weights hold no class names"),
        "{note}"
    );
    let columns = |text: &str| text.lines().next().unwrap().split(',').count();
    assert_eq!(columns(&printed(&["predict", &ours, &inputs])), columns(&expected));
}

/// `merge` writes a model file, and every command takes it, like the run's folder, in place of a config.
#[test]
fn merged_files_are_accepted_everywhere() {
    let (folder, config) = place("{ epochs: 3, batch_size: 8 }");
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (run, merged, again) = (path("run"), path("merged.safetensors"), path("again.safetensors"));
    printed(&["train", config.to_str().unwrap(), "--threads", "1", "--output", &run]);
    let text = printed(&["merge", &run, "-o", &merged]);
    assert!(text.starts_with("merged "), "{text}");

    let evaluations = [&run, &merged]
        .map(|model| -> Value { serde_json::from_str(&printed(&["evaluate", model, "--json"])).unwrap() });
    let [before, after] = &evaluations;
    assert_eq!(before["name"], after["name"]);
    assert_eq!(before["merged"]["confusion"], after["merged"]["confusion"]);
    assert_eq!(after["merged"]["loss"], after["unmerged"]["loss"]);

    // A merged model is merged already.
    let text = printed(&["merge", &merged, "-o", &again]);
    assert!(text.starts_with("merged      nothing\n"), "{text}");
    assert!(std::fs::read(&merged).unwrap() == std::fs::read(&again).unwrap());

    let summaries = [["summary", &run, "--merged"].as_slice(), &["summary", &merged]].map(printed);
    let rows = |text: &str| text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(rows(&summaries[0]), rows(&summaries[1]));

    // A model file is recognized by its content, and has the names and shapes of its own graph.
    let unnamed = path("unnamed");
    std::fs::copy(&merged, &unnamed).unwrap();
    assert_eq!(rows(&printed(&["summary", &unnamed])), rows(&summaries[1]));
    let text = printed(&["convert", &merged, "-o", &again]);
    assert!(text.contains(" 0 missing, 0 unexpected"), "{text}");
    let refused = ended(&["convert", &merged, "--to", "timm", "-o", &again]);
    let error = String::from_utf8(refused.stderr).unwrap();
    assert!(error.contains("`timm` has no merged form; convert the run's model file"), "{error}");

    let weights = path("weights.safetensors");
    let text = printed(&["convert", &run, "-o", &weights]);
    assert!(text.contains(" 0 missing, 0 unexpected, 0 of another shape"), "{text}");

    let inputs = path("inputs.safetensors");
    let mut arrays = graph::Weights::default();
    arrays.insert("input", graph::Array::from_fn([3, 6, 100], |i| (i as f32 * 0.1).sin()));
    arrays.write(&inputs).unwrap();
    assert_eq!(printed(&["predict", &run, &inputs]), printed(&["predict", &merged, &inputs]));

    // The config of a model can be trained again.
    let second = path("second");
    printed(&["train", &merged, "--threads", "1", "--output", &second]);
    let bytes = |name: &str| std::fs::read(format!("{name}/model.safetensors")).unwrap();
    assert!(bytes(&run) == bytes(&second));
}

/// Plain weights give a model without class names, which predicts but cannot be evaluated.
#[test]
fn merged_plain_weights() {
    let (folder, config) = place("{ epochs: 1 }");
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (config, weights, merged) = (config.to_str().unwrap(), path("weights"), path("merged"));
    let text = std::fs::read_to_string(config).unwrap();
    let graph = factory::Factory::builtin().build(&text).unwrap().graph;
    graph::Weights::initial(&graph, 0).write(&weights).unwrap();
    let output = ended(&["merge", config, &weights, "-o", &merged]);
    let note = String::from_utf8(output.stderr).unwrap();
    assert!(note.starts_with("note: plain weights hold no class names and no normalization; "), "{note}");

    let inputs = path("inputs.safetensors");
    let mut arrays = graph::Weights::default();
    arrays.insert("input", graph::Array::from_fn([2, 6, 100], |i| (i as f32 * 0.1).sin()));
    arrays.write(&inputs).unwrap();
    let text = printed(&["predict", &merged, &inputs]);
    assert!(text.starts_with("origin,start,class,p_0,p_1,p_2,p_3\n"), "{text}");

    let refused = ended(&["evaluate", &merged]);
    let error = String::from_utf8(refused.stderr).unwrap();
    assert!(
        error.contains("merged: the model file has no class names; list them in the order of the outputs"),
        "{error}"
    );
}

/// A model file whose config has relative paths, evaluated in another folder, asks for the data's folder.
#[test]
fn data_that_are_not_found() {
    let (folder, config) = place("{ epochs: 1 }");
    let text = std::fs::read_to_string(config).unwrap();
    let graph = factory::Factory::builtin().build(&text).unwrap().graph;
    let without_folder: Vec<&str> = text.lines().filter(|line| !line.starts_with("  folder: ")).collect();
    let source = model::Source { config: without_folder.join("\n"), folder: Some("".into()), fold: None };
    let stored = model::Model {
        task: Some(model::Task::Classification),
        classes: ["a", "b", "c", "d"].map(str::to_owned).to_vec(),
        source: Some(source),
        ..model::Model::new(graph.clone(), graph::Weights::initial(&graph, 0))
    };
    let file = folder.path().join("moved.safetensors");
    stored.write(&file).unwrap();
    for command in ["evaluate", "train"] {
        let refused = ended(&[command, file.to_str().unwrap()]);
        let error = String::from_utf8(refused.stderr).unwrap();
        assert!(error.contains("; use --data to give the folder of the data"), "{error}");
    }
}

#[test]
fn arguments_that_are_not_runs() {
    let folder = tempfile::tempdir().unwrap();
    let check = |arguments: &[&str], said: &str| {
        let output = ended(arguments);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{error}");
        assert!(error.contains(said), "{error}");
    };
    let empty = folder.path().to_str().unwrap();
    check(&["evaluate", empty], "without model.safetensors");
    let weights = folder.path().join("weights.safetensors");
    graph::Weights::default().write(&weights).unwrap();
    check(&["evaluate", weights.to_str().unwrap()], "expected a model file, found only weights");
    check(
        &["train", "no-such-model"],
        "a ready model, a preset, a model file or a run's folder, found `no-such-model`",
    );
    check(&["train", "image-resnet"], "data: missing; training needs this section");
}

#[test]
fn a_model_is_not_replaced_by_what_is_made_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("model.safetensors");
    let graph = factory::Factory::builtin().build_ready("activity-tcn").unwrap().graph;
    let weights = graph::Weights::initial(&graph, 0);
    model::Model::new(graph, weights).write(&file).unwrap();
    let before = std::fs::read(&file).unwrap();
    for command in ["merge", "source"] {
        let output = ended(&[command, folder.path().to_str().unwrap(), "-o", file.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(2), "{command}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(std::fs::read(&file).unwrap() == before, "{command}");
    }
}
