//! `export`.

use std::path::Path;

use expect_test::{Expect, expect};
use factory::Factory;
use graph::{Array, Graph, Weights};
use model::{Model, Normalization, Task};
use onnx::{Options, Sizes};

use crate::place::{POOLED, Place, TINY};

/// A classifier of normalized series of 3 channels.
fn classifier() -> Model {
    let graph = Factory::builtin().build(TINY).unwrap().graph;
    let weights = Weights::initial(&graph, 0);
    let mut model = Model::new(graph, weights);
    model.task = Some(Task::Classification);
    model.classes = ["rest", "walk", "run", "swim"].map(str::to_owned).to_vec();
    model.normalization = Normalization { mean: vec![1.0, 2.0, 3.0], deviation: vec![0.5, 1.0, 2.0] };
    model
}

impl Place {
    fn model(&self, name: &str, model: &Model) {
        model.write(self.path(name)).unwrap();
    }

    /// The number of files, temporary ones included.
    fn count(&self) -> usize {
        std::fs::read_dir(self.path("")).unwrap().count()
    }

    /// Runs the command, which succeeds with this note.
    fn notes(&self, arguments: &str, expected: &Expect) {
        let (code, _, err) = self.run(arguments);
        assert_eq!(code, 0, "{arguments}: {err}");
        expected.assert_eq(&err);
    }
}

