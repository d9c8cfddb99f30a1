//! Running the command.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use expect_test::Expect;
use factory::Factory;
use graph::Weights;
use tempfile::TempDir;

/// A folder with a model and its weights.
pub(crate) struct Place(TempDir);

impl Place {
    /// With `tiny.yaml` and `tiny.safetensors`.
    pub(crate) fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        std::fs::write(place.path("tiny.yaml"), TINY).unwrap();
        place.weights(TINY, "tiny.safetensors");
        place
    }

    /// A file in it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Initial weights of a config, in a file.
    pub(crate) fn weights(&self, config: &str, name: &str) -> Weights {
        let graph = Factory::builtin().build(config).unwrap().graph;
        let weights = Weights::initial(&graph, 0);
        weights.write(self.path(name)).unwrap();
        weights
    }

    /// Runs the command in the folder: its exit code, what it printed, and its errors.
    pub(crate) fn run(&self, arguments: &str) -> (i32, String, String) {
        let program = env!("CARGO_BIN_EXE_factory");
        let arguments = arguments.split_whitespace();
        let output = Command::new(program).args(arguments).current_dir(&self.0).output().unwrap();
        let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        (output.status.code().unwrap(), out, err)
    }

    /// Runs the command on this standard input: its exit code, what it printed, and its errors.
    pub(crate) fn run_on(&self, input: &str, arguments: &str) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_factory"));
        command.args(arguments.split_whitespace()).current_dir(&self.0);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        (output.status.code().unwrap(), out, err)
    }

    /// Runs the command, which prints this and succeeds.
    pub(crate) fn prints(&self, arguments: &str, expected: &Expect) {
        let (code, out, err) = self.run(arguments);
        assert_eq!((code, err.as_str()), (0, ""), "{arguments}");
        expected.assert_eq(&out);
    }

    /// Runs the command, which ends with this code and error.
    pub(crate) fn fails(&self, arguments: &str, code: i32, expected: &Expect) {
        let (found, _, err) = self.run(arguments);
        assert_eq!(found, code, "{arguments}: {err}");
        expected.assert_eq(&err);
    }
}

/// A model with a branch that cannot be merged.
pub(crate) const POOLED: &str = "
name: pooled
input: { channels: 3, length: 32 }
classes: 4
architecture: mobileone
preset: micro
params: { stages: [{ channels: 8, depth: 1, kernel: 3, stride: 2, downsample: max_pool }] }
";

/// A small model's config.
pub(crate) const TINY: &str = "
name: tiny
input: { channels: 3, length: 32 }
classes: 4
architecture: resnet
preset: micro
params: { stages: [{ channels: 8, depth: 1, kernel: 3 }] }
";
