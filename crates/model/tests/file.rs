//! Model files: round trips, damaged files, format versions, and files that are not model files.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use expect_test::{Expect, expect};
use graph::{Array, BatchNorm, Conv, Graph, Weights};
use model::{Model, Normalization, Source, Task, write_annotated};
use serde_json::{Value, json};
use tempfile::TempDir;

const KEY: &str = "model-factory";

fn graph() -> Graph {
    Graph::build(|g| {
        let x = g.input("signal", [2, 12])?;
        let x = g.conv("conv", x, Conv::new(3, 3))?;
        let x = g.batch_norm("norm", x, BatchNorm::default())?;
        let x = g.global_mean("mean", x)?;
        let x = g.flatten("flatten", x)?;
        g.output("logits", x)
    })
    .unwrap()
}

fn model() -> Model {
    let weights = Weights::initial(&graph(), 1);
    Model {
        task: Some(Task::Classification),
        classes: ["rest", "walk", "run \"fast\"\n"].map(str::to_owned).to_vec(),
        normalization: Normalization { mean: vec![0.1, -3.5e-7], deviation: vec![1.0, 2.25e4] },
        source: Some(Source { config: "name: x\n".to_owned(), folder: Some("configs".into()), fold: None }),
        ..Model::new(graph(), weights)
    }
}

/// A temporary folder of model files.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The error when reading a file, without the path of the folder.
    fn error(&self, name: &str) -> String {
        let error = Model::read(self.path(name)).unwrap_err().to_string();
        error.replace(&format!("{}/", self.0.path().display()), "")
    }
}

/// The header of a model file.
fn header(path: &Path) -> Value {
    let (_, text) = model::read_annotated(path, KEY).unwrap();
    serde_json::from_str(&text.unwrap()).unwrap()
}

#[test]
fn a_model_is_read_as_it_was_written() {
    let folder = Folder::new();
    let plain = Model::new(graph(), Weights::initial(&graph(), 0));
    for model in [model(), model().merged().0, plain] {
        model.write(folder.path("a")).unwrap();
        assert_eq!(Model::read(folder.path("a")).unwrap(), model);
        model.write(folder.path("b")).unwrap();
        let [a, b] = ["a", "b"].map(|name| std::fs::read(folder.path(name)).unwrap());
        assert!(a == b, "equal models give equal bytes");
        assert_eq!(Weights::read(folder.path("a")).unwrap(), model.weights);
    }
}

/// Programs that read only format 2 keep reading the models that it can represent.
#[test]
fn a_model_has_format_3_only_if_it_needs_it() {
    let folder = Folder::new();
    let format = |model: &Model| {
        model.write(folder.path("a")).unwrap();
        assert_eq!(Model::read(folder.path("a")).unwrap(), *model);
        header(&folder.path("a"))["format"].as_u64().unwrap()
    };
    let source = |fold: Option<&str>| {
        Some(Source { config: String::new(), folder: None, fold: fold.map(str::to_owned) })
    };
    let regression = Model { task: Some(Task::Regression), classes: vec![], ..model() };
    for plain in [model(), regression.clone(), Model { source: source(None), ..model() }] {
        assert_eq!(format(&plain), 2);
    }
    let target_normalization =
        Some(Normalization { mean: vec![105.0, 1.75e9, 0.0], deviation: vec![35.0, 0.1, 1.0] });
    for more in [
        Model { channels: vec!["left".to_owned(), "right".to_owned()], ..model() },
        Model { outputs: ["a", "b", "c"].map(str::to_owned).to_vec(), ..regression.clone() },
        Model { target_normalization, ..regression },
        Model { sampling_rate: Some(62.5), ..model() },
        Model { source: source(Some("group:s03")), ..model() },
        Model { task: Some(Task::MultiLabel), ..model() },
    ] {
        assert_eq!(format(&more), 3);
        assert_eq!(format(&more.merged().0), 3, "the merged form keeps everything");
    }
}

/// Normalization is in f64; f32 would round the seconds since 1970 to whole minutes.
#[test]
fn the_numbers_of_a_normalization_are_read_to_the_last_bit() {
    let folder = Folder::new();
    for i in 1..500 {
        let number = 1_774_000_000.123 / f64::from(i).powi(i % 7);
        let normalization =
            Normalization { mean: vec![number, -number], deviation: vec![1.0 / number, 1e-300] };
        let model = Model { normalization, ..model() };
        model.write(folder.path("a")).unwrap();
        assert_eq!(Model::read(folder.path("a")).unwrap().normalization, model.normalization);
    }
}

