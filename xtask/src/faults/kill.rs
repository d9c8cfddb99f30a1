//! SIGKILL at random moments, again and again.

use anyhow::Result;
use rustix::process::Signal;

use super::case::{Case, Verdict};
use super::ended::End;
use super::folder;
use super::reference::is_temporary;

/// Maximum number of kills of one run.
const KILLS: usize = 5;

/// Kills at random moments, then lets the run finish.
pub(crate) fn at_random(case: &mut Case<'_>) -> Result<Verdict> {
    for number in 0..case.random.usize(1..=KILLS) {
        let mut process = case.train(number > 0)?;
        case.let_run(&mut process)?;
        process.signal(Signal::KILL)?;
        let end = case.wait_for_killed(process)?.end()?;
        case.note(format!("SIGKILL: {end:?}"));
        if end == End::Finished {
            break;
        }
    }
    case.resume_and_compare()?;
    // Resuming a finished run must not change it.
    if case.random.bool() { case.resume_and_compare() } else { Ok(Verdict::Equal) }
}

/// Kills while a temporary file exists, so that it is left over.
pub(crate) fn while_writing(case: &mut Case<'_>) -> Result<Verdict> {
    let run = case.run();
    for number in 0..case.random.usize(1..=KILLS) {
        let pause = case.moment(0.5);
        let mut process = case.train(number > 0)?;
        process.sleep(pause)?;
        let is_writing = || folder::walk(&run).is_ok_and(|files| files.iter().any(|path| is_left(path)));
        process.wait_until(is_writing)?;
        process.signal(Signal::KILL)?;
        let end = case.wait_for_killed(process)?.end()?;
        case.note(format!("SIGKILL while a file is written: {end:?}"));
        if end == End::Finished {
            break;
        }
    }
    case.resume_and_compare()
}

fn is_left(path: &std::path::Path) -> bool {
    is_temporary(&path.file_name().unwrap_or_default().to_string_lossy())
}
