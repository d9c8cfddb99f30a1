//! A rank that is killed at any moment ends the others, and the resumed run has the bytes of an undisturbed one.

use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use graph::Noise;

use crate::{mpirun, place, printed, result};

/// Many steps and many checkpoints.
const TRAIN: &str =
    "{ epochs: 60, batch_size: 8, checkpoint_steps: 1, ema: 0.9, patience: 50, keep_checkpoints: 2 }";
const KILLS: u64 = 20;

/// The processes that another one has started, in the order of their numbers.
fn children(parent: u32) -> Vec<u32> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(process) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let status = std::fs::read_to_string(entry.path().join("status")).unwrap_or_default();
        let is_child =
            |line: &str| line.strip_prefix("PPid:").is_some_and(|id| id.trim() == parent.to_string());
        if status.lines().any(is_child) {
            found.push(process);
        }
    }
    found.sort_unstable();
    found
}

fn words(config: &Path, output: &Path) -> Vec<String> {
    let words = ["train", config.to_str().unwrap(), "--seed", "3", "--threads", "1", "--resume", "--output"];
    words.into_iter().chain([output.to_str().unwrap()]).map(str::to_owned).collect()
}

#[test]
fn at_random_moments() {
    let (folder, config) = place(TRAIN);
    let [whole, killed] = ["whole", "killed"].map(|name| folder.path().join(name));
    let start = Instant::now();
    let arguments = words(&config, &whole);
    printed(2, &arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let mut longest = start.elapsed().mul_f64(0.3);

    let arguments = words(&config, &killed);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (noise, mut kills) = (Noise::of("moments of ranks"), 0);
    while kills < KILLS {
        let mut launcher = mpirun(2, &arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        sleep(longest.mul_f64(noise.uniform(2 * kills)).max(Duration::from_millis(100)));
        let ranks = children(launcher.id());
        if let Some(rank) = ranks.get(usize::from(noise.uniform(2 * kills + 1) > 0.5)) {
            Command::new("kill").args(["-KILL", &rank.to_string()]).status().unwrap();
        }
        if launcher.wait().unwrap().success() {
            // Each time, the run continues from its last checkpoint. This one has ended: another one begins.
            std::fs::remove_dir_all(&killed).unwrap();
            longest = longest.mul_f64(0.5);
        } else {
            kills += 1;
        }
    }
    printed(2, &arguments);
    assert!(result(&killed) == result(&whole));
}
