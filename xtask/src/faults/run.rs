//! Runs the cases in parallel and counts their results.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use fastrand::Rng;

use super::case::{Case, Verdict};
use super::reference::Reference;
use super::scenario::{CONFIG, DATA, Scenario};
use super::table::Table;
use super::{change, damage, disk, files, folder, kill, occupied, output, signal, two};
use crate::cli::Faults;
use crate::setup::say;

type Kind = (&'static str, fn(&mut Case<'_>) -> Result<Verdict>);

/// The kinds of faults. Case `N` is of kind `N` modulo their number, so that as many consecutive cases cover each kind
/// once.
const KINDS: [Kind; 27] = [
    ("killed at random", kill::at_random),
    ("interrupted", signal::once),
    ("changed data or config", change::harmful),
    ("small disk", disk::small_disk),
    ("damaged newest checkpoint", damage::newest_checkpoint),
    ("two at once", two::racing),
    ("unwritable output", output::unwritable),
    ("interrupted twice", signal::twice),
    ("killed while writing", kill::while_writing),
    ("harmless change", change::harmless),
    ("damaged oldest checkpoint", damage::oldest_checkpoint),
    ("two, the first stopped", two::while_stopped),
    ("limited file size", disk::limited_files),
    ("damaged log", damage::log),
    ("folder of a run", occupied::by_a_run),
    ("foreign files", files::foreign),
    ("ignored signals", signal::ignored),
    ("lost terminal", output::gone_terminal),
    ("left-over files", files::left_over),
    ("changed seed", change::seed),
    ("folder of the config", occupied::by_the_config),
    ("foreign folder", occupied::by_others),
    ("all checkpoints damaged", damage::all_checkpoints),
    ("two, the first killed", two::after_a_killed_owner),
    ("damaged results", damage::results),
    ("changed initial weights", change::initial_weights),
    ("data lost while training", change::while_training),
];

/// Options for one case of each kind.
pub(crate) fn each_kind_once() -> Faults {
    Faults { count: KINDS.len() as u64, seed: 0, case: None, kind: None, seconds: None, jobs: None }
}

/// Runs the cases.
///
/// # Errors
/// If any case failed.
pub(crate) fn run(factory: &Path, options: &Faults) -> Result<()> {
    let place = tempfile::Builder::new().prefix("faults-").tempdir()?;
    let references = references(factory, place.path())?;
    if !disk::can_mount() {
        say("small disks are skipped: this user cannot mount file systems");
    }
    let cases = cases(options)?;
    let jobs = match options.jobs {
        Some(jobs) => jobs.max(1),
        None => thread::available_parallelism().map_or(1, usize::from),
    };
    let deadline = options.seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let (next, table) = (AtomicU64::new(0), Mutex::new(Table::default()));
    thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                while let Some(case) = following(&next, &cases, deadline) {
                    let (kind, _) = kind(case);
                    let verdict = attempt(factory, &references, place.path(), case);
                    if let Ok(mut table) = table.lock() {
                        table.add(kind, verdict);
                    }
                }
            });
        }
    });
    let table = table.into_inner().unwrap_or_default();
    say(&table.to_string());
    let (tried, failures) = (table.tried(), table.failures());
    if failures > 0 {
        let place = place.keep();
        bail!("{failures} of {tried} cases failed; their folders are in {}", place.display());
    }
    Ok(())
}

fn references(factory: &Path, place: &Path) -> Result<Vec<Reference>> {
    let mut references = Vec::new();
    for scenario in Scenario::ALL {
        let folder = place.join(scenario.name());
        std::fs::create_dir(&folder)?;
        let reference = Reference::train(factory, scenario, folder)?;
        let seconds = reference.duration.as_secs_f64();
        say(&format!("{} undisturbed: {seconds:.1} s", scenario.name()));
        references.push(reference);
    }
    Ok(references)
}

fn cases(options: &Faults) -> Result<Vec<u64>> {
    if let Some(case) = options.case {
        return Ok(vec![case]);
    }
    let words = options.kind.as_deref().unwrap_or_default();
    ensure!(KINDS.iter().any(|(name, _)| name.contains(words)), "expected a kind of fault, found `{words}`");
    let matching = (options.seed..).filter(|case| kind(*case).0.contains(words));
    Ok(matching.take(usize::try_from(options.count)?).collect())
}

fn kind(case: u64) -> Kind {
    KINDS[usize::try_from(case % KINDS.len() as u64).unwrap_or_default()]
}

fn following(next: &AtomicU64, cases: &[u64], deadline: Option<Instant>) -> Option<u64> {
    if deadline.is_some_and(|deadline| Instant::now() > deadline) {
        return None;
    }
    cases.get(usize::try_from(next.fetch_add(1, Ordering::Relaxed)).ok()?).copied()
}

/// Runs a case in a folder of its own, which is kept if it fails.
fn attempt(factory: &Path, references: &[Reference], place: &Path, number: u64) -> Option<Verdict> {
    let (kind, run) = kind(number);
    let mut random = Rng::with_seed(number);
    let reference = &references[random.usize(..references.len())];
    let folder = place.join(format!("case-{number}"));
    let mut case = Case::new(factory, reference, folder.clone(), random);
    let result = begin(&case).and_then(|()| run(&mut case));
    match result {
        Ok(verdict) => {
            let _ = std::fs::remove_dir_all(folder);
            Some(verdict)
        }
        Err(error) => {
            say(&failure(number, kind, &case, &error));
            None
        }
    }
}

/// Copies the config and the data.
fn begin(case: &Case<'_>) -> Result<()> {
    let from: PathBuf = case.reference.folder.clone();
    folder::copy(&from.join(DATA), &case.folder.join(DATA)).context("could not copy the data")?;
    std::fs::copy(from.join(CONFIG), case.folder.join(CONFIG))?;
    Ok(())
}

fn failure(number: u64, kind: &str, case: &Case<'_>, error: &anyhow::Error) -> String {
    let mut text = format!("case {number}, {kind}, {}: {error:#}\n", case.reference.scenario.name());
    for line in &case.log {
        text.push_str(&format!("    {line}\n"));
    }
    text.push_str(&format!("    folder: {}\n", case.folder.display()));
    text.push_str(&format!("    again: cargo xtask faults --case {number}\n"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_cases_as_kinds_have_each_kind_once() {
        let cases = cases(&each_kind_once()).unwrap();
        let mut names: Vec<&str> = cases.iter().map(|case| kind(*case).0).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), KINDS.len());
    }

    #[test]
    fn cases_of_one_kind() {
        let options = Faults { count: 3, kind: Some("ignored".to_owned()), ..each_kind_once() };
        assert!(cases(&options).unwrap().iter().all(|case| kind(*case).0 == "ignored signals"));
        let unknown = Faults { kind: Some("earthquake".to_owned()), ..each_kind_once() };
        assert_eq!(cases(&unknown).unwrap_err().to_string(), "expected a kind of fault, found `earthquake`");
    }
}
