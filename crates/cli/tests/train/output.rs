//! Training with output that cannot be written.

use std::fs::File;
use std::path::Path;
use std::process::Stdio;

use crate::{ended, factory, place};

const TRAIN: &str = "{ epochs: 5, batch_size: 8 }";

fn full() -> Stdio {
    File::options().write(true).open("/dev/full").unwrap().into()
}

/// Progress that cannot be printed does not stop training.
#[test]
#[cfg(target_os = "linux")]
fn training_continues_without_standard_error() {
    let (folder, config) = place(TRAIN);
    let run = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let words = |run: &str| {
        ["train", config.to_str().unwrap(), "--threads", "1", "--output", run].map(str::to_owned).to_vec()
    };
    let command = |words: &[String]| factory(&words.iter().map(String::as_str).collect::<Vec<_>>());
    let whole = run("whole");
    assert!(command(&words(&whole)).output().unwrap().status.success());

    let on_full = run("full");
    let status = command(&words(&on_full)).stdout(Stdio::null()).stderr(full()).status().unwrap();
    assert_eq!(status.code(), Some(0), "standard error is full");

    let on_closed = run("closed");
    let mut command = command(&words(&on_closed));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop((child.stdout.take(), child.stderr.take()));
    assert_eq!(child.wait().unwrap().code(), Some(0), "standard output and standard error are closed");

    for run in [on_full, on_closed] {
        for name in ["model.safetensors", "metrics.jsonl"] {
            let [expected, found] =
                [&whole, &run].map(|run| std::fs::read(Path::new(run).join(name)).unwrap());
            assert!(found == expected, "{run}: {name}");
        }
        assert!(Path::new(&run).join("report.html").is_file(), "{run}");
    }
}

/// A result that cannot be printed is reported on standard error, but the run is complete.
#[test]
#[cfg(target_os = "linux")]
fn a_full_standard_output_is_reported_after_training() {
    let (folder, config) = place(TRAIN);
    let run = folder.path().join("run");
    let words = ["train", config.to_str().unwrap(), "--threads", "1", "--output", run.to_str().unwrap()];
    let output = factory(&words).stdout(full()).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{error}");
    let last = error.lines().last().unwrap();
    assert_eq!(last, "error: standard output: cannot write: No space left on device (os error 28)");
    assert!(run.join("model.safetensors").is_file() && run.join("report.html").is_file());

    let words = ["evaluate", run.to_str().unwrap()];
    for words in [words.to_vec(), [words.as_slice(), &["--json"]].concat()] {
        let output = factory(&words).stdout(full()).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), error.as_str()), (Some(1), format!("{last}\n").as_str()));
    }
}

/// The command in a report can be pasted into a shell, whatever the name of the folder.
#[test]
fn the_report_quotes_its_command() {
    let (folder, config) = place("{ epochs: 1 }");
    let text = std::fs::read_to_string(&config).unwrap();
    let odd = folder.path().join("it's $(id)");
    std::fs::create_dir(&odd).unwrap();
    let config = odd.join("a b.yaml");
    std::fs::write(&config, text).unwrap();
    let run = odd.join("run");
    let output = ended(&["train", config.to_str().unwrap(), "--output", run.to_str().unwrap()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report = std::fs::read_to_string(run.join("report.html")).unwrap();
    let report = report.replace("&#39;", "'").replace("&quot;", "\"");
    let quoted = format!("'{}/it'\\''s $(id)/a b.yaml' --seed 0", folder.path().display());
    assert!(report.contains(&quoted), "the report lacks {quoted}");
}

/// The folder of a run is named after the model, and lies in `runs`.
#[test]
fn a_model_name_cannot_escape_the_runs_folder() {
    let (folder, config) = place("{ epochs: 1 }");
    let text = std::fs::read_to_string(&config).unwrap();
    let long = "x".repeat(300);
    for name in ["../escaped", "/tmp/escaped", "..", ".hidden", "a/b", "'a\\b'", "\"a\\nb\"", &long] {
        std::fs::write(&config, text.replace("name: watch", &format!("name: {name}"))).unwrap();
        let output = factory(&["train", "watch.yaml"]).current_dir(folder.path()).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{name}: {error}");
        assert!(error.starts_with("error: watch.yaml: name: "), "{error}");
        let files = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(files, 1, "{name} wrote a file");
    }
    std::fs::write(&config, text.replace("name: watch", "name: my watch; $(id)")).unwrap();
    let output = factory(&["train", "watch.yaml"]).current_dir(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(folder.path().join("runs/my watch; $(id)-0/model.safetensors").is_file());
}
