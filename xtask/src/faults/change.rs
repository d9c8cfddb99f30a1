//! Data, configs and seeds that change between a kill and the resume.

mod edits;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use rustix::process::Signal;

use self::edits::{Change, HARMFUL, HARMLESS};
use super::case::{Case, Verdict, checkpoints};
use super::ended::End;
use super::folder;
use super::reference::{RESULTS, RUN, Reference, TRAIN, is_temporary};
use super::scenario::{CONFIG, DATA};

/// Changes something that affects the result: the resume must be refused with a message that names the change. After
/// the change is undone, the result must be the same.
pub(crate) fn harmful(case: &mut Case<'_>) -> Result<Verdict> {
    case.kill_after_checkpoints(1)?;
    let change = choose(case, HARMFUL);
    let mut run = folder::content(&case.run())?;
    // Temporary files of the killed process may be removed before the refusal.
    run.retain(|path, _| !is_temporary(&path.file_name().unwrap_or_default().to_string_lossy()));
    change.make(&case.folder)?;
    case.note(format!("changed: {}", change.name));
    let message = case.train(true)?.wait()?.refused()?;
    case.note(format!("refused: {message}"));
    check_named(&message, change.named)?;
    folder::check_kept(&run, &folder::content(&case.run())?)?;
    undo(case)?;
    case.resume_and_compare()?;
    Ok(Verdict::Refused)
}

/// Changes the seed, which is not part of the config.
pub(crate) fn seed(case: &mut Case<'_>) -> Result<Verdict> {
    case.kill_after_checkpoints(1)?;
    let mut words = TRAIN.to_vec();
    let place = words.iter().position(|word| *word == "7").context("no seed")?;
    words[place] = "8";
    words.push("--resume");
    let message = case.start("", &words, [None, None])?.wait()?.refused()?;
    case.note(format!("refused: {message}"));
    check_named(&message, &["seed"])?;
    case.resume_and_compare()?;
    Ok(Verdict::Refused)
}

/// Changes one of the initial weights.
pub(crate) fn initial_weights(case: &mut Case<'_>) -> Result<Verdict> {
    const WEIGHTS: &str = "begin.safetensors";
    let words = [&TRAIN[..], &["--weights", WEIGHTS]].concat();
    let mut begin = fs::read(case.reference.folder.join(RUN).join(RESULTS[0]))?;
    fs::write(case.folder.join(WEIGHTS), &begin)?;
    let mut process = case.start("", &words, [None, None])?;
    let run = case.run();
    process.wait_until(|| checkpoints(&run).is_ok_and(|found| !found.is_empty()))?;
    process.signal(Signal::KILL)?;
    case.wait_for_killed(process)?;
    // The lowest bit of the last weight, so that the weight stays finite.
    let place = begin.len() - 4;
    begin[place] ^= 1;
    fs::write(case.folder.join(WEIGHTS), &begin)?;
    case.note(format!("changed: one bit of {WEIGHTS}"));
    let resumed = [&words[..], &["--resume"]].concat();
    let message = case.start("", &resumed, [None, None])?.wait()?.refused()?;
    case.note(format!("refused: {message}"));
    check_named(&message, &["weights"])?;
    fs::copy(case.reference.folder.join(RUN).join(RESULTS[0]), case.folder.join(WEIGHTS))?;
    case.start("", &resumed, [None, None])?.wait()?.finished().context("resumed")?;
    let whole = beside(case, &[CONFIG, DATA, WEIGHTS])?;
    let expected = Reference::train_again(case.factory, case.reference.scenario, whole, &words)?;
    expected.compare(&case.run())?;
    Ok(Verdict::Refused)
}

/// Deletes, empties or truncates an image during training: the run must end with a message that names it, and once the
/// image is restored, the result must be the same.
pub(crate) fn while_training(case: &mut Case<'_>) -> Result<Verdict> {
    let mut process = case.train(false)?;
    case.let_run(&mut process)?;
    let files = folder::walk(&case.folder.join(DATA))?;
    let files: Vec<_> = files.into_iter().filter(|path| path.is_file()).collect();
    let file = &files[case.random.usize(..files.len())];
    let bytes = fs::read(file)?;
    let what = match case.random.usize(..3) {
        0 => fs::remove_file(file).map(|()| "deleted")?,
        1 => fs::write(file, "").map(|()| "emptied")?,
        _ => fs::write(file, &bytes[..bytes.len() / 2]).map(|()| "cut")?,
    };
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    case.note(format!("{}: {what}", file.display()));
    let end = process.wait()?.end()?;
    fs::write(file, &bytes)?;
    case.note(format!("{end:?}; restored"));
    if let End::Refused(message) = end {
        ensure!(message.contains(&*name), "expected the name of {name}, found {message}");
        case.resume_and_compare()?;
        return Ok(Verdict::Refused);
    }
    // An image that was deleted before the data was opened is not part of the run.
    if what == "deleted"
        && let End::Refused(message) = case.train(true)?.wait()?.end()?
    {
        ensure!(message.contains("different recordings"), "expected different recordings, found {message}");
        return Ok(Verdict::Refused);
    }
    case.resume_and_compare()
}

/// Changes something that does not affect the result: the run must continue, and end like an undisturbed run with the
/// new config.
pub(crate) fn harmless(case: &mut Case<'_>) -> Result<Verdict> {
    case.kill_after_checkpoints(1)?;
    let change = choose(case, HARMLESS);
    change.make(&case.folder)?;
    case.note(format!("changed: {}", change.name));
    let whole = beside(case, &[CONFIG, DATA, "moved"])?;
    case.train(true)?.wait()?.finished().context("resumed")?;
    let expected = Reference::train_again(case.factory, case.reference.scenario, whole, &TRAIN)?;
    expected.compare(&case.run())?;
    Ok(Verdict::Equal)
}

/// Copies those of the named files that exist into a folder for an undisturbed run.
fn beside(case: &Case<'_>, names: &[&str]) -> Result<PathBuf> {
    let whole = case.folder.join("whole");
    fs::create_dir_all(&whole)?;
    for name in names {
        let from = case.folder.join(name);
        if from.is_dir() {
            folder::copy(&from, &whole.join(name))?;
        } else if from.is_file() {
            fs::copy(from, whole.join(name))?;
        }
    }
    Ok(whole)
}

/// Picks one of the changes for the scenario.
fn choose(case: &mut Case<'_>, changes: &'static [Change]) -> &'static Change {
    let of_scenario: Vec<&Change> = changes
        .iter()
        .filter(|change| change.scenario.is_none_or(|own| own == case.reference.scenario))
        .collect();
    of_scenario[case.random.usize(..of_scenario.len())]
}

/// Restores the config and the data.
fn undo(case: &Case<'_>) -> Result<()> {
    fs::remove_dir_all(case.folder.join(DATA))?;
    folder::copy(&case.reference.folder.join(DATA), &case.folder.join(DATA))?;
    fs::copy(case.reference.folder.join(CONFIG), case.folder.join(CONFIG))?;
    Ok(())
}

fn check_named(message: &str, named: &[&str]) -> Result<()> {
    ensure!(message.contains(RUN), "expected the name of the run, found {message}");
    let is_named = named.iter().any(|word| message.contains(word));
    ensure!(is_named, "expected a message about {}, found {message}", named.join(" or "));
    Ok(())
}
