//! Settings, configs on standard input and quiet runs.

use std::io::Write;
use std::process::Stdio;

use crate::{ended, factory, place, printed};

/// The run stores the config with the settings, its page repeats them, and it can be resumed.
#[test]
fn settings_are_part_of_the_run() {
    let (folder, config) = place("{ epochs: 50, batch_size: 8 }");
    let run = folder.path().join("run");
    let (config, run) = (config.to_str().unwrap(), run.to_str().unwrap());
    let settings = ["--set", "train.epochs=2", "--set", "train.schedule={ step: { epochs: 1 } }"];
    let arguments = [&["train", config, "--threads", "1", "--output", run], settings.as_slice()].concat();
    let text = printed(&arguments);
    assert!(text.starts_with("trained for 8 steps"), "{text}");
    let stored = std::fs::read_to_string(format!("{run}/config.yaml")).unwrap();
    assert!(stored.contains("epochs: 2\n"), "{stored}");
    let report = std::fs::read_to_string(format!("{run}/report.html")).unwrap();
    let shown = "--set train.epochs=2 --set &#39;train.schedule={ step: { epochs: 1 } }&#39;";
    assert!(report.contains(shown) || report.contains(&shown.replace("&#39;", "'")), "{report}");
    printed(&[arguments.as_slice(), &["--resume"]].concat());
    let other = ended(&["train", config, "--threads", "1", "--output", run, "--resume"]);
    assert_eq!(other.status.code(), Some(3), "{}", String::from_utf8_lossy(&other.stderr));
    // A run's folder is a config, too.
    let again = format!("{run}-again");
    let text = printed(&["train", run, "--threads", "1", "--output", &again, "--set", "train.epochs=1"]);
    assert!(text.starts_with("trained for 4 steps"), "{text}");
}

/// Relative paths in a config on standard input are relative to the current folder, and the page shows a command that
/// repeats the run.
#[test]
fn a_config_on_standard_input() {
    let (folder, config) = place("{ epochs: 1, batch_size: 8 }");
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let text = std::fs::read_to_string(config).unwrap();
    let line = text.lines().find(|line| line.starts_with("  folder: ")).unwrap();
    let source = std::path::Path::new(line.trim_start_matches("  folder: "));
    for name in ["BasicMotions_TRAIN.ts", "BasicMotions_TEST.ts"] {
        std::fs::copy(source.join(name), data.join(name)).unwrap();
    }
    let text = text.replace(line, "  folder: data");
    let mut command = factory(&["train", "-", "--threads", "1", "--output", "run"]);
    command.current_dir(folder.path()).stdin(Stdio::piped()).stdout(Stdio::null());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    let report = std::fs::read_to_string(folder.path().join("run/report.html")).unwrap();
    assert!(report.contains("&lt; run/config.yaml"), "{report}");
    // The command that the page shows.
    let script = format!(
        "{} train - --seed 0 --output again --threads 1 < run/config.yaml",
        env!("CARGO_BIN_EXE_factory")
    );
    let status = std::process::Command::new("sh").args(["-c", &script]).current_dir(folder.path()).status();
    assert!(status.unwrap().success());
    let model = |run: &str| std::fs::read(folder.path().join(run).join("model.safetensors")).unwrap();
    assert!(model("run") == model("again"));
}

#[test]
fn quiet_runs_print_the_result_only() {
    let (folder, config) = place("{ epochs: 2, batch_size: 8 }");
    let run = folder.path().join("run");
    let arguments =
        ["train", config.to_str().unwrap(), "-q", "--threads", "1", "--output", run.to_str().unwrap()];
    let output = ended(&arguments);
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    assert!(String::from_utf8(output.stdout).unwrap().starts_with("trained for 8 steps"));
    // The folder is occupied, which is an error, not a note.
    let again = ended(&arguments);
    assert_eq!(again.status.code(), Some(3));
    assert!(String::from_utf8(again.stderr).unwrap().starts_with("error: "));
}
