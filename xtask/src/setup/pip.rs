//! Downloads with the user's own pip, so that their index, proxy and certificates are respected.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::Result;
use walkdir::WalkDir;

use super::error::SetupError;
use super::progress;
use super::source::Environment;
use super::wheels::{Platform, Wheel};

/// The ways to run pip, tried in this order.
const PIPS: [&[&str]; 5] =
    [&["python3", "-m", "pip"], &["python", "-m", "pip"], &["py", "-m", "pip"], &["pip3"], &["pip"]];

/// Messages of pip when the disk is full.
const DISK_FULL: [&str; 4] =
    ["No space left on device", "Errno 28", "not enough space on the disk", "Disk quota exceeded"];
/// Messages of pip when the connection broke. Old versions only notice that the file is not a valid wheel.
#[rustfmt::skip]
const CUT_OFF: [&str; 7] = [
    "IncompleteRead", "Connection broken", "incomplete-download", "ReadTimeoutError", "Read timed out",
    ".whl is invalid", "ConnectionResetError",
];
/// Messages of pip when there was no connection. Without retries it reports only that it found no versions.
#[rustfmt::skip]
const UNREACHABLE: [&str; 7] = [
    "NewConnectionError", "NameResolutionError", "ConnectTimeoutError", "Connection aborted", "ProxyError",
    "SSLError", "(from versions: none)",
];

/// Downloads the platform's wheels into `folder`. pip's temporary files stay inside `work`, on the same disk,
/// and are removed with it.
pub(crate) fn download(
    environment: &Environment,
    platform: &Platform,
    work: &Path,
    folder: &Path,
) -> Result<()> {
    let pip = PIPS.into_iter().find(|pip| answers(environment, pip)).ok_or(SetupError::NoPip)?;
    let needed = platform.download() + platform.unpacked;
    let disk = |path: &Path| {
        let path = path.to_owned();
        move |error| SetupError::file(&error, &path, needed)
    };
    let (temporary, log) = (work.join("tmp"), work.join("pip.log"));
    fs::create_dir_all(&temporary).map_err(disk(&temporary))?;
    let output = File::create(&log).map_err(disk(&log))?;
    let errors = output.try_clone().map_err(disk(&log))?;
    let mut command = command(environment, pip);
    command.args(arguments(platform)).arg("--dest").arg(folder);
    for name in ["TMPDIR", "TEMP", "TMP"] {
        command.env(name, &temporary);
    }
    let mut child = command.stdin(Stdio::null()).stdout(output).stderr(errors).spawn()?;

    let bar = progress::bytes(
        &format!("Fetching libtorch ({} MB)", platform.download() / 1_000_000),
        platform.download(),
    );
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        bar.set_position(size(work));
        thread::sleep(Duration::from_millis(50));
    };
    bar.finish_and_clear();
    if status.success() {
        return Ok(());
    }
    let log = fs::read_to_string(&log).unwrap_or_default();
    Err(diagnose(&log, status.code(), work.parent().unwrap_or(work), needed, platform).into())
}

/// The arguments of pip. Wheels differ by Python version, so one version is fixed to match the pinned hashes.
fn arguments(platform: &Platform) -> Vec<&'static str> {
    let mut arguments = vec!["download", "--no-deps", "--only-binary=:all:", "--no-cache-dir", "--no-input"];
    arguments.extend(["--implementation", "cp", "--python-version", "311", "--abi", "cp311"]);
    arguments.extend(platform.tags.iter().flat_map(|tag| ["--platform", tag]));
    arguments.extend(platform.wheels.iter().map(|wheel| wheel.requirement));
    arguments
}

/// The error behind a failed download, from pip's output and exit code.
fn diagnose(log: &str, code: Option<i32>, folder: &Path, needed: u64, platform: &Platform) -> SetupError {
    let says = |signs: &[&str]| signs.iter().any(|sign| log.contains(sign));
    if says(&DISK_FULL) {
        return SetupError::DiskFull { folder: folder.to_owned(), needed };
    }
    if code.is_none() {
        return SetupError::Stopped;
    }
    if says(&CUT_OFF) {
        return SetupError::CutOff;
    }
    // Checked before "no matching distribution", which pip also prints in this case.
    if says(&UNREACHABLE) {
        return SetupError::Unreachable;
    }
    if log.contains("DO NOT MATCH THE HASHES") {
        return SetupError::Pip { last: "the files do not match the hashes of the index".into() };
    }
    let absent =
        |wheel: &&Wheel| log.contains(&format!("No matching distribution found for {}", wheel.requirement));
    if let Some(wheel) = platform.wheels.iter().find(absent) {
        return SetupError::NoWheel { file: wheel.file.into() };
    }
    let lines = || log.lines().map(str::trim).filter(|line| !line.is_empty());
    let last = lines().rfind(|line| line.starts_with("ERROR:")).or_else(|| lines().next_back());
    let last = last.map(|line| line.trim_start_matches("ERROR:").trim().trim_end_matches('.'));
    SetupError::Pip { last: last.unwrap_or("nothing").to_owned() }
}

fn answers(environment: &Environment, pip: &[&str]) -> bool {
    let mut command = command(environment, pip);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().as_ref().is_ok_and(ExitStatus::success)
}

fn command(environment: &Environment, words: &[&str]) -> Command {
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).env_clear().envs(&environment.0);
    command
}

fn size(folder: &Path) -> u64 {
    let files = WalkDir::new(folder).into_iter().flatten().filter(|entry| entry.file_type().is_file());
    files.filter_map(|file| file.metadata().ok()).map(|data| data.len()).sum()
}
