//! The processes of a machine that read each other's temporary files.

use std::fs::File;
use std::sync::Arc;

use crate::read::TemporaryFile;
use crate::{MessageWriter, Share, Sharing};

/// The processes of a machine that read each other's temporary files, or a process of which no other can read files.
#[derive(Debug)]
pub(crate) struct Neighbors {
    /// This process among them.
    pub(crate) share: Share,
    /// Their indices among all processes, in ascending order.
    pub(crate) processes: Vec<usize>,
    /// Their files, in the same order. Only this process writes to its own. Empty if this process has no neighbors.
    pub(crate) files: Vec<Arc<TemporaryFile>>,
}

impl Neighbors {
    /// A process without neighbors.
    pub(crate) fn none(process: usize) -> Self {
        Self { share: Share::WHOLE, processes: vec![process], files: Vec::new() }
    }

    /// The file of this process, if others read it.
    pub(crate) fn own_file(&self) -> Option<&Arc<TemporaryFile>> {
        self.files.get(self.share.index)
    }

    /// The other processes, with their files.
    pub(crate) fn others(&self) -> impl Iterator<Item = (usize, &Arc<TemporaryFile>)> {
        let all = self.processes.iter().copied().zip(&self.files).enumerate();
        all.filter(|(index, _)| *index != self.share.index).map(|(_, other)| other)
    }

    /// Finds the processes that can open each other's temporary files. Every process calls it.
    pub(crate) fn find(sharing: &Sharing<'_>) -> Self {
        let own = sharing.share.index;
        if sharing.is_alone() {
            return Self::none(own);
        }
        // The file has a name only until all processes have opened it, and nothing is written to it before.
        let named = if sharing.neighbors.len() > 1 { named_file() } else { None };
        let path = named.as_ref().and_then(|named| named.path().to_str()).unwrap_or_default();
        let paths = sharing.all_messages(path.as_bytes());
        let mut opened = Vec::new();
        if let Some(named) = &named {
            for process in sharing.neighbors {
                let file = if *process == own {
                    named.as_file().try_clone()
                } else {
                    let path = paths.get(*process).map_or(&[][..], Vec::as_slice);
                    File::open(String::from_utf8_lossy(path).as_ref())
                };
                opened.extend(file.ok().map(|file| (*process, Arc::new(TemporaryFile::of(file)))));
            }
        }
        let mut message = MessageWriter::default();
        message.sizes(&opened.iter().map(|(process, _)| *process).collect::<Vec<usize>>());
        let message = message.into_bytes();
        let all = sharing.all_messages(&message);
        drop(named);
        // Processes that have opened the same files, which include their own, have opened each other's.
        let is_neighbor = |process: usize| all.get(process) == Some(&message);
        opened.retain(|(process, _)| is_neighbor(*process));
        let (processes, files): (Vec<usize>, Vec<_>) = opened.into_iter().unzip();
        match processes.iter().position(|process| *process == own) {
            Some(index) if files.len() > 1 => {
                Self { share: Share { index, count: files.len() }, processes, files }
            }
            Some(_) | None => Self::none(own),
        }
    }
}

/// Creates an empty file with a random name in the folder of temporary files.
#[cfg(unix)]
fn named_file() -> Option<tempfile::NamedTempFile> {
    tempfile::Builder::new().prefix(".factory-").rand_bytes(20).tempfile().ok()
}

/// On other systems, a file that is open cannot lose its name.
#[cfg(not(unix))]
fn named_file() -> Option<tempfile::NamedTempFile> {
    None
}
