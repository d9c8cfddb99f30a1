//! The rows of a table.

use std::io::Read;

use csv::StringRecord;

use crate::DataError;
use crate::read::Request;
use crate::read::foreign::{decode, sentence};

/// Memory of a cell in addition to its text, in bytes.
const CELL: usize = size_of::<usize>();

/// The rows of a table, read one by one.
pub(super) struct Rows<'a> {
    request: &'a Request<'a>,
    reader: csv::Reader<Box<dyn Read + 'a>>,
    /// Memory of the cells of the latest row, in bytes. It is in use until the next row is read.
    charged: usize,
}

impl<'a> Rows<'a> {
    pub(super) fn new(request: &'a Request<'a>, delimiter: u8) -> Result<Self, DataError> {
        let bytes = request.reader(Some((delimiter, CELL)))?;
        let mut reader = csv::ReaderBuilder::new();
        let reader = reader.has_headers(false).flexible(true).delimiter(delimiter).trim(csv::Trim::All);
        Ok(Self { request, reader: reader.from_reader(bytes), charged: 0 })
    }

    /// Reads the next row into `cells`. Returns its line number, or `None` at the end of the file.
    pub(super) fn next(&mut self, cells: &mut StringRecord) -> Result<Option<u64>, DataError> {
        self.request.budget.release(self.charged);
        let read = decode("table", || Ok(self.reader.read_record(cells)));
        let read = read.map_err(|message| self.request.refuse(message))?;
        self.charged = CELL * cells.len();
        match read {
            Ok(true) => Ok(Some(cells.position().map_or(0, csv::Position::line))),
            Ok(false) => Ok(None),
            Err(error) => Err(self.refuse(&error)),
        }
    }

    fn refuse(&self, error: &csv::Error) -> DataError {
        match error.kind() {
            csv::ErrorKind::Utf8 { pos: Some(position), .. } => {
                self.request.refuse_at(format!("row {}", position.line()), "expected UTF-8 text")
            }
            csv::ErrorKind::Io(error) => self.request.refuse(sentence(error)),
            _ => self.request.refuse(format!("damaged table ({})", sentence(error))),
        }
    }
}
