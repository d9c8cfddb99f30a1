//! Interrupted training saves a checkpoint, prints the command that continues it, and exits with 130.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::{ended, factory, place};

/// More epochs than any test waits for.
const ENDLESS: &str = "{ epochs: 100000, batch_size: 8 }";

/// A training in a folder.
struct Training {
    folder: TempDir,
    config: PathBuf,
}

impl Training {
    fn endless() -> Self {
        let (folder, config) = place(ENDLESS);
        Self { folder, config }
    }

    fn run(&self) -> PathBuf {
        self.folder.path().join("my run")
    }

    fn words(&self) -> Vec<String> {
        let (config, run) = (self.config.to_str().unwrap(), self.run());
        ["train", config, "--threads", "1", "--output", run.to_str().unwrap()].map(str::to_owned).to_vec()
    }

    fn start(&self) -> Child {
        let words = self.words();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        factory(&words).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// The step of the newest checkpoint.
    fn saved(&self) -> Option<u64> {
        let files = std::fs::read_dir(self.run().join("checkpoints")).ok()?;
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        names.filter_map(|name| name.strip_suffix(".safetensors")?.parse().ok()).max()
    }

    /// Waits until there is a checkpoint after `step`.
    fn wait_for_more_than(&self, step: u64, child: &mut Child) -> u64 {
        let start = Instant::now();
        loop {
            match self.saved() {
                Some(saved) if saved > step => return saved,
                _ => {}
            }
            assert!(child.try_wait().unwrap().is_none(), "the training has ended");
            assert!(start.elapsed() < Duration::from_secs(300), "no checkpoint after step {step}");
            sleep(Duration::from_millis(5));
        }
    }
}

/// Sends a signal, if the process is still there.
fn signal(name: &str, child: &Child) {
    Command::new("kill").args([name, &child.id().to_string()]).stderr(Stdio::null()).status().unwrap();
}

/// The exit status of a process, and all of its output.
fn end(mut child: Child) -> (ExitStatus, String) {
    let mut text = String::new();
    child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    (child.wait().unwrap(), text)
}

/// The step and the command that an interrupted run prints.
fn stopped(text: &str) -> (u64, String) {
    let parts = text
        .strip_prefix("stopped after step ")
        .and_then(|rest| rest.split_once("; continue with\n  "))
        .unwrap_or_else(|| panic!("{text}"));
    (parts.0.parse().unwrap(), parts.1.lines().next().unwrap().to_owned())
}

#[test]
fn each_signal_saves_and_exits_with_130() {
    for name in ["-INT", "-TERM", "-HUP"] {
        let training = Training::endless();
        let mut child = training.start();
        training.wait_for_more_than(0, &mut child);
        signal(name, &child);
        let (status, text) = end(child);
        assert_eq!(status.code(), Some(130), "{name}: {status}");
        let (step, _) = stopped(&text);
        let checkpoint = training.run().join(format!("checkpoints/{step:010}.safetensors"));
        assert!(checkpoint.is_file(), "{name}: {text}");
        let model = training.run().join("model.safetensors");
        assert!(text.ends_with(&format!(": {}\n", model.display())), "{name}: {text}");
        assert_eq!(model::Model::read(model).unwrap().classes.len(), 4);
    }
}

/// The printed command continues the run, even if the name of its folder has a space.
#[test]
fn the_printed_command_continues_the_run() {
    let training = Training::endless();
    let mut child = training.start();
    training.wait_for_more_than(0, &mut child);
    signal("-INT", &child);
    let (step, command) = stopped(&end(child).1);
    assert!(command.starts_with("factory train ") && command.ends_with(" --resume"), "{command}");
    // Without `--resume`, the existing run is not overwritten.
    let words = training.words();
    let again = ended(&words.iter().map(String::as_str).collect::<Vec<_>>());
    let error = String::from_utf8(again.stderr).unwrap();
    assert_eq!(again.status.code(), Some(3), "{error}");
    assert!(error.contains("--resume"), "{error}");

    let program = Path::new(env!("CARGO_BIN_EXE_factory"));
    let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("exec {command}")]).env("PATH", path);
    let mut child = shell.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    training.wait_for_more_than(step, &mut child);
    signal("-INT", &child);
    let (status, text) = end(child);
    assert_eq!(status.code(), Some(130), "{text}");
    assert!(stopped(&text).0 > step, "{text}");
}

/// If libtorch's destructors ran while its threads are active, one process in five would crash.
#[test]
fn a_second_signal_ends_the_process_without_a_crash() {
    for _ in 0..8 {
        let training = Training::endless();
        let mut child = training.start();
        training.wait_for_more_than(0, &mut child);
        for name in ["-INT", "-INT", "-TERM"] {
            signal(name, &child);
        }
        let (status, _) = end(child);
        assert_eq!(status.code(), Some(130), "{status}");
    }
}

/// Signals that the parent ignores, as a shell does for background jobs, stay ignored; others do not.
#[test]
#[cfg(target_os = "linux")]
fn an_ignored_signal_stays_ignored() {
    let training = Training::endless();
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' INT HUP; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_factory")]);
    shell.args(training.words());
    let mut child = shell.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut step = training.wait_for_more_than(0, &mut child);
    for name in ["-INT", "-HUP", "-INT"] {
        signal(name, &child);
        // A run that stops saves only one more checkpoint; this one must save several.
        for _ in 0..3 {
            step = training.wait_for_more_than(step, &mut child);
        }
    }
    signal("-TERM", &child);
    let (status, text) = end(child);
    assert_eq!(status.code(), Some(130), "{text}");
}
