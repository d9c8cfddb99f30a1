//! Sources that one process of a machine reads for its neighbors.

use std::cmp::Reverse;
use std::sync::Arc;

use super::cache::Cache;
use super::spilled::Spilled;
use crate::sharing::{Positioned, differs};
use crate::{DataError, Memory, MessageReader, MessageWriter, Sharing, Source};

/// The source of a file, as this process has it.
pub(super) enum FileSource {
    /// Every process has its own.
    Own(Arc<dyn Source>),
    /// The recordings are in the temporary file of this process.
    Stored(Arc<Spilled>),
    /// A neighbor reads the file.
    Neighbors,
}

impl Cache {
    /// Returns the sources of all files, given those that this process has read or the error about one of the files.
    /// Every process calls it.
    pub(super) fn exchange(
        &self,
        sharing: &Sharing<'_>,
        own: Result<Vec<FileSource>, Positioned>,
    ) -> Result<Vec<Arc<dyn Source>>, DataError> {
        let (sources, message) = match own {
            Ok(sources) => {
                let message = message_of(&sources);
                (sources, Ok(message))
            }
            Err(error) => (Vec::new(), Err(error)),
        };
        let messages = sharing.exchange(message)?;
        let mut stored: Vec<Option<Arc<dyn Source>>> = vec![None; sources.len()];
        for (process, file) in self.neighbors.others() {
            let mut message = MessageReader::new(messages.get(process).map_or(&[], Vec::as_slice));
            while let Some(&[position]) = message.sizes().as_deref()
                && let Some(source) = Spilled::read_message(&mut message, file)
            {
                if let Some(place) = stored.get_mut(position) {
                    *place = Some(Arc::new(source));
                }
            }
        }
        let count = sources.len();
        let sources = sources.into_iter().zip(stored).map(|(own, stored)| match own {
            FileSource::Own(source) => Ok(source),
            FileSource::Stored(source) => Ok(source as Arc<dyn Source>),
            FileSource::Neighbors => stored.ok_or_else(|| differs(sharing.share.index, count, None)),
        });
        sharing.agree(sources.collect())
    }

    /// Returns the recordings that `read` returns. One process of each machine calls it. Every process calls this
    /// method.
    pub(crate) fn read_once(
        &self,
        sharing: &Sharing<'_>,
        read: impl FnOnce() -> Result<Memory, DataError>,
    ) -> Result<Arc<dyn Source>, DataError> {
        if sharing.is_alone() {
            return Ok(Arc::new(read()?));
        }
        let share = self.neighbors.share;
        // Of a single recording, the last process scans it.
        let own = if share.index + 1 < share.count {
            Ok(FileSource::Neighbors)
        } else {
            read().and_then(|memory| {
                if !self.has_neighbors() {
                    return Ok(FileSource::Own(Arc::new(memory)));
                }
                let origin = memory.recordings.first().map_or(String::new(), |first| first.origin.clone());
                self.keep(memory).map_err(|message| DataError::new(origin, message))
            })
        };
        let own = own.map(|source| vec![source]).map_err(|error| (0, error));
        Ok(self.exchange(sharing, own)?.remove(0))
    }
}

fn message_of(sources: &[FileSource]) -> Vec<u8> {
    let mut message = MessageWriter::default();
    for (position, source) in sources.iter().enumerate() {
        if let FileSource::Stored(source) = source {
            message.sizes(&[position]);
            source.write_message(&mut message);
        }
    }
    message.into_bytes()
}

/// Divides files of these sizes among `count` processes. Returns the process that reads each file.
pub(super) fn divided(sizes: &[usize], count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by_key(|file| Reverse(sizes[*file]));
    let mut loads = vec![0u64; count];
    let mut processes = vec![0; sizes.len()];
    for file in order {
        let least = (0..count).min_by_key(|process| loads[*process]).unwrap_or(0);
        processes[file] = least;
        // An empty file is some work, too.
        loads[least] += sizes[file] as u64 + 1;
    }
    processes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_divided_by_their_sizes() {
        assert_eq!(divided(&[1, 9, 4, 3, 2], 2), [0, 0, 1, 1, 1]);
        assert_eq!(divided(&[0, 0, 0], 2), [0, 1, 0]);
        assert_eq!(divided(&[5], 3), [0]);
        assert!(divided(&[], 3).is_empty());
    }
}
