//! Parity after a round trip through files: weights are saved with the reference's names and layouts,
//! converted, read back and loaded strictly.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::Command;

use benches::folder;
use benches::parity::{Case, Fill, FillRole};
use dialects::{Dialect, build, convert};
use factory::{BuiltModel, Factory, Overrides};
use graph::Weights;
use serde_json::json;
use torch::tch::nn::VarStore;
use torch::tch::{self, Device};
use torch::{Load, Net};

fn case(id: &str) -> Case {
    let path = folder("parity").join(format!("{id}.json"));
    Case::parse(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Saves the reference's weights with its own names and shapes.
fn save(case: &Case, file: &Path) {
    let mut weights = Weights::default();
    let tensors = case.keys.iter().zip(&case.roles);
    for ((name, shape), role) in tensors.filter(|(_, role)| **role != FillRole::Bookkeeping) {
        weights.insert(name, case.fill.array(name, shape, *role).unwrap());
    }
    weights.write(file).unwrap();
}

/// Loads the weights strictly, and returns the largest difference of a listed output value.
fn difference(case: &Case, model: &BuiltModel, weights: &Weights) -> f64 {
    let input = Fill::default().array("input", &case.input_shape, FillRole::Input).unwrap();
    let store = VarStore::new(Device::Cpu);
    let mut net = Net::new(&store.root(), model.graph.clone()).unwrap();
    net.load(weights, Load::Strict).unwrap();
    let output = tch::no_grad(|| net.run(&torch::tensor(&input).unwrap(), false)).unwrap();
    let output: Vec<f32> = Vec::try_from(output.reshape([-1])).unwrap();
    case.output.largest_difference(&output, case.tolerance.suggested_abs).unwrap()
}

/// Converts the case's weights for the model of the config, through two files, and checks the output.
fn check(id: &str, dialect: Dialect, config: &str) {
    let (case, model) = (case(id), build(&Factory::builtin(), config, Overrides::default()).unwrap());
    let place = tempfile::tempdir().unwrap();
    let [theirs, ours] = ["theirs", "ours"].map(|name| place.path().join(name));
    save(&case, &theirs);
    let converted = convert(&model, &Weights::read(&theirs).unwrap(), dialect, Dialect::Native).unwrap();
    assert!(converted.report.is_exact(), "{id}: {}", converted.report);
    converted.weights.write(&ours).unwrap();
    difference(&case, &model, &Weights::read(&ours).unwrap());
    // The conversion back restores the original file to the bit.
    let back = convert(&model, &converted.weights, Dialect::Native, dialect).unwrap();
    assert_eq!(back.weights, Weights::read(&theirs).unwrap(), "{id}");
}

#[test]
fn torchvision() {
    check(
        "resnet-torchvision-custom-basic-1211-57x75",
        Dialect::Torchvision,
        "
        name: basic-1211
        input: { channels: 3, height: 57, width: 75 }
        classes: 6
        architecture: resnet
        preset: resnet18
        params:
          stages:
            - { channels: 64, depth: 1 }
            - { channels: 128, depth: 2, stride: 2 }
            - { channels: 256, depth: 1, stride: 2 }
            - { channels: 512, depth: 1, stride: 2 }
        ",
    );
}

#[test]
fn timm() {
    check(
        "mobileone-timm-mobileone_s0-fused-64x64",
        Dialect::Timm,
        "
        name: mobileone-s0
        input: { channels: 3, height: 64, width: 64 }
        classes: 10
        architecture: mobileone
        preset: s0
        params: { inference: true }
        ",
    );
}

#[test]
fn helia_edge() {
    check(
        "tcn-helia-edge-mb-se-skipped-gelu",
        Dialect::HeliaEdge,
        "
        name: mb
        input: { channels: 5, length: 62 }
        classes: 3
        architecture: tcn
        params:
          encoder: { kernel: [1, 9], norm: batch }
          padding: same
          norm_eps: 0.001
          head_kernel: [1, 3]
          blocks:
            - { channels: 12, kernel: [1, 5], se_divisor: 8, activation: gelu }
            - { channels: 24, kernel: [1, 3], dilation: [1, 2], se_divisor: 12, activation: elu }
            - { channels: 24, kernel: [1, 3], dilation: [1, 6], se_divisor: 5, activation: silu }
        ",
    );
}

/// A case whose network is described by a SleepKit config file.
const SLEEPKIT: &str = "tcn-sleepkit-cfg-ss-2-tcn-sm";

/// The SleepKit config file of that case.
fn sleepkit_config() -> String {
    let params = &case(SLEEPKIT).spec["params"];
    let file = json!({
        "origin": "sleepkit", "feature": { "name": "FS-W-PA-14" }, "frame_size": 240, "num_classes": 2,
        "architecture": { "name": "tcn", "params": params },
    });
    file.to_string()
}

#[test]
fn sleepkit() {
    check(SLEEPKIT, Dialect::SleepKit, &sleepkit_config());
}

#[test]
fn keras_tcn() {
    check(
        "tcn-keras-tcn-same-seq-bn",
        Dialect::KerasTcn,
        "
        name: same
        input: { channels: 5, length: 36 }
        classes: 4
        architecture: tcn
        params:
          padding: same
          skips: branches
          double_activation: true
          norm_eps: 0.001
          blocks:
            - { kind: residual, channels: 10, kernel: 3, activation: relu }
            - { kind: residual, channels: 10, kernel: 3, dilation: 2, activation: relu }
            - { kind: residual, channels: 10, kernel: 3, dilation: 4, activation: relu }
        ",
    );
}

#[test]
fn pytorch_tcn() {
    check(
        "tcn-pytorch-tcn-gate-weightnorm",
        Dialect::PytorchTcn,
        "
        name: gated
        input: { channels: 4, length: 70 }
        architecture: tcn
        params:
          blocks:
            - { kind: residual, channels: 8, gate: true, weight_norm: true, norm: none, activation: relu }
            - { kind: residual, channels: 8, dilation: 2, gate: true, weight_norm: true, norm: none, activation: relu }
            - { kind: residual, channels: 16, dilation: 4, gate: true, weight_norm: true, norm: none, activation: relu }
        ",
    );
}

#[test]
fn self_written() {
    check(
        "unet-self-written-unet-base8-odd-50x70",
        Dialect::Native,
        "
        name: odd
        input: { channels: 3, height: 50, width: 70 }
        classes: 3
        architecture: unet
        params:
          upsample: transposed
          blocks: [{ channels: 8 }, { channels: 16 }, { channels: 32 }, { channels: 64 }, { channels: 128 }]
        ",
    );
}

#[test]
fn with_the_command() {
    let (case, place) = (case(SLEEPKIT), tempfile::tempdir().unwrap());
    save(&case, &place.path().join("theirs"));
    std::fs::write(place.path().join("config.json"), sleepkit_config()).unwrap();
    let ran = Command::new(command())
        .args("convert config.json theirs --from sleepkit --output ours".split(' '))
        .current_dir(&place)
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let model = build(&Factory::builtin(), &sleepkit_config(), Overrides::default()).unwrap();
    difference(&case, &model, &Weights::read(place.path().join("ours")).unwrap());
}

/// Builds the command `factory`, and returns its path. With the tests of the whole workspace its packages have the same
/// features as in the tests, so that nothing is compiled again.
fn command() -> PathBuf {
    let profile: &[&str] = if cfg!(debug_assertions) { &[] } else { &["--release"] };
    let cargo = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--workspace", "--tests", "--bin", "factory", "--manifest-path"])
        .arg(folder("Cargo.toml"))
        .args(profile)
        .output()
        .unwrap();
    assert!(cargo.status.success(), "{}", String::from_utf8_lossy(&cargo.stderr));
    // Test programs are in `deps`, below the folder of the commands.
    let tests = std::env::current_exe().unwrap();
    tests.parent().and_then(Path::parent).unwrap().join(format!("factory{}", std::env::consts::EXE_SUFFIX))
}
