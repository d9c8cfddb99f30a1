//! SIGTERM, SIGINT and SIGHUP: once, twice, and ignored by the parent.

use std::fs;
use std::time::Duration;

use anyhow::{Result, ensure};
use rustix::process::Signal;

use super::case::{Case, Verdict, checkpoints};
use super::ended::End;
use super::process::{Disposition, Process, disposition};
use super::reference::RESULTS;

const SIGNALS: [(&str, Signal); 3] = [("TERM", Signal::TERM), ("INT", Signal::INT), ("HUP", Signal::HUP)];

/// Interrupts at random moments: the exit code must be 130, the best model so far must exist, and the resumed run must
/// end like an undisturbed one.
pub(crate) fn once(case: &mut Case<'_>) -> Result<Verdict> {
    for number in 0..case.random.usize(1..=3) {
        let (name, signal) = SIGNALS[case.random.usize(..3)];
        let mut process = case.train(number > 0)?;
        case.let_run(&mut process)?;
        let end = interrupt(case, process, name, signal, None)?;
        if end == End::Interrupted {
            check_interrupted(case)?;
        }
        if end == End::Finished {
            break;
        }
    }
    case.resume_and_compare()
}

/// Interrupts twice within 10 ms: the second signal must end the process at once, without damage.
pub(crate) fn twice(case: &mut Case<'_>) -> Result<Verdict> {
    let (name, signal) = SIGNALS[case.random.usize(..3)];
    let between = Duration::from_micros(case.random.u64(..10_000));
    let mut process = case.train(false)?;
    case.let_run(&mut process)?;
    interrupt(case, process, name, signal, Some(between))?;
    case.resume_and_compare()
}

/// Signals that the parent process ignores must stay ignored.
pub(crate) fn ignored(case: &mut Case<'_>) -> Result<Verdict> {
    let (name, signal) = SIGNALS[case.random.usize(..3)];
    let mut process = case.train_by(&format!("trap '' {name}"), false, [None, None])?;
    // Waits until the shell has started to ignore the signal.
    let pid = process.pid();
    process.wait_until(|| disposition(pid, Disposition::Ignored, signal).unwrap_or(true))?;
    for _ in 0..case.random.usize(1..=4) {
        case.let_run(&mut process)?;
        process.signal(signal)?;
        case.note(format!("SIG{name}"));
    }
    process.wait()?.finished()?;
    case.reference.compare(&case.run())?;
    Ok(Verdict::Equal)
}

/// Sends a signal once or twice and checks how the process ends.
fn interrupt(
    case: &mut Case<'_>,
    mut process: Process,
    name: &str,
    signal: Signal,
    again: Option<Duration>,
) -> Result<End> {
    // Before training starts and while the report is written, signals have their default effect.
    let is_training =
        case.has_one_command() && fs::metadata(case.run().join(RESULTS[1])).is_ok_and(|file| file.len() > 0);
    let handles = disposition(process.pid(), Disposition::Handled, signal).unwrap_or(false);
    process.signal(signal)?;
    if let Some(between) = again {
        std::thread::sleep(between);
        process.signal(signal)?;
    }
    let ended = process.wait()?;
    let end = ended.end()?;
    let times = if again.is_some() { " twice" } else { "" };
    case.note(format!("SIG{name}{times}, handled: {handles}: {end:?}"));
    let is_stopped = String::from_utf8_lossy(&ended.stdout).contains("--resume");
    ensure!(end != End::Finished || !is_stopped, "expected exit code 130 of an interrupted run, found 0");
    let is_usual = !handles && !is_training && end == End::Signal(signal.as_raw());
    ensure!(
        is_usual || end == End::Interrupted || end == End::Finished,
        "expected exit code 130 after SIG{name}{times}, found {end:?}"
    );
    Ok(end)
}

/// Checks that an interrupted run has a checkpoint and a model that other commands accept.
fn check_interrupted(case: &mut Case<'_>) -> Result<()> {
    let run = case.run();
    ensure!(!checkpoints(&run)?.is_empty(), "expected a checkpoint of the interrupted run, found none");
    let model = "run/model.safetensors";
    ensure!(case.folder.join(model).is_file(), "expected a model of the interrupted run, found none");
    if case.random.bool() {
        case.succeed(&["summary", model])
    } else {
        case.succeed(&["predict", model, case.reference.scenario.input()])
    }
}
