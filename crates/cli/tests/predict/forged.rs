//! Damaged and forged model files and weights: every command refuses them before any computation, and names the
//! file.

use std::path::{Path, PathBuf};
use std::process::Command;

use graph::Weights;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::models::{ACTIVITY, model};

const KEY: &str = "model-factory";
/// Whether the command trains.
const TRAINS: bool = cfg!(feature = "torch");

/// A folder with a config, a model file and an input for it.
struct Forge(TempDir);

impl Forge {
    fn new() -> Self {
        let forge = Self(tempfile::tempdir().unwrap());
        // Six recordings of each class, 2 channels of 40 samples.
        let row = |i: usize| {
            let values: Vec<String> = (0..80).map(|j| ((i * 7 + j * 3) % 11).to_string()).collect();
            format!("{},{}\n", values.join(","), ["up", "\"down, slowly\"", "flat"][i % 3])
        };
        std::fs::write(forge.path("rows.csv"), (0..18).map(row).collect::<String>()).unwrap();
        let config = ACTIVITY.replace("train: none.npz }", "train: rows.csv, test: rows.csv }");
        std::fs::write(forge.path("config.yaml"), &config).unwrap();
        let source = Some(model::Source { config: config.clone(), folder: Some(PathBuf::new()), fold: None });
        let good = model::Model { source, ..model(&config) };
        good.write(forge.path("good.safetensors")).unwrap();
        let mut input = Weights::default();
        input.insert("input", crate::models::series(2, 40));
        input.write(forge.path("input.safetensors")).unwrap();
        forge
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes `forged.safetensors` with a changed description.
    fn describe(&self, change: impl Fn(&mut Value)) {
        let bytes = std::fs::read(self.path("good.safetensors")).unwrap();
        let (length, rest) = bytes.split_first_chunk::<8>().unwrap();
        let (header, body) = rest.split_at(usize::try_from(u64::from_le_bytes(*length)).unwrap());
        let mut header: Value = serde_json::from_slice(header).unwrap();
        let text = header["__metadata__"][KEY].as_str().unwrap().to_owned();
        let mut description: Value = serde_json::from_str(&text).unwrap();
        change(&mut description);
        header["__metadata__"][KEY] = description.to_string().into();
        let mut header = header.to_string().into_bytes();
        header.resize(header.len().next_multiple_of(8), b' ');
        let length = (header.len() as u64).to_le_bytes();
        std::fs::write(self.path("forged.safetensors"), [&length[..], &header, body].concat()).unwrap();
    }

    /// Writes `forged.safetensors` with this number as its last weight. Returns the name of that array.
    fn spoil(&self, number: f32) -> String {
        let good = self.path("good.safetensors");
        let mut bytes = std::fs::read(&good).unwrap();
        let end = bytes.len();
        bytes[end - 4..].copy_from_slice(&number.to_le_bytes());
        std::fs::write(self.path("forged.safetensors"), bytes).unwrap();
        // Arrays of one type are in order of their names.
        Weights::read(&good).unwrap().iter().map(|(name, _)| name.to_owned()).max().unwrap()
    }

    /// Runs the command in the folder. Returns its exit code and standard error.
    fn run(&self, arguments: &str) -> (Option<i32>, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_factory"));
        command.args(arguments.split_whitespace()).current_dir(&self.0);
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    }

    /// Checks that the command refuses `forged.safetensors` in one sentence that contains `words`.
    #[track_caller]
    fn refuses(&self, arguments: &str, words: &str) {
        let (code, error) = self.run(arguments);
        assert_eq!(code, Some(3), "{arguments}: {error}");
        assert!(error.starts_with("error: ") && error.lines().count() == 1, "{arguments}: {error}");
        assert!(error.contains("forged.safetensors: ") && error.contains(words), "{arguments}: {error}");
        assert!(!Path::new(&self.path("out")).exists(), "{arguments} wrote a file");
    }
}

/// Every command refuses weights that are not finite, and names the array.
#[test]
fn weights_that_are_not_finite() {
    let forge = Forge::new();
    let words = format!("`{}`: expected finite weights, found NaN", forge.spoil(f32::NAN));
    for arguments in [
        "convert config.yaml forged.safetensors -o out",
        "convert forged.safetensors -o out",
        "merge config.yaml forged.safetensors -o out",
        "merge forged.safetensors -o out",
        "adapt config.yaml forged.safetensors --classes 5 -o out",
        "predict forged.safetensors input.safetensors",
        "predict forged.safetensors input.safetensors --unmerged",
        "predict forged.safetensors -",
        "evaluate forged.safetensors",
        "train config.yaml --weights forged.safetensors -o out",
        "train forged.safetensors -o out",
        "summary forged.safetensors",
        "summary forged.safetensors --merged",
    ] {
        if arguments.starts_with("train") && !TRAINS {
            continue;
        }
        forge.refuses(arguments, &words);
    }
    let words = format!("`{}`: expected finite weights, found -inf", forge.spoil(f32::NEG_INFINITY));
    forge.refuses("merge config.yaml forged.safetensors -o out", &words);
}

/// The description in a model file must match the network: its classes, normalization and task.
#[test]
fn descriptions_that_do_not_match_the_network() {
    type Change = fn(&mut Value);
    let forge = Forge::new();
    let (code, error) = forge.run("evaluate good.safetensors");
    assert_eq!(code, Some(0), "{error}");
    let cases: [(Change, &str); 8] = [
        (|model| model["normalization"]["mean"] = json!([0.5]), "normalization.mean: expected 2 values"),
        (|model| model["normalization"]["deviation"] = json!([]), "normalization.deviation: expected 2"),
        (
            |model| model["normalization"]["deviation"] = json!([1, 0]),
            "normalization.deviation: expected posi",
        ),
        (|model| model["normalization"]["mean"] = json!(["a", 0]), "expected "),
        (|model| model["classes"] = json!(["up", "down"]), "classes: expected 3 names for the output"),
        (|model| model["classes"] = json!(["a", "b", "c", "d"]), "classes: expected 3 names for the output"),
        (|model| model["task"] = json!("regression"), "classes: expected no classes for regression"),
        (|model| model["task"] = json!("segmentation"), "segmentation"),
    ];
    for (change, words) in cases {
        forge.describe(change);
        for arguments in [
            "predict forged.safetensors input.safetensors",
            "evaluate forged.safetensors",
            "merge forged.safetensors -o out",
        ] {
            forge.refuses(arguments, words);
        }
    }
}

/// The config in a model file must be for the task of the model.
#[test]
fn a_config_of_another_task() {
    let forge = Forge::new();
    let other = |model: &mut Value| {
        let config = model["source"]["config"].as_str().unwrap().replace("classification", "regression");
        model["source"]["config"] = config.into();
    };
    forge.describe(other);
    let expected = "data.task: expected classification, the task of the model, found regression";
    forge.refuses("evaluate forged.safetensors", expected);
    let without_task = |model: &mut Value| {
        let config = model["source"]["config"].as_str().unwrap().replace("classification", "segmentation");
        model["source"]["config"] = config.into();
        model.as_object_mut().unwrap().remove("task");
    };
    forge.describe(without_task);
    forge.refuses("evaluate forged.safetensors", "segmentation");
}

/// A network for very long series takes no time or memory until it gets a long series.
#[test]
fn a_model_for_very_long_series_starts_at_once() {
    let forge = Forge::new();
    let long = ACTIVITY.replace("length: 40", "length: 16777216");
    let graph = factory::Factory::builtin().build(&long).unwrap().graph;
    let weights = Weights::initial(&graph, 0);
    model::Model::new(graph, weights).write(forge.path("long.safetensors")).unwrap();
    // Running it once at its own length would take gigabytes and minutes.
    let (code, error) = forge.run("predict long.safetensors input.safetensors");
    assert_eq!((code, error.as_str()), (Some(0), ""));
}

/// Reading a device or a pipe might never end.
#[cfg(unix)]
#[test]
fn devices_and_pipes_are_not_models() {
    let forge = Forge::new();
    let pipe = forge.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for (arguments, words) in [
        (
            "predict /dev/zero input.safetensors",
            "/dev/zero: expected a regular file, found a device or a pipe",
        ),
        ("predict pipe input.safetensors", "pipe: expected a regular file, found a device or a pipe"),
        ("evaluate pipe", "pipe: expected a regular file, found a device or a pipe"),
        ("convert config.yaml pipe -o out", "pipe: expected a regular file, found a device or a pipe"),
        (
            "train config.yaml --weights /dev/zero",
            "/dev/zero: expected a regular file, found a device or a pipe",
        ),
        ("summary /dev/zero", "/dev/zero: expected at most 1048576 bytes of text, found more"),
        ("train /dev/zero", "/dev/zero: expected at most 1048576 bytes of text, found more"),
    ] {
        if arguments.starts_with("train") && !TRAINS {
            continue;
        }
        let (code, error) = forge.run(arguments);
        assert_eq!(code, Some(3), "{arguments}: {error}");
        assert!(error.contains(words), "{arguments}: {error}");
    }
}
