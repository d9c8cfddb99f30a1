//! Runs the cases of one kind in this process, one after the other.

use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::case::{self, Measured};
use crate::cli::Child;
use crate::findings::Finding;
use crate::kinds::{self, Kind};
use crate::random::{Random, case_seed};
use crate::reduce::{Budget, reduce};
use crate::state::{State, Writer};
use crate::trouble::{Trouble, What};

/// Name of the file with the known troubles, a JSON list.
pub(crate) const KNOWN: &str = "known";

/// Runs the cases and prints each finding as a line of JSON: once before it is reduced, once after.
pub(crate) fn run(arguments: &Child) -> Result<()> {
    case::note_panics();
    arguments.limits.bound_process().context("cannot limit the process")?;
    let kind = (kinds::find(&arguments.kind)?.new)(&arguments.scratch)?;
    if let Some(input) = &arguments.input {
        let input = std::fs::read(input)?;
        case::run(kind.as_ref(), &input, &arguments.limits);
        return Ok(());
    }
    let mut known: Vec<Trouble> = match std::fs::read(arguments.scratch.join(KNOWN)) {
        Ok(bytes) => serde_json::from_slice(&bytes)?,
        Err(_) => Vec::new(),
    };
    let writer = Writer::new(&arguments.scratch)?;
    let start = Instant::now();
    // The time for reductions does not count, so that a finding does not end the search for others.
    let mut reducing = Duration::ZERO;
    let time = Duration::from_millis(arguments.milliseconds);
    let mut state = State { index: arguments.from, ..State::default() };
    while state.index < arguments.to && start.elapsed().saturating_sub(reducing) < time {
        writer.write(state)?;
        let case = number(kind.as_ref(), arguments, state.index);
        let input = input(kind.as_ref(), case);
        let Measured { outcome, troubles, .. } = case::run(kind.as_ref(), &input, &arguments.limits);
        for trouble in troubles {
            if is_known(&known, &trouble) {
                continue;
            }
            known.push(trouble.clone());
            writer.write(State { reducing: 1, ..state })?;
            let begun = Instant::now();
            report(kind.as_ref(), arguments, case, &input, &trouble)?;
            reducing += begun.elapsed();
        }
        if outcome.accepted {
            state.accepted += 1;
        } else {
            state.refused += 1;
        }
        state.index += 1;
    }
    writer.write(state)?;
    Ok(())
}

/// Maximum number of findings of one sort of unreadable message. Their quotations make many with the same cause look
/// different.
const MOST_MESSAGES: usize = 5;

/// Whether a trouble is already known.
fn is_known(known: &[Trouble], trouble: &Trouble) -> bool {
    if known.iter().any(|other| other.is_like(trouble)) {
        return true;
    }
    let sort = trouble.key.split(':').next();
    let alike =
        known.iter().filter(|other| other.what == trouble.what && other.key.split(':').next() == sort);
    trouble.what == What::Message && alike.count() >= MOST_MESSAGES
}

/// Returns the number of the case at a position in the run. The first cases are the unmodified initial inputs.
fn number(kind: &dyn Kind, arguments: &Child, index: u64) -> u64 {
    if index < kind.bases().len() as u64 { index } else { case_seed(arguments.seed, &arguments.kind, index) }
}

/// The input of a case.
pub(crate) fn input(kind: &dyn Kind, case: u64) -> Vec<u8> {
    match usize::try_from(case).ok().and_then(|index| kind.bases().get(index)) {
        Some(base) => base.clone(),
        None => kind.mutate(&mut Random::new(case)),
    }
}

/// Writes, reduces and prints a finding.
fn report(kind: &dyn Kind, arguments: &Child, case: u64, input: &[u8], trouble: &Trouble) -> Result<()> {
    let finding = Finding::new(&arguments.kind, case, trouble.clone(), input, &arguments.output)?;
    print(&finding)?;
    let attempts = match trouble.what {
        What::Hang => 12,
        What::Memory => 300,
        What::Panic | What::Abort | What::Message | What::Wrong => 4000,
    };
    let budget = Budget { attempts, time: Duration::from_secs(20) };
    let smallest = reduce(input, budget, |candidate| {
        let measured = case::run(kind, candidate, &arguments.limits);
        measured.troubles.iter().any(|other| other.is_like(trouble))
    });
    print(&finding.with_input(&smallest)?)
}

fn print(finding: &Finding) -> Result<()> {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{}", serde_json::to_string(finding)?)?;
    output.flush()?;
    Ok(())
}
