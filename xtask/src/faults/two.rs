//! Two or three trainings in one folder at once.

use std::time::Duration;

use anyhow::{Result, bail, ensure};
use rustix::process::Signal;

use super::case::{Case, Verdict, checkpoints};
use super::ended::End;
use super::process::Process;

/// Starts two or three at almost the same time: one trains, the others are refused.
pub(crate) fn racing(case: &mut Case<'_>) -> Result<Verdict> {
    let resume = case.random.bool();
    let mut processes = Vec::new();
    for _ in 0..case.random.usize(2..=3) {
        processes.push(case.train(resume)?);
        std::thread::sleep(Duration::from_millis(case.random.u64(..60)));
    }
    let mut finished = 0;
    for process in processes {
        match process.wait()?.end()? {
            End::Finished => finished += 1,
            End::Refused(message) => case.note(format!("refused: {message}")),
            end => bail!("expected a finished or a refused training, found {end:?}"),
        }
    }
    // With `--resume` one that is late may find the run finished, and leaves it so.
    let is_alone = finished == 1 || (resume && finished > 1);
    ensure!(is_alone, "expected one of the trainings to end, found {finished}");
    case.reference.compare(&case.run())?;
    Ok(Verdict::Equal)
}

/// Stops a training in the middle, as a debugger does; another one is refused while it holds the folder.
pub(crate) fn while_stopped(case: &mut Case<'_>) -> Result<Verdict> {
    let Some(mut owner) = stopped(case)? else { return Ok(Verdict::Equal) };
    let resume = case.random.bool();
    let message = case.train(resume)?.wait()?.refused()?;
    case.note(format!("refused: {message}"));
    owner.signal(Signal::CONT)?;
    owner.wait()?.finished()?;
    case.reference.compare(&case.run())?;
    Ok(Verdict::Equal)
}

/// The lock of a training dies with it.
pub(crate) fn after_a_killed_owner(case: &mut Case<'_>) -> Result<Verdict> {
    let Some(mut owner) = stopped(case)? else { return Ok(Verdict::Equal) };
    case.train(true)?.wait()?.refused()?;
    owner.signal(Signal::KILL)?;
    case.wait_for_killed(owner)?;
    case.resume_and_compare()
}

/// A training that is stopped after its first checkpoint; `None` if it ended before.
fn stopped(case: &mut Case<'_>) -> Result<Option<Process>> {
    let mut owner = case.train(false)?;
    let run = case.run();
    owner.wait_until(|| checkpoints(&run).is_ok_and(|found| !found.is_empty()))?;
    let pause = case.moment(0.2);
    owner.sleep(pause)?;
    let is_stopped = owner.signal(Signal::STOP)?;
    case.note(if is_stopped { "SIGSTOP" } else { "ended before it was stopped" });
    Ok(is_stopped.then_some(owner))
}