#[test]
fn a_config_with_weights() {
    let place = Place::new();
    place.prints(
        "export tiny.yaml tiny.safetensors -o tiny.onnx",
        &expect![[r#"
            input       input [batch, 3, 32]
            output      logits [batch, 4]
            size        6,350 bytes
            not for     candle-onnx 0.11: has no GlobalAveragePool, first at `global_pool` (candle-onnx 0.11.1, src/eval.rs)
        "#]],
    );
    place.prints(
        "export tiny.yaml tiny.safetensors -o tiny.onnx --unmerged --static --batch-size 4 --input 3x64",
        &expect![[r#"
            input       input [4, 3, 64]
            output      logits [4, 4]
            size        7,830 bytes
            not for     candle-onnx 0.11: has no GlobalAveragePool, first at `global_pool` (candle-onnx 0.11.1, src/eval.rs)
        "#]],
    );
    place.prints(
        "export tiny.yaml tiny.safetensors -o tiny.onnx --dynamic --as-image --add-output layer1",
        &expect![[r#"
            input       input [batch, 3, 1, length]
            output      logits [batch, 4]
            output      layer1 [batch, 8, 1, layer1_length]
            size        6,446 bytes
            not for     candle-onnx 0.11: has no GlobalAveragePool, first at `global_pool` (candle-onnx 0.11.1, src/eval.rs)
            not for     and 1 more (--verbose lists all)
        "#]],
    );
}

/// The file is that of the library, whatever the form of the argument.
#[test]
fn a_run_and_a_model_file() {
    let place = Place::new();
    let model = classifier();
    std::fs::create_dir(place.path("run")).unwrap();
    place.model("run/model.safetensors", &model);
    place.model("model.safetensors", &model);
    let cases = [
        ("", Options::default()),
        (" --unmerged --raw-input", Options { merged: false, raw_input: true, ..Options::default() }),
        (
            " --static --probabilities",
            Options { sizes: Sizes::Static { batch: 1 }, probabilities: true, ..Options::default() },
        ),
        (
            " --input 3x48 --static",
            Options { sizes: Sizes::Static { batch: 1 }, input: Some([3, 48].into()), ..Options::default() },
        ),
    ];
    for (arguments, options) in cases {
        let expected = onnx::export(&model, &options).unwrap();
        for argument in ["run", "model.safetensors"] {
            let (code, _, err) = place.run(&format!("-q export {argument} -o out.onnx{arguments}"));
            assert_eq!((code, err.as_str()), (0, ""));
            assert!(std::fs::read(place.path("out.onnx")).unwrap() == expected.to_bytes(), "{arguments}");
        }
    }
}

#[test]
fn what_was_not_merged_and_known_limits_are_printed() {
    let place = Place::new();
    std::fs::write(place.path("pooled.yaml"), POOLED).unwrap();
    place.weights(POOLED, "pooled.safetensors");
    place.prints("export pooled.yaml pooled.safetensors -o pooled.onnx", &expect![[r#"
        input       input [batch, 3, 32]
        output      logits [batch, 4]
        size        5,071 bytes
        not merged  stages.0.0.reparam_conv: `stages.0.0.conv_kxk.0.pool` in a branch is max_pool, which is not linear in place
        not for     TensorRT 10.15: pools images only, so a series must be exported as an image, first at `stages.0.0.conv_kxk.0.pool` (onnx-tensorrt, docs/operators.md)
        not for     candle-onnx 0.11: has no GlobalAveragePool, first at `head.global_pool` (candle-onnx 0.11.1, src/eval.rs)
        not for     and 1 more (--verbose lists all)
    "#]]);
    let (_, all, _) = place.run("-v export pooled.yaml pooled.safetensors -o pooled.onnx");
    assert!(all.matches("not for").count() == 3 && !all.contains("--verbose"), "{all}");
}

#[test]
fn the_units_are_noted() {
    let place = Place::new();
    let mut model = classifier();
    place.model("model.safetensors", &model);
    place.notes(
        "export model.safetensors -o out.onnx",
        &expect![[r#"
        note: the file expects normalized input; --raw-input adds the normalization to the file
    "#]],
    );
    place.notes("export model.safetensors -o out.onnx --raw-input", &expect![""]);
    model.task = Some(Task::Regression);
    model.classes = Vec::new();
    model.target_normalization = Some(Normalization { mean: vec![7.0; 4], deviation: vec![2.0; 4] });
    place.model("model.safetensors", &model);
    place.notes("export model.safetensors -o out.onnx", &expect![[r#"
        note: the file expects normalized input, and its outputs are normalized; --raw-input adds both conversions to the file
    "#]]);
    model.normalization = Normalization::none(3);
    place.model("model.safetensors", &model);
    place.notes(
        "export model.safetensors -o out.onnx",
        &expect![[r#"
        note: the outputs are normalized; --raw-input adds the conversion to the file
    "#]],
    );
    place.notes("export model.safetensors -o out.onnx --raw-input", &expect![""]);
}

#[test]
fn settings_for_another_format_are_noted() {
    let place = Place::new();
    let config = r#"{ "name": "naps", "frame_size": 64, "channels": 3, "num_classes": 2,
        "architecture": { "name": "tcn", "params": { "blocks": [{ "filters": 8, "depth": 1, "kernel": 3 }] } },
        "quantization": { "format": "INT8" }, "tflm_var_name": "g_naps", "use_logits": false }"#;
    std::fs::write(place.path("naps.json"), config).unwrap();
    let model = dialects::build(&Factory::builtin(), config, factory::Overrides::default()).unwrap();
    Weights::initial(&model.graph, 0).write(place.path("naps.safetensors")).unwrap();
    place.notes("export naps.json naps.safetensors -o naps.onnx", &expect![[r#"
        note: quantization, tflm_var_name: settings for TensorFlow Lite, without effect on ONNX; the file stores 32-bit floating-point numbers
        note: use_logits: the file ends as the network does, without an additional softmax
    "#]]);
}

#[test]
fn rust_source_is_a_format() {
    let place = Place::new();
    let (_, expected, _) = place.run("source tiny.yaml");
    for arguments in ["export tiny.yaml -o tiny.rs", "export tiny.yaml -o tiny.txt --format rust"] {
        place.prints(arguments, &expect![""]);
        let file = place.path(arguments.split(' ').nth(3).unwrap());
        assert_eq!(std::fs::read_to_string(file).unwrap(), expected);
    }
    let (_, changed, _) = place.run("source tiny.yaml --input 3x64 --classes 7 --set params.dropout=0.1");
    let made_by = "factory source tiny.yaml --input 3x64 --classes 7 --set params.dropout=0.1";
    assert!(changed.starts_with(&format!("//! Made by `{made_by}`")), "{changed}");
    for arguments in [
        "--unmerged",
        "--static",
        "--static --batch-size 2",
        "--dynamic",
        "--raw-input",
        "--probabilities",
        "--as-image",
        "--add-output layer1",
    ] {
        let (code, _, error) = place.run(&format!("export tiny.yaml -o new.rs {arguments}"));
        let option = arguments.split(' ').next().unwrap();
        let expected = format!("error: {option}: no effect on Rust source; leave this argument out\n");
        assert_eq!((code, error), (2, expected));
    }
    place.fails(
        "export tiny.yaml tiny.safetensors -o new.rs",
        2,
        &expect![[r#"
        error: WEIGHTS: no effect on Rust source; leave this argument out
    "#]],
    );
    assert!(!place.path("new.rs").exists());
}

/// Invalid arguments end with 2, and nothing is written.
#[test]
#[rustfmt::skip]
fn arguments_that_do_not_suit() {
    let place = Place::new();
    place.model("model.safetensors", &classifier());
    let mut regression = classifier();
    (regression.task, regression.classes) = (Some(Task::Regression), Vec::new());
    place.model("regression.safetensors", &regression);
    let before = place.count();
    let misuse = |arguments: &str, expected: &Expect| place.fails(&format!("export {arguments}"), 2, expected);
    misuse("model.safetensors -o model.tflite", &expect![[r#"
        error: model.tflite: --output: expected the extension .onnx or .rs, found `.tflite`; or use --format
    "#]]);
    misuse("model.safetensors -o model", &expect![[r#"
        error: model: --output: expected the extension .onnx or .rs, found none; or use --format
    "#]]);
    misuse("tiny.yaml -o tiny.onnx", &expect![[r#"
        error: tiny.yaml: expected WEIGHTS, a safetensors file with the trained weights, found none
    "#]]);
    misuse("model.safetensors -o model.safetensors --format onnx", &expect![[r#"
        error: model.safetensors: --output: this file is read by the command; choose another name
    "#]]);
    misuse("tiny.yaml tiny.safetensors -o tiny.safetensors --format onnx", &expect![[r#"
        error: tiny.safetensors: --output: this file is read by the command; choose another name
    "#]]);
    misuse("model.safetensors -o new.onnx --static --dynamic", &expect![[r#"
        error: the argument '--static' cannot be used with '--dynamic'

        Usage: factory export --output <FILE> --static <MODEL> [WEIGHTS]

        For more information, try '--help'.
    "#]]);
    misuse("model.safetensors -o new.onnx --batch-size 2", &expect![[r#"
        error: the following required arguments were not provided:
          --static

        Usage: factory export --output <FILE> --static --batch-size <N> <MODEL> [WEIGHTS]

        For more information, try '--help'.
    "#]]);
    misuse("model.safetensors -o new.onnx --static --batch-size 0", &expect![[r#"
        error: invalid value '0' for '--batch-size <N>': expected at least 1

        For more information, try '--help'.
    "#]]);
    misuse("model.safetensors -o new.onnx --static --batch-size 9223372036854775807", &expect![[r#"
        error: batch size: expected 1 to 16777216, found 9223372036854775807
    "#]]);
    misuse("model.safetensors -o new.onnx --classes 7", &expect![[r#"
        error: --classes: expected a config, found the model file model.safetensors, whose network is fixed
    "#]]);
    misuse("regression.safetensors -o new.onnx --probabilities", &expect![[r#"
        error: probabilities: expected a model that predicts classes, found one for regression
    "#]]);
    assert_eq!(place.count(), before);
}

/// Models that are refused end with 3 and one sentence, and nothing is written.
#[test]
#[rustfmt::skip]
fn refused_models() {
    let place = Place::new();
    place.model("model.safetensors", &classifier());
    let mut weights = Weights::read(place.path("tiny.safetensors")).unwrap();
    weights.insert("fc.bias", Array::from_fn([4], |_| f32::NAN));
    weights.write(place.path("nan.safetensors")).unwrap();
    std::fs::write(place.path("exported.onnx"), [8, 255]).unwrap();
    let before = place.count();
    let check = |arguments: &str, expected: &Expect| place.fails(&format!("export {arguments}"), 3, expected);
    check("model.safetensors tiny.safetensors -o tiny.onnx", &expect![[r#"
        error: tiny.safetensors: the model file has its own weights; leave this argument out
    "#]]);
    check("model.safetensors -o new.onnx --input 4x32", &expect![[r#"
        error: model.safetensors: input: expected 3 channels, found 4 in [N, 4, 32]
    "#]]);
    check("model.safetensors -o new.onnx --add-output layer7", &expect![[r#"
        error: --add-output: expected the name of a node, a scope or an output, found `layer7`; the graph has input, conv1, bn1, relu, layer1, global_pool, flatten, fc
    "#]]);
    check("tiny.yaml nan.safetensors -o new.onnx", &expect![[r#"
        error: weights file nan.safetensors: `fc.bias`: expected finite weights, found NaN
    "#]]);
    check("vgg -o new.onnx", &expect![[r#"
        error: expected a config file, a ready model, a preset, a model file or a run's folder, found `vgg`; `factory list` shows the names
    "#]]);
    check("exported.onnx -o new.onnx", &expect![[r#"
        error: exported.onnx: expected a config file, a model file or a run's folder, found an ONNX file; such files are written, not read
    "#]]);
    check("missing.yaml -o new.onnx", &expect![[r#"
        error: missing.yaml: No such file or directory (os error 2)
    "#]]);
    check("missing.safetensors -o new.onnx", &expect![[r#"
        error: missing.safetensors: no such file or folder
    "#]]);
    check("tiny.safetensors -o new.onnx", &expect![[r#"
        error: tiny.safetensors: expected a model file, found only weights; `factory convert CONFIG WEIGHTS -o FILE` writes a model file
    "#]]);
    assert_eq!(place.count(), before);
}

#[test]
fn places_that_cannot_be_written() {
    let place = Place::new();
    place.model("model.safetensors", &classifier());
    std::fs::create_dir(place.path("folder.onnx")).unwrap();
    let check = |output: &str, expected: &Expect| {
        place.fails(&format!("-q export model.safetensors --format onnx -o {output}"), 1, expected);
    };
    check(
        "nodir/model.onnx",
        &expect![[r#"
        error: nodir/model.onnx: cannot write: no such folder
    "#]],
    );
    check(
        "folder.onnx",
        &expect![[r#"
        error: folder.onnx: cannot write: is a directory
    "#]],
    );
    check(
        "model.safetensors/model.onnx",
        &expect![[r#"
        error: model.safetensors/model.onnx: cannot write: Not a directory (os error 20)
    "#]],
    );
    if Path::new("/dev/full").exists() {
        check(
            "/dev/full",
            &expect![[r#"
            error: /dev/full: cannot write: No space left on device (os error 28)
        "#]],
        );
    }
}

/// A disk that fills while the file is written leaves the old file as it was.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_keeps_the_old_file() {
    let place = Place::new();
    place.model("model.safetensors", &classifier());
    std::fs::write(place.path("old.onnx"), "old").unwrap();
    let before = place.count();
    let script = "trap '' XFSZ; ulimit -f 1; exec \"$@\"";
    let mut command = std::process::Command::new("sh");
    command.args(["-c", script, "sh", env!("CARGO_BIN_EXE_factory"), "-q", "export", "model.safetensors"]);
    let output = command.args(["-o", "old.onnx"]).current_dir(place.path("")).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    expect![[r#"
        error: old.onnx: cannot write: File too large (os error 27)
    "#]]
    .assert_eq(&String::from_utf8(output.stderr).unwrap());
    assert_eq!(std::fs::read_to_string(place.path("old.onnx")).unwrap(), "old");
    assert_eq!(place.count(), before);
}

/// A pipe gets the file alone.
#[cfg(unix)]
#[test]
fn a_file_on_standard_output_is_not_followed_by_text() {
    let place = Place::new();
    place.model("model.safetensors", &classifier());
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_factory"));
    command.args("export model.safetensors --format onnx -o /dev/stdout".split(' '));
    let output = command.current_dir(place.path("")).output().unwrap();
    let expected = onnx::export(&classifier(), &Options::default()).unwrap().to_bytes();
    assert!(output.stdout == expected);
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("\ninput       input [batch, 3, 32]\noutput "), "{text}");
}

/// A node that keeps the network from accepting any length is named.
#[test]
fn a_network_of_one_length_cannot_be_dynamic() {
    let place = Place::new();
    let graph = Graph::build(|g| {
        let x = g.input("signal", [3, 32])?;
        let x = g.flatten("flatten", x)?;
        g.output("logits", g.linear("fc", x, 4)?)
    });
    let graph = graph.unwrap();
    let weights = Weights::initial(&graph, 0);
    place.model("flat.safetensors", &Model::new(graph, weights));
    place.fails("export flat.safetensors -o flat.onnx --dynamic", 3, &expect![[r#"
        error: flat.safetensors: fc: its parameters are bound to the size that the graph was built for; choose a dynamic batch instead of dynamic sizes
    "#]]);
    assert!(!place.path("flat.onnx").exists());
}
