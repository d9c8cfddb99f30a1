//! Damaged journals and event logs: read, truncated and continued.

use std::path::Path;

use anyhow::Result;
use report::{Events, Journal};

use super::recordings::Scratch;
use super::{Kind, base};
use crate::mutate;
use crate::outcome::Outcome;
use crate::random::Random;

struct Logs {
    scratch: Scratch,
    bases: Vec<Vec<u8>>,
}

pub(crate) fn new(scratch: &Path) -> Result<Box<dyn Kind>> {
    let folder = scratch.join("base");
    std::fs::create_dir_all(&folder)?;
    let mut journal = Journal::create(&folder)?;
    let mut events = Events::create(&folder)?;
    for step in 1..12u64 {
        let loss = 1.0 / step as f64;
        journal.write(step * 10, [("train/loss", loss), ("accuracy", f64::NAN)])?;
        events.write(step * 10, 1.75e9 + loss, [("train/loss", loss), ("lr", 1e-3)])?;
    }
    journal.sync()?;
    events.sync()?;
    let bases = vec![
        std::fs::read(Journal::path(&folder))?,
        std::fs::read(Events::path(&folder))?,
        br#"{"step":3,"loss":null}"#.to_vec(),
        Vec::new(),
    ];
    Ok(Box::new(Logs { scratch: Scratch::new(scratch), bases }))
}

impl Kind for Logs {
    fn bases(&self) -> &[Vec<u8>] {
        &self.bases
    }

    fn mutate(&self, random: &mut Random) -> Vec<u8> {
        let start = base(random, &self.bases);
        if start.starts_with(b"{") && !random.one_in(3) {
            return mutate::text(random, start, &self.bases);
        }
        mutate::binary(random, start, &self.bases)
    }

    fn run(&self, input: &[u8]) -> Outcome {
        let mut outcome = Outcome::new();
        let folder = self.scratch.folder();
        for keep in [0, 55, u64::MAX] {
            if std::fs::write(Journal::path(folder), input).is_err() {
                continue;
            }
            outcome.result(Journal::entries(folder));
            if let Some(mut journal) = outcome.part(Journal::open(folder, keep)) {
                outcome.messages.extend(journal.damage().map(ToString::to_string));
                let kept = journal.records();
                outcome.part(journal.write(keep, [("loss", 0.5)]));
                outcome.part(journal.sync());
                let entries = Journal::entries(folder);
                let count = entries.as_ref().map(Vec::len).unwrap_or_default();
                outcome.require(count == kept + 1, "a journal that was opened can be continued and read");
                let is_kept = entries.is_ok_and(|entries| entries.iter().all(|entry| entry.step <= keep));
                outcome.require(is_kept, "a journal that was opened has no later step");
            }
        }
        for keep in [0, 55] {
            if std::fs::write(Events::path(folder), input).is_err() {
                continue;
            }
            outcome.result(Events::scalars(folder));
            if let Some(mut events) = outcome.part(Events::open(folder, keep)) {
                outcome.messages.extend(events.damage().map(ToString::to_string));
                outcome.part(events.write(keep, 1.75e9, [("loss", 0.5)]));
                outcome.part(events.sync());
                let scalars = Events::scalars(folder);
                outcome.require(
                    scalars.is_ok_and(|scalars| !scalars.is_empty()),
                    "an event log that was opened can be read",
                );
            }
        }
        outcome
    }
}
