//! Killed at any instant and resumed, a run ends with the bytes of one that never was.

use std::path::Path;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use graph::Noise;

use crate::{ended, factory, place, printed};

/// Many steps and many checkpoints.
const TRAIN: &str =
    "{ epochs: 60, batch_size: 8, checkpoint_steps: 1, ema: 0.9, patience: 50, keep_checkpoints: 2 }";

fn result(folder: &Path) -> [Vec<u8>; 2] {
    ["model.safetensors", "metrics.jsonl"].map(|name| std::fs::read(folder.join(name)).unwrap())
}

#[test]
fn at_random_moments() {
    let (folder, config) = place(TRAIN);
    let [whole, killed] = ["whole", "killed"].map(|name| folder.path().join(name));
    let arguments = |output: &Path| {
        let words = ["train", config.to_str().unwrap(), "--seed", "3", "--threads", "1", "--output"];
        words.into_iter().chain([output.to_str().unwrap()]).map(str::to_owned).collect::<Vec<_>>()
    };
    let words = arguments(&whole);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let start = Instant::now();
    printed(&words);
    let long = start.elapsed();

    let mut words = arguments(&killed);
    words.push("--resume".to_owned());
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (noise, mut kills) = (Noise::of("moments"), 0);
    for i in 0..10 {
        let mut child = factory(&words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // Each goes on from where the last was killed; the run must not end before the last.
        sleep(long.mul_f64(0.25 * noise.uniform(i)).max(Duration::from_millis(1)));
        kills += usize::from(child.try_wait().unwrap().is_none());
        // On Unix this is SIGKILL, which no process can put off.
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert!(kills > 1, "only {kills} of 10 runs were still going when they were killed");
    printed(&words);
    assert!(result(&killed) == result(&whole));
    let left: Vec<_> =
        std::fs::read_dir(killed.join("checkpoints")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| name.to_str().unwrap().ends_with(".safetensors")), "{left:?}");
}

/// An interrupt ends the step, saves, and says how to go on.
#[test]
#[cfg(unix)]
fn interrupted() {
    let (folder, config) = place("{ epochs: 100000, batch_size: 8 }");
    let run = folder.path().join("run");
    let words = ["train", config.to_str().unwrap(), "--threads", "1", "--output", run.to_str().unwrap()];
    let mut command = factory(&words);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let begun = || std::fs::read_dir(run.join("checkpoints")).is_ok_and(|mut files| files.next().is_some());
    let start = Instant::now();
    while !begun() {
        assert!(start.elapsed() < Duration::from_secs(60), "no checkpoint yet");
        sleep(Duration::from_millis(5));
    }
    let kill = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    let step = said
        .strip_prefix("stopped after step ")
        .and_then(|rest| rest.split_once("; continue with\n  factory train "));
    let (step, command) = step.unwrap_or_else(|| panic!("{said}"));
    let checkpoint = run.join(format!("checkpoints/{:010}.safetensors", step.parse::<u64>().unwrap()));
    assert!(checkpoint.is_file(), "{said}");
    assert!(command.trim_end().ends_with("--resume"), "{said}");
    // What it says can be typed: a run that is there is not begun anew by mistake.
    let again = ended(&words);
    assert_eq!(again.status.code(), Some(2));
    let said = String::from_utf8(again.stderr).unwrap();
    assert!(
        said.contains("the folder holds a run; continue it with --resume, or use another folder"),
        "{said}"
    );
}
