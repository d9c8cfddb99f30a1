//! Running the command.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use expect_test::Expect;
use graph::{Array, Weights};
use tempfile::TempDir;

use crate::models;

/// A folder with a model.
pub(crate) struct Place(TempDir);

impl Place {
    /// With `model.safetensors`, of this config.
    pub(crate) fn new(config: &str) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        models::model(config).write(place.path("model.safetensors")).unwrap();
        place
    }

    /// A file in it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a safetensors file with the array `input`.
    pub(crate) fn input(&self, name: &str, input: &Array) {
        let mut arrays = Weights::default();
        arrays.insert("input", input.clone());
        arrays.write(self.path(name)).unwrap();
    }

    /// Starts `factory predict` in the folder.
    pub(crate) fn start(&self, arguments: &str) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_factory"));
        command.args(["predict", "--threads", "1"]).args(arguments.split_whitespace()).current_dir(&self.0);
        let [input, output, errors] = [Stdio::piped(), Stdio::piped(), Stdio::piped()];
        command.stdin(input).stdout(output).stderr(errors).spawn().unwrap()
    }

    /// Runs it on this standard input: its exit code, what it printed, and its errors.
    pub(crate) fn run(&self, arguments: &str, input: &str) -> (i32, String, String) {
        let mut child = self.start(arguments);
        let mut stdin = child.stdin.take().unwrap();
        let bytes = input.as_bytes().to_vec();
        // The command may end, or fill its own pipe, before it has read all.
        let writer = std::thread::spawn(move || drop(stdin.write_all(&bytes)));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        (output.status.code().unwrap(), out, err)
    }

    /// Runs it, which must succeed. Returns its output.
    pub(crate) fn prints(&self, arguments: &str, input: &str) -> String {
        let (code, out, err) = self.run(arguments, input);
        assert_eq!((code, err.as_str()), (0, ""), "{arguments}");
        out
    }

    /// Runs it; its input is refused with this error, and it leaves no file behind.
    pub(crate) fn fails(&self, arguments: &str, input: &str, expected: &Expect) {
        self.ends(3, arguments, input, expected);
    }

    /// Runs it; its arguments contradict each other, which this error says.
    pub(crate) fn is_misused(&self, arguments: &str, input: &str, expected: &Expect) {
        self.ends(2, arguments, input, expected);
    }

    fn ends(&self, expected_code: i32, arguments: &str, input: &str, expected: &Expect) {
        let files = || std::fs::read_dir(self.0.path()).unwrap().count();
        let before = files();
        let (code, _, err) = self.run(arguments, input);
        assert_eq!(code, expected_code, "{arguments}: {err}");
        assert_eq!(files(), before, "{arguments} leaves a file");
        expected.assert_eq(&err);
    }
}

/// The lines of samples of a series.
pub(crate) fn lines(series: &Array, separator: &str) -> Vec<String> {
    let [channels, samples] = *series.shape() else { panic!("no series") };
    let value = |channel: usize, sample: usize| series.data()[channel * samples + sample].to_string();
    let line = |sample| (0..channels).map(|c| value(c, sample)).collect::<Vec<_>>().join(separator) + "\n";
    (0..samples).map(line).collect()
}