#[test]
fn the_merged_form_of_a_merged_model_is_itself() {
    let (merged, refusals) = model().merged();
    assert!(refusals.is_empty());
    assert!(merged.graph.find("norm").is_none());
    assert_eq!(merged.classes, model().classes);
    assert_eq!(merged.normalization, model().normalization);
    assert_eq!(merged.merged().0, merged);
}

#[test]
fn a_model_file_is_recognized_by_its_header() {
    let folder = Folder::new();
    model().write(folder.path("any name")).unwrap();
    assert!(Model::is_stored_in(folder.path("any name")));
    model().weights.write(folder.path("weights.safetensors")).unwrap();
    std::fs::write(folder.path("text"), "name: no model\n").unwrap();
    for name in ["weights.safetensors", "text", "missing", "."] {
        assert!(!Model::is_stored_in(folder.path(name)), "{name}");
    }
}

#[test]
fn files_that_are_not_model_files() {
    let folder = Folder::new();
    model().weights.write(folder.path("weights")).unwrap();
    std::fs::write(folder.path("notes"), "nothing").unwrap();
    let check = |name: &str, expected: Expect| expected.assert_eq(&folder.error(name));
    check(
        "weights",
        expect![
            "weights: expected a model file, found only weights; `factory convert CONFIG WEIGHTS -o FILE` writes a model file"
        ],
    );
    check("notes", expect!["weights file notes: expected a complete safetensors file, found plain text"]);
    check("missing", expect!["weights file missing: No such file or directory (os error 2)"]);
}

/// Checks the error when reading a model file whose header was changed.
fn check_header(change: fn(&mut Value), expected: &Expect) {
    let folder = Folder::new();
    model().write(folder.path("bad")).unwrap();
    let mut header = header(&folder.path("bad"));
    change(&mut header);
    write_annotated(&folder.path("bad"), &model().weights, KEY, &header.to_string()).unwrap();
    expected.assert_eq(&folder.error("bad"));
}

