//! Agreement between ranks: if one of them fails, all return an error.

use super::Communicator;
use crate::TrainError;

/// First byte of the message of a rank that goes on; the message of one that failed begins with another byte.
pub(super) const GOES_ON: u8 = 0;
const FAILED: u8 = 1;

/// Returns the result of this rank, unless another rank failed. All ranks then return an error: the first rank that
/// failed its own, and the others [`TrainError::Rank`] with its message.
#[cfg(feature = "torch")]
pub(crate) fn agree<T>(
    communicator: &dyn Communicator,
    result: Result<T, TrainError>,
) -> Result<T, TrainError> {
    match result {
        Ok(value) => agree_with(communicator, Ok(Vec::new())).map(|_| value),
        Err(error) => Err(failed(communicator, error)),
    }
}

/// Returns the bytes of every rank, in the order of the ranks, unless one of them failed, as [`agree`].
pub(crate) fn agree_with(
    communicator: &dyn Communicator,
    bytes: Result<Vec<u8>, TrainError>,
) -> Result<Vec<Vec<u8>>, TrainError> {
    match bytes {
        Ok(bytes) => exchange(communicator, GOES_ON, &bytes),
        Err(error) => Err(failed(communicator, error)),
    }
}

/// Returns the bytes of rank 0 on every rank, unless rank 0 failed, as [`agree`]. The other ranks pass nothing.
#[cfg(feature = "torch")]
pub(crate) fn broadcast(
    communicator: &dyn Communicator,
    bytes: Result<Vec<u8>, TrainError>,
) -> Result<Vec<u8>, TrainError> {
    Ok(agree_with(communicator, bytes)?.swap_remove(0))
}

/// An error that every rank has: rank 0 reports it, and the others return [`TrainError::Rank`].
pub(crate) fn common(communicator: &dyn Communicator, error: TrainError) -> TrainError {
    if communicator.rank() == 0 { error } else { TrainError::Rank { rank: 0, message: error.to_string() } }
}

/// Tells the other ranks about an error. Returns the error that this rank reports.
fn failed(communicator: &dyn Communicator, error: TrainError) -> TrainError {
    match exchange(communicator, FAILED, error.to_string().as_bytes()) {
        Err(TrainError::Rank { rank, .. }) if rank == communicator.rank() => error,
        Err(earlier) => earlier,
        Ok(_) => error,
    }
}

/// Returns the bytes of every rank, or the message of the first rank that failed.
fn exchange(communicator: &dyn Communicator, kind: u8, bytes: &[u8]) -> Result<Vec<Vec<u8>>, TrainError> {
    let mut received = communicator.gather(&[&[kind], bytes].concat());
    for (rank, bytes) in received.iter_mut().enumerate() {
        if bytes.remove(0) != GOES_ON {
            let message = String::from_utf8_lossy(bytes).into_owned();
            return Err(TrainError::Rank { rank, message });
        }
    }
    Ok(received)
}
