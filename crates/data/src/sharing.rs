//! Several processes that open the same data: each does a share of the work, and all get the results.

use graph::FieldError;

use crate::error::expected;
use crate::message::Message;
use crate::{DataError, MessageReader, MessageWriter, Share};

/// First byte of the message of a process that found no error.
const CHECKED: u8 = 0;
const REFUSED: u8 = 1;

/// Several processes that open the same data.
#[derive(Clone, Copy)]
pub struct Sharing<'a> {
    /// The recordings that this process checks.
    pub share: Share,
    /// The indices of the processes on the machine of this process, in ascending order, including its own. One of them
    /// parses each text file; the others read the recordings from its temporary file. If they cannot open each other's
    /// files, each parses all files.
    pub neighbors: &'a [usize],
    /// Returns the bytes of every process, in order, including this one's. All processes call it equally often.
    pub gather: &'a dyn Fn(&[u8]) -> Vec<Vec<u8>>,
}

/// An error, and the position of the file that it is about. Of the errors of several processes, the one with the lowest
/// position counts, which is the error that a single process would find.
pub(crate) type Positioned = (usize, DataError);

impl Sharing<'_> {
    /// A single process.
    pub fn alone() -> Self {
        Self { share: Share::WHOLE, neighbors: &[0], gather: &|bytes| vec![bytes.to_vec()] }
    }

    /// Whether there is only one process.
    pub(crate) fn is_alone(&self) -> bool {
        self.share.count == 1
    }

    /// Returns the messages of all processes, if none of them can fail at this point.
    pub(crate) fn all_messages(&self, own: &[u8]) -> Vec<Vec<u8>> {
        let mut gathered = (self.gather)(&[&[CHECKED], own].concat());
        for message in &mut gathered {
            // Another first byte is from a process that has failed before it opened data.
            *message = message.strip_prefix(&[CHECKED]).unwrap_or_default().to_vec();
        }
        gathered
    }

    /// Returns the messages of all processes, unless one of them failed. All of them then return the same error.
    pub(crate) fn exchange(&self, own: Result<Vec<u8>, Positioned>) -> Result<Vec<Vec<u8>>, DataError> {
        if self.is_alone() {
            return own.map(|message| vec![message]).map_err(|(_, error)| error);
        }
        let message = match own {
            Ok(message) => [&[CHECKED][..], &message].concat(),
            Err(error) => [&[REFUSED][..], &message_of(&error)].concat(),
        };
        let mut gathered = (self.gather)(&message);
        let errors = gathered.iter().enumerate().filter_map(|(process, bytes)| error_in(process, bytes));
        if let Some((_, error)) = errors.min_by_key(|(position, _)| *position) {
            return Err(error);
        }
        for message in &mut gathered {
            message.remove(0);
        }
        Ok(gathered)
    }

    /// Returns the result of this process, unless another process failed. All of them then return the same error.
    pub(crate) fn agree<T>(&self, own: Result<T, DataError>) -> Result<T, DataError> {
        match own {
            Ok(value) => self.exchange(Ok(Vec::new())).map(|_| value),
            Err(error) => Err(self.exchange(Err((0, error.clone()))).err().unwrap_or(error)),
        }
    }

    /// Returns the values of all processes, one for each of `count` items, given those of this process's share of the
    /// items. If one of the processes failed, all of them return the error about the first item.
    pub(crate) fn exchange_all<T: Message>(
        &self,
        own: Result<Vec<T>, DataError>,
        count: usize,
    ) -> Result<Vec<T>, DataError> {
        if self.is_alone() {
            return own;
        }
        let message = own.map(|values| {
            let mut message = MessageWriter::default();
            message.sizes(&[count]);
            for value in values {
                value.write(&mut message);
            }
            message.into_bytes()
        });
        // The items of each process are after those of the processes before it.
        let gathered = self.exchange(message.map_err(|error| (0, error)))?;
        let mut all = Vec::new();
        // All processes find the same if the messages do not match.
        for (process, message) in gathered.iter().enumerate() {
            let mut message = MessageReader::new(message);
            let found = message.sizes().unwrap_or_default();
            if found != [count] {
                return Err(differs(process, count, found.first()));
            }
            while !message.is_empty() {
                all.push(T::read(&mut message).ok_or_else(|| differs(process, count, None))?);
            }
        }
        if all.len() == count { Ok(all) } else { Err(differs(0, count, Some(&all.len()))) }
    }
}

/// The error about a process that has found another number of files or recordings.
pub(crate) fn differs(process: usize, wanted: usize, found: Option<&usize>) -> DataError {
    let found = found.map_or_else(|| "others".to_owned(), usize::to_string);
    let wanted = format!("the same data on all ranks, with {wanted} files or recordings");
    DataError::new(format!("rank {process}"), expected(wanted, found))
}

fn message_of((position, error): &Positioned) -> Vec<u8> {
    let mut message = MessageWriter::default();
    message.sizes(&[*position]);
    message.bytes(error.place().as_bytes());
    message.bytes(error.message().as_bytes());
    message.optional_text(error.field().map(FieldError::path));
    message.into_bytes()
}

/// Returns the error in a message, if it has one.
fn error_in(process: usize, bytes: &[u8]) -> Option<Positioned> {
    if bytes.first() == Some(&CHECKED) {
        return None;
    }
    let read = || {
        let mut message = MessageReader::new(bytes.get(1..)?);
        let [position] = message.sizes()?.try_into().ok()?;
        let (place, text) = (message.text()?, message.text()?);
        let field = message.optional_text()?.map(|path| FieldError::new(path, text.clone()));
        Some((position, DataError::read(place, text, field)))
    };
    // Another message is from a process that has failed before it opened data.
    Some(read().unwrap_or_else(|| (0, DataError::new(format!("rank {process}"), "failed"))))
}
