//! The run that all ranks have in common.

use crate::checkpoint::{Checkpoint, Saved};
use crate::communicator::{agree, broadcast};
use crate::identity::Identity;
use crate::run::listed;
use crate::{Callback, Communicator, TrainError};

/// Refuses ranks with another run or another version than rank 0.
pub(crate) fn compare_ranks(ranks: &dyn Communicator, identity: &Identity) -> Result<(), TrainError> {
    let version = torch::libtorch_version().unwrap_or_default();
    let version = format!("{} (libtorch {version})", env!("CARGO_PKG_VERSION"));
    let own = serde_json::to_vec(&(&version, identity)).expect("an identity is plain data");
    let gathered = ranks.gather(&own);
    let differs = || match serde_json::from_slice::<(String, Identity)>(&gathered[0]) {
        Ok((first, _)) if first != version => format!("version: rank 0 has {first}, this rank {version}"),
        Ok((_, first)) => listed(&first.all_differences(identity)),
        Err(error) => error.to_string(),
    };
    let result = if gathered[0] == own { Ok(()) } else { Err(TrainError::Ranks(differs())) };
    agree(ranks, result)
}

/// Notes that a run is continued on another number of ranks.
pub(crate) fn note_ranks(before: Option<&Checkpoint>, now: usize, callback: &mut dyn Callback) {
    if let Some(before) = before
        && before.ranks != now
    {
        let (now, before) = (counted(now), before.ranks);
        callback.note(&format!("{now}, {before} before: the result will differ"));
    }
}

fn counted(ranks: usize) -> String {
    if ranks == 1 { "1 rank".to_owned() } else { format!("{ranks} ranks") }
}

/// Returns the checkpoint of rank 0 on every rank, unless rank 0 failed to read it.
pub(crate) fn share_saved(
    ranks: &dyn Communicator,
    saved: Result<Option<Saved>, TrainError>,
) -> Result<Option<Saved>, TrainError> {
    if ranks.size() == 1 {
        return saved;
    }
    let bytes = saved.map(|saved| saved.as_ref().map_or(Vec::new(), Saved::to_bytes));
    let bytes = broadcast(ranks, bytes)?;
    if bytes.is_empty() { Ok(None) } else { Saved::from_bytes(&bytes).map(Some) }
}
