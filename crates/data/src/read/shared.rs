//! Sources that one process of a machine reads for its neighbors.

use std::cmp::Reverse;
use std::sync::Arc;

use super::cache::Cache;
use super::spilled::Spilled;
use super::stored::StoredArray;
use super::temporary::TemporaryFile;
use super::unpacked::NamedArrays;
use crate::sharing::{Positioned, differs};
use crate::{DataError, Memory, MessageReader, MessageWriter, Sharing, Source};

/// A file, as this process has read it.
pub(super) enum FileSource {
    /// Every process has its own source.
    Own(Arc<dyn Source>),
    /// The recordings are in the temporary file of this process.
    Stored(Arc<Spilled>),
    /// Every process has its own source, for which it needs what this one has found.
    Opened(Arc<dyn Source>, Given),
    /// A neighbor reads the file.
    Neighbors,
}

/// The content of a file that takes long to find.
pub(super) struct Given {
    /// The classes of masks.
    pub(super) classes: Vec<String>,
    /// The arrays in the temporary file of a process.
    pub(super) arrays: NamedArrays,
}

/// A file that this process or a neighbor has read.
pub(super) enum SharedFile {
    Source(Arc<dyn Source>),
    /// This process has to open the file, too, with what a neighbor has found.
    Given(Given),
}

impl FileSource {
    /// Returns the source, if this process has read the file.
    pub(super) fn into_source(self) -> Option<Arc<dyn Source>> {
        match self {
            Self::Own(source) | Self::Opened(source, _) => Some(source),
            Self::Stored(source) => Some(source),
            Self::Neighbors => None,
        }
    }
}

impl Cache {
    /// Returns all files, given those that this process has read or the error about one of them. A file is `None` if no
    /// neighbor has read it. Every process calls this method.
    pub(super) fn exchange(
        &self,
        sharing: &Sharing<'_>,
        own: Result<Vec<FileSource>, Positioned>,
    ) -> Result<Vec<Option<SharedFile>>, DataError> {
        let (own, message) = match own {
            Ok(files) => {
                let message = message_of(&files);
                (files, Ok(message))
            }
            Err(error) => (Vec::new(), Err(error)),
        };
        let messages = sharing.exchange(message)?;
        let files = own.into_iter().map(|file| file.into_source().map(SharedFile::Source));
        let mut files: Vec<Option<SharedFile>> = files.collect();
        for (process, temporary) in self.neighbors.others() {
            let mut message = MessageReader::new(messages.get(process).map_or(&[], Vec::as_slice));
            while let Some((position, file)) = shared_file(&mut message, temporary) {
                if let Some(place) = files.get_mut(position) {
                    *place = Some(file);
                }
            }
        }
        Ok(files)
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
        let found = self.exchange(sharing, own)?.pop().flatten();
        sharing.agree(match found {
            Some(SharedFile::Source(source)) => Ok(source),
            Some(SharedFile::Given(_)) | None => Err(differs(sharing.share.index, 1, None)),
        })
    }
}

const STORED: usize = 0;
const OPENED: usize = 1;

/// Returns a message about the files whose content is in the temporary file of this process.
fn message_of(files: &[FileSource]) -> Vec<u8> {
    let mut message = MessageWriter::default();
    for (position, file) in files.iter().enumerate() {
        match file {
            FileSource::Stored(source) => {
                message.sizes(&[position, STORED]);
                source.write_message(&mut message);
            }
            FileSource::Opened(_, Given { classes, arrays }) => {
                message.sizes(&[position, OPENED, arrays.len()]);
                message.texts(classes);
                for (name, array) in arrays {
                    message.bytes(name.as_bytes());
                    array.write_message(&mut message);
                }
            }
            FileSource::Own(_) | FileSource::Neighbors => {}
        }
    }
    message.into_bytes()
}

/// Reads the next file in the message of a neighbor, and its position.
fn shared_file(
    message: &mut MessageReader<'_>,
    temporary: &Arc<TemporaryFile>,
) -> Option<(usize, SharedFile)> {
    match message.sizes()?[..] {
        [position, STORED] => {
            let source = Spilled::read_message(message, temporary)?;
            Some((position, SharedFile::Source(Arc::new(source))))
        }
        [position, OPENED, count] => {
            let classes = message.texts()?;
            let array = |_| Some((message.text()?, StoredArray::read_message(message, temporary)?));
            let arrays = (0..count).map(array).collect::<Option<_>>()?;
            Some((position, SharedFile::Given(Given { classes, arrays })))
        }
        _ => None,
    }
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
