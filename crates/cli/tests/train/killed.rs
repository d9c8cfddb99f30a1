//! A run that is killed at any moment and then resumed ends with the same bytes as an undisturbed run.

use std::path::Path;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use graph::Noise;

use crate::{factory, place, printed};

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
        // Each process continues where the last one was killed; the run must not end before the last kill.
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
    let is_expected = |name: &str| name.ends_with(".safetensors") || name == "lock";
    assert!(left.iter().all(|name| is_expected(name.to_str().unwrap())), "{left:?}");
}
