//! Two or three runs in one folder at the same time.

use std::time::Duration;

use anyhow::{Result, bail, ensure};
use rustix::process::Signal;

use super::case::{Case, Verdict, checkpoints};
use super::ended::End;
use super::process::Process;
use super::reference::RESULTS;

/// Starts two or three runs at almost the same time: one must train, and the others must be refused.
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
            end => bail!("expected a finished or a refused run, found {end:?}"),
        }
    }
    // With `--resume`, a late process may find the run finished, and leave it unchanged.
    let is_alone = finished == 1 || (resume && finished > 1);
    ensure!(is_alone, "expected one of the runs to finish, found {finished}");
    case.reference.compare(&case.run())?;
    Ok(Verdict::Equal)
}

/// Suspends a run, as a debugger does: while it holds the lock, another run must be refused.
pub(crate) fn while_stopped(case: &mut Case<'_>) -> Result<Verdict> {
    let Some(mut owner) = stopped(case)? else { return Ok(Verdict::Equal) };
    let resume = case.random.bool();
    start_beside(case, resume)?;
    owner.signal(Signal::CONT)?;
    owner.wait()?.finished()?;
    case.reference.compare(&case.run())?;
    Ok(Verdict::Equal)
}

/// The lock must be released when the run is killed.
pub(crate) fn after_a_killed_owner(case: &mut Case<'_>) -> Result<Verdict> {
    let Some(mut owner) = stopped(case)? else { return Ok(Verdict::Equal) };
    start_beside(case, true)?;
    owner.signal(Signal::KILL)?;
    case.wait_for_killed(owner)?;
    case.resume_and_compare()
}

/// Starts a run beside the suspended one, which must be refused. If the suspended one has written its model, it holds
/// the lock no longer, and a resumed run may only write the report again.
fn start_beside(case: &mut Case<'_>, resume: bool) -> Result<()> {
    let is_trained = case.run().join(RESULTS[0]).exists();
    match case.train(resume)?.wait()?.end()? {
        End::Refused(message) => case.note(format!("refused: {message}")),
        End::Finished if resume && is_trained => case.note("the suspended run had finished its training"),
        end => bail!("expected a refusal, found {end:?}"),
    }
    Ok(())
}

/// Starts a run and suspends it after its first checkpoint. Returns `None` if it ended before.
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
