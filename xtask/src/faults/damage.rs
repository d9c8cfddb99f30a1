//! Files that are damaged or deleted between a kill and the resume.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::case::{Case, Verdict, checkpoints};
use super::ended::End;
use super::folder;
use super::reference::{JOURNAL, RESULTS, RUN};
use super::scenario::CONFIG;

/// The log for TensorBoard. It contains times and is not compared.
const EVENTS: &str = "events.out.tfevents.run";

/// Damages the newest checkpoint: the one before it must be used.
pub(crate) fn newest_checkpoint(case: &mut Case<'_>) -> Result<Verdict> {
    case.kill_after_checkpoints(2)?;
    let files = checkpoints(&case.run())?;
    spoil(case, files.last().context("no checkpoint")?)?;
    resume(case, files.len() == 1)
}

/// Damages the oldest checkpoint, which often is the best one.
pub(crate) fn oldest_checkpoint(case: &mut Case<'_>) -> Result<Verdict> {
    case.kill_after_checkpoints(2)?;
    let files = checkpoints(&case.run())?;
    spoil(case, files.first().context("no checkpoint")?)?;
    resume(case, files.len() == 1)
}

/// Damages all checkpoints.
pub(crate) fn all_checkpoints(case: &mut Case<'_>) -> Result<Verdict> {
    case.kill_after_checkpoints(1)?;
    for file in checkpoints(&case.run())? {
        spoil(case, &file)?;
    }
    resume(case, true)
}

/// Damages one of the files that a finished run writes, which must be written again. Or deletes the folder of the
/// checkpoints: training must start over, unless there is a model.
pub(crate) fn results(case: &mut Case<'_>) -> Result<Verdict> {
    if case.random.bool() {
        case.train(false)?.wait()?.finished()?;
    } else {
        case.kill_after_checkpoints(1)?;
    }
    match case.random.usize(..4) {
        0 => {
            fs::remove_dir_all(case.run().join("checkpoints"))?;
            case.note("checkpoints: deleted");
            if case.run().join(RESULTS[0]).is_file() {
                // There is nothing to continue, and the trained model must not be overwritten.
                let before = folder::content(&case.run())?;
                case.train(true)?.wait()?.refused()?;
                folder::check_kept(&before, &folder::content(&case.run())?)?;
                return Ok(Verdict::Refused);
            }
        }
        1 => {
            let config = case.run().join(CONFIG);
            spoil(case, &config)?;
        }
        2 => {
            let model = case.run().join(RESULTS[0]);
            spoil(case, &model)?;
        }
        _ => {
            let page = case.run().join(RESULTS[2]);
            spoil(case, &page)?;
        }
    }
    case.resume_and_compare()
}

/// Damages the journal or the log for TensorBoard.
pub(crate) fn log(case: &mut Case<'_>) -> Result<Verdict> {
    case.kill_after_checkpoints(1)?;
    let name = if case.random.bool() { JOURNAL } else { EVENTS };
    let path = case.run().join(name);
    spoil(case, &path)?;
    let spoiled = fs::read(&path).unwrap_or_default();
    let ended = case.train(true)?.wait()?;
    ended.finished()?;
    let may_differ = if name == JOURNAL { spoiled } else { Vec::new() };
    case.reference.compare_but_for_records(&case.run(), &ended.messages(), &may_differ)
}

/// Resumes after damage: the result must be the same, or a message must report what was lost.
fn resume(case: &mut Case<'_>, may_refuse: bool) -> Result<Verdict> {
    let ended = case.train(true)?.wait()?;
    let end = ended.end()?;
    if let End::Refused(message) = &end {
        ensure!(may_refuse, "expected the run to be resumed, found a refusal: {message}");
        ensure!(message.contains("checkpoint"), "expected a message about the checkpoint, found {message}");
        return Ok(Verdict::Refused);
    }
    ended.finished()?;
    let run = case.run();
    if case.reference.compare(&run).is_ok() {
        return Ok(Verdict::Equal);
    }
    // If the best checkpoint is damaged, the run ends with the best intact one and reports this.
    let journal = fs::read(run.join(JOURNAL))?;
    ensure!(journal == case.reference.journal().concat(), "expected an equal {JOURNAL}, found another");
    ensure!(ended.messages().contains("checkpoint"), "expected a note about the lost checkpoint, found none");
    case.reference.check_tidy(&run)?;
    case.succeed(&["summary", &format!("{RUN}/{}", RESULTS[0])])?;
    Ok(Verdict::Noted)
}

/// Flips a bit of a file, or truncates, empties, extends or deletes the file.
fn spoil(case: &mut Case<'_>, path: &Path) -> Result<()> {
    let mut bytes = fs::read(path).unwrap_or_default();
    let random = &mut case.random;
    let what = match random.usize(..6) {
        0 => {
            let _ = fs::remove_file(path);
            "deleted".to_owned()
        }
        1 if !bytes.is_empty() => {
            bytes.truncate(random.usize(..bytes.len()));
            fs::write(path, &bytes)?;
            format!("cut to {} bytes", bytes.len())
        }
        2 => {
            bytes.extend((0..random.usize(1..100)).map(|_| random.u8(..)));
            fs::write(path, &bytes)?;
            "lengthened".to_owned()
        }
        _ => flip(path, &mut bytes, random)?,
    };
    let name = path.strip_prefix(&case.folder).unwrap_or(path).display().to_string();
    case.note(format!("{name}: {what}"));
    Ok(())
}

fn flip(path: &Path, bytes: &mut [u8], random: &mut fastrand::Rng) -> Result<String> {
    if bytes.is_empty() {
        return Ok("unchanged, already empty".to_owned());
    }
    let (place, bit) = (random.usize(..bytes.len()), random.u8(..8));
    bytes[place] ^= 1 << bit;
    fs::write(path, bytes)?;
    Ok(format!("bit {bit} of byte {place} flipped"))
}
