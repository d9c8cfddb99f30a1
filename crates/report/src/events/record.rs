//! `TFRecord` framing: length, its checksum, payload, its checksum, all little-endian.
//!
//! Checksums are CRC-32C, rotated and shifted by a constant ("masked"), as in `TensorFlow`'s
//! `tensorflow/core/lib/hash/crc32c.h`.

use crc::{CRC_32_ISCSI, Crc};

const CRC_32C: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);
/// Bytes before the payload: its length and the length's checksum.
const HEAD: usize = 12;
/// Bytes after it: its checksum.
const TAIL: usize = 4;

/// One record of a log.
pub(super) struct Record<'a> {
    /// The whole record.
    pub(super) bytes: &'a [u8],
    /// The content.
    pub(super) payload: &'a [u8],
}

/// The bytes of a record with this payload.
pub(super) fn bytes(payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u64).to_le_bytes();
    [&length, &checksum(&length)[..], payload, &checksum(payload)].concat()
}

/// The record at `offset`; `None` at the end of the log, or if its last record is incomplete. A damaged record
/// that is not the last is an error.
pub(super) fn at(log: &[u8], offset: usize) -> Result<Option<Record<'_>>, &'static str> {
    let rest = &log[offset..];
    let Some((length, after)) = rest.split_first_chunk::<8>() else { return Ok(None) };
    let Some((sum, _)) = after.split_first_chunk::<4>() else { return Ok(None) };
    if *sum != checksum(length) {
        // A disk that lost power may leave zeros.
        if rest.iter().all(|&byte| byte == 0) {
            return Ok(None);
        }
        return Err("a length with a wrong checksum");
    }
    let length = usize::try_from(u64::from_le_bytes(*length)).unwrap_or(usize::MAX);
    let Some(bytes) = rest.get(..length.saturating_add(HEAD + TAIL)) else { return Ok(None) };
    let (payload, sum) = bytes[HEAD..].split_at(length);
    if sum == checksum(payload) {
        return Ok(Some(Record { bytes, payload }));
    }
    // A disk may have kept the length of the file and lost its last bytes.
    if bytes.len() == rest.len() {
        return Ok(None);
    }
    Err("a payload with a wrong checksum")
}

fn checksum(bytes: &[u8]) -> [u8; 4] {
    CRC_32C.checksum(bytes).rotate_right(15).wrapping_add(0xa282_ead8).to_le_bytes()
}
