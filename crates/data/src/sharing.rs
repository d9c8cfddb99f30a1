//! Several processes that open the same data: each checks a share of the recordings, and all get the results.

use std::sync::Arc;

use crate::scan::RecordingScan;
use crate::{DataError, MessageReader, MessageWriter, Share};

/// First byte of the message of a process that found no error.
const CHECKED: u8 = 0;
const REFUSED: u8 = 1;

/// Several processes that open the same data.
#[derive(Clone, Copy)]
pub struct Sharing<'a> {
    /// The recordings that this process checks.
    pub share: Share,
    /// Returns the bytes of every process, in order, including this one's. All processes call it equally often.
    pub gather: &'a dyn Fn(&[u8]) -> Vec<Vec<u8>>,
}

impl Sharing<'_> {
    /// A single process.
    pub fn alone() -> Self {
        Self { share: Share::WHOLE, gather: &|bytes| vec![bytes.to_vec()] }
    }

    /// Returns the scans of all recordings, given those of this process, unless one of the processes failed. All of them
    /// then return an error, which begins with the number of the process that failed if that was another one.
    pub(crate) fn exchange(
        &self,
        own: Result<Vec<Arc<RecordingScan>>, DataError>,
    ) -> Result<Vec<Arc<RecordingScan>>, DataError> {
        if self.share.count == 1 {
            return own;
        }
        let mut message = MessageWriter::default();
        let kind = match &own {
            Ok(scans) => {
                for scan in scans {
                    scan.write(&mut message);
                }
                CHECKED
            }
            Err(error) => {
                message.bytes(error.to_string().as_bytes());
                REFUSED
            }
        };
        let gathered = (self.gather)(&[&[kind][..], &message.into_bytes()].concat());
        own?;
        let mut all = Vec::new();
        for (process, bytes) in gathered.iter().enumerate() {
            let Some((&CHECKED, bytes)) = bytes.split_first() else {
                let error = bytes.get(1..).and_then(|bytes| MessageReader::new(bytes).bytes());
                let error = String::from_utf8_lossy(error.unwrap_or_default());
                return Err(DataError::new(format!("rank {process}"), error));
            };
            let mut message = MessageReader::new(bytes);
            while !message.is_empty() {
                all.push(Arc::new(RecordingScan::read(&mut message).expect("as another process wrote it")));
            }
        }
        Ok(all)
    }
}