#[test]
#[rustfmt::skip]
fn invalid_headers() {
    check_header(|header| header["format"] = json!(1), &expect!["bad: expected a model file of format 2 or 3, found format 1; train the model again"]);
    check_header(|header| header["format"] = json!(4), &expect!["bad: expected a model file of format 2 or 3, found format 4; update Model Factory to read it"]);
    check_header(|header| header["format"] = json!("two"), &expect![[r#"bad: expected a model file, found a damaged header: invalid type: string "two", expected u32"#]]);
    check_header(|header| *header = json!([]), &expect!["bad: expected a model file, found a damaged header: invalid length 0, expected the description of a model"]);
    check_header(|header| header["more"] = json!(1), &expect!["bad: expected a model file, found a damaged header: unknown field `more`, expected one of `format`, `graph`, `task`, `classes`, `channels`, `columns`, `outputs`, `normalization`, `target_normalization`, `sampling_rate`, `source`"]);
    check_header(|header| header["task"] = json!("guessing"), &expect!["bad: expected a model file, found a damaged header: unknown variant `guessing`, expected one of `classification`, `multi_label`, `segmentation`, `regression`, `denoising`"]);
}

#[test]
#[rustfmt::skip]
fn parts_that_do_not_agree() {
    check_header(|header| header["graph"] = json!("graph 1\nnonsense\n"), &expect!["bad: graph: line 2, column 1: expected `%0`, found `nonsense`"]);
    check_header(|header| header["classes"] = json!(["rest"]), &expect!["bad: classes: expected 3 names for the output `flatten` [N, 3], found 1"]);
    check_header(|header| header["task"] = json!("regression"), &expect!["bad: classes: expected no classes for regression, found 3"]);
    check_header(|header| header["normalization"]["mean"] = json!([0.0]), &expect!["bad: normalization.mean: expected 2 values, one per channel of `signal`, found 1"]);
    check_header(|header| header["normalization"]["mean"] = json!([0.0, null]), &expect!["bad: expected a model file, found a damaged header: invalid type: null, expected f64"]);
    check_header(|header| header["normalization"]["deviation"] = json!([1.0, 0.0]), &expect!["bad: normalization.deviation: expected positive numbers, found 0.0"]);
}

/// Training produces none of these, and each would be misinterpreted.
#[test]
#[rustfmt::skip]
fn inconsistent_descriptions() {
    check_header(|header| header["classes"] = json!(["rest", "walk", "rest"]), &expect!["bad: classes: expected distinct names, found `rest` twice"]);
    check_header(|header| header["task"] = json!("segmentation"), &expect!["bad: task: expected an output of the input's positions for segmentation of [N, 2, 12], found `flatten` [N, 3]"]);
    check_header(|header| { header["task"] = json!("denoising"); header["classes"] = json!([]); }, &expect!["bad: task: expected an output of the input's positions for denoising of [N, 2, 12], found `flatten` [N, 3]"]);
    check_header(|header| header["normalization"]["deviation"] = json!([1.0, 1e-310]), &expect!["bad: normalization.deviation: expected positive numbers, found 1e-310"]);
    check_header(|header| header["normalization"]["deviation"] = json!([1.0, -1.0]), &expect!["bad: normalization.deviation: expected positive numbers, found -1.0"]);
    check_header(|header| header["graph"] = json!(header["graph"].as_str().unwrap().replace("out=3", "out=16777216")), &expect!["bad: graph: line 3, column 65: expected [N, 16777216, 12], which the operation computes, found [N, 3, 12]"]);
    check_header(|header| header["graph"] = json!("graph 1\n%0 = conv\u{1b}[2J\u{202e} \"a\""), &expect![[r#"bad: graph: line 2, column 10: expected `"`, found `\u{1b}[2J\u{202e} "a"`"#]]);
    check_header(|header| header["\u{1b}[2J\n"] = json!(1), &expect![[r#"bad: expected a model file, found a damaged header: unknown field `\u{1b}[2J\n`, expected one of `format`, `graph`, `task`, `classes`, `channels`, `columns`, `outputs`, `normalization`, `target_normalization`, `sampling_rate`, `source`"#]]);
}

/// A regression, so that all fields may be set.
fn regression() -> Model {
    let outputs = ["pulse", "speed", "slope"].map(str::to_owned).to_vec();
    let target_normalization = Some(Normalization { mean: vec![0.0; 3], deviation: vec![1.0; 3] });
    Model { task: Some(Task::Regression), classes: vec![], outputs, target_normalization, ..model() }
}

#[test]
#[rustfmt::skip]
fn facts_about_channels_and_outputs_that_do_not_agree() {
    assert_eq!(regression().check(), Ok(()));
    let check = |change: fn(&mut Model), expected: Expect| {
        let mut model = regression();
        change(&mut model);
        expected.assert_eq(&model.check().unwrap_err());
    };
    check(|model| model.channels = vec!["left".to_owned()], expect!["channels: expected 2 names, one per channel of `signal`, found 1"]);
    check(|model| model.outputs.truncate(2), expect!["outputs: expected 3 names, one per channel of the output `flatten`, found 2"]);
    check(|model| model.target_normalization = Some(Normalization::none(2)), expect!["target_normalization.mean: expected 3 values, one per channel of the output `flatten`, found 2"]);
    check(|model| model.target_normalization.as_mut().unwrap().deviation[1] = 0.0, expect!["target_normalization.deviation: expected positive numbers, found 0.0"]);
    check(|model| model.target_normalization.as_mut().unwrap().mean[2] = f64::NAN, expect!["target_normalization.mean: expected finite numbers, found NaN"]);
    check(|model| model.sampling_rate = Some(0.0), expect!["sampling_rate: expected a positive number, found 0.0"]);
    check(|model| model.sampling_rate = Some(f64::INFINITY), expect!["sampling_rate: expected a positive number, found inf"]);
    check(|model| model.task = Some(Task::Classification), expect!["outputs: supported only for regression, not for classification"]);
    check(|model| { model.task = Some(Task::MultiLabel); model.outputs.clear(); }, expect!["target_normalization: supported only for regression, not for multi_label"]);
}

/// Each output of a multi-label model is a class of its own; a single output of a classifier distinguishes two.
#[test]
fn a_single_output_is_one_label_or_two_classes() {
    let graph = Graph::build(|g| {
        let x = g.input("signal", [2, 12])?;
        let x = g.conv("conv", x, Conv::new(1, 3))?;
        let x = g.global_mean("mean", x)?;
        let x = g.flatten("flatten", x)?;
        g.output("logits", x)
    })
    .unwrap();
    let model = Model::new(graph.clone(), Weights::initial(&graph, 1));
    let check = |task, classes: &[&str]| {
        let classes = classes.iter().copied().map(str::to_owned).collect();
        Model { task: Some(task), classes, ..model.clone() }.check()
    };
    assert_eq!(check(Task::Classification, &["no", "yes"]), Ok(()));
    assert_eq!(check(Task::MultiLabel, &["yes"]), Ok(()));
    let error = check(Task::MultiLabel, &["no", "yes"]).unwrap_err();
    expect!["classes: expected 1 name for the output `flatten` [N, 1], found 2"].assert_eq(&error);
}

/// The output of a classifier has no positions.
#[test]
fn a_task_that_does_not_suit_the_output() {
    let positions = Graph::build(|g| {
        let x = g.input("signal", [2, 12])?;
        let x = g.conv("conv", x, Conv::new(3, 3))?;
        g.output("logits", x)
    })
    .unwrap();
    let folder = Folder::new();
    let mut model = Model::new(positions.clone(), Weights::initial(&positions, 1));
    for task in [Task::Segmentation, Task::Denoising, Task::Regression] {
        model.task = Some(task);
        model.write(folder.path("a")).unwrap();
        assert_eq!(Model::read(folder.path("a")).unwrap().task, Some(task));
    }
    model.task = Some(Task::Classification);
    let error = model.write(folder.path("a")).unwrap_err().to_string();
    let error = error.replace(&folder.path("a").display().to_string(), "a");
    expect![
        "a: task: expected an output of [N, C] for classification of [N, 2, 12], found `conv` [N, 3, 12]"
    ]
    .assert_eq(&error);
}

/// Reading a pipe or a device might never end.
#[cfg(unix)]
#[test]
fn only_regular_files_are_read() {
    for path in ["/dev/zero", "/dev/null"] {
        let error = Model::read(path).unwrap_err().to_string();
        assert_eq!(error, format!("weights file {path}: expected a regular file, found a device or a pipe"));
        assert!(!Model::is_stored_in(path));
    }
}

#[test]
fn a_header_that_is_not_json() {
    let folder = Folder::new();
    write_annotated(&folder.path("bad"), &model().weights, KEY, "{").unwrap();
    let expected = expect!["bad: expected a model file, found a damaged header: EOF while parsing an object"];
    expected.assert_eq(&folder.error("bad"));
}

/// Reading reports the weights file; a model in memory is checked when it is written.
#[test]
fn weights_that_are_not_finite() {
    let folder = Folder::new();
    let mut model = model();
    let mut array = model.weights.get("conv.weight").unwrap().clone();
    array.data_mut()[4] = f32::NAN;
    model.weights.insert("conv.weight", array);
    let error = model.write(folder.path("a")).unwrap_err().to_string();
    let error = error.replace(&folder.path("a").display().to_string(), "a");
    expect!["a: `conv.weight`: expected finite weights, found NaN"].assert_eq(&error);
    assert!(!folder.path("a").exists());

    self::model().write(folder.path("a")).unwrap();
    let header = header(&folder.path("a")).to_string();
    write_annotated(&folder.path("a"), &model.weights, KEY, &header).unwrap();
    expect!["weights file a: `conv.weight`: expected finite weights, found NaN"]
        .assert_eq(&folder.error("a"));
}

/// Its square root, and so every output, would be NaN.
#[test]
fn a_variance_that_is_negative() {
    let mut model = model();
    let mut variances = model.weights.get("norm.running_var").unwrap().clone();
    variances.data_mut()[2] = -1.0;
    model.weights.insert("norm.running_var", variances);
    let error = model.check().unwrap_err();
    expect!["`norm.running_var`: expected variances of at least 0, found -1"].assert_eq(&error);
}

#[test]
fn weights_of_another_graph() {
    let folder = Folder::new();
    let mut model = model();
    model.weights.insert("conv.weight", Array::from_fn([3, 2, 5], |_| 0.0));
    let error = model.write(folder.path("a")).unwrap_err().to_string();
    expect!["a: the weights do not match the graph: 4 weights match, 1 of another shape (first `conv.weight`: expected [3, 2, 3], found [3, 2, 5])"].assert_eq(&error.replace(&folder.path("a").display().to_string(), "a"));
    assert!(!folder.path("a").exists());
}

/// Files are truncated at each byte, and a bit of each byte is flipped.
#[test]
fn damaged_files_never_panic() {
    let folder = Folder::new();
    model().write(folder.path("good")).unwrap();
    let good = std::fs::read(folder.path("good")).unwrap();
    let damaged = folder.path("damaged");
    for length in 0..good.len() {
        std::fs::write(&damaged, &good[..length]).unwrap();
        assert!(Model::read(&damaged).is_err(), "{length} of {} bytes", good.len());
    }
    for index in 0..good.len() {
        let mut bytes = good.clone();
        bytes[index] ^= 1 << (index % 8);
        std::fs::write(&damaged, bytes).unwrap();
        let _ = Model::read(&damaged);
    }
}
