//! Changed data, configs and seeds between a kill and its resume.

mod edits;

use std::fs;

use anyhow::{Context, Result, ensure};

use self::edits::{Change, HARMFUL, HARMLESS};
use super::case::{Case, Verdict};
use super::folder;
use super::reference::{RUN, Reference, TRAIN};
use super::scenario::{CONFIG, DATA};

/// Changes what the result depends on: refused in a sentence that names it; then undone, and the end is the same.
pub(crate) fn harmful(case: &mut Case<'_>) -> Result<Verdict> {
    case.kill_after_checkpoints(1)?;
    let change = choose(case, HARMFUL);
    let run = folder::content(&case.run())?;
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

/// Another seed, which is not in the config.
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

/// Changes what the result does not depend on: the run goes on and ends as an undisturbed one of the new config.
pub(crate) fn harmless(case: &mut Case<'_>) -> Result<Verdict> {
    case.kill_after_checkpoints(1)?;
    let change = choose(case, HARMLESS);
    change.make(&case.folder)?;
    case.note(format!("changed: {}", change.name));
    let whole = case.folder.join("whole");
    for name in [CONFIG, DATA, "moved"] {
        let from = case.folder.join(name);
        if from.is_dir() {
            folder::copy(&from, &whole.join(name))?;
        } else if from.is_file() {
            fs::create_dir_all(&whole)?;
            fs::copy(from, whole.join(name))?;
        }
    }
    case.train(true)?.wait()?.finished().context("resumed")?;
    let expected = Reference::train_again(case.factory, case.reference.scenario, whole, &TRAIN)?;
    expected.compare(&case.run())?;
    Ok(Verdict::Equal)
}

/// One of the changes that the scenario has.
fn choose(case: &mut Case<'_>, changes: &'static [Change]) -> &'static Change {
    let of_scenario: Vec<&Change> = changes
        .iter()
        .filter(|change| change.scenario.is_none_or(|own| own == case.reference.scenario))
        .collect();
    of_scenario[case.random.usize(..of_scenario.len())]
}

/// Brings config and data back.
fn undo(case: &Case<'_>) -> Result<()> {
    fs::remove_dir_all(case.folder.join(DATA))?;
    folder::copy(&case.reference.folder.join(DATA), &case.folder.join(DATA))?;
    fs::copy(case.reference.folder.join(CONFIG), case.folder.join(CONFIG))?;
    Ok(())
}

fn check_named(message: &str, named: &[&str]) -> Result<()> {
    ensure!(message.contains(RUN), "expected the name of the run, found {message}");
    let is_named = named.iter().any(|word| message.contains(word));
    ensure!(is_named, "expected a word of {}, found {message}", named.join(" or "));
    Ok(())
}
