//! The rows of a table: lines, split into cells.

use crate::DataError;
use crate::read::Request;
use crate::read::budget::Budget;
use crate::read::text::line;

/// Memory of a cell in addition to its text, in bytes.
const CELL: usize = size_of::<usize>();
/// The number of cells whose memory is taken from the budget in one go.
const CELLS_AT_ONCE: usize = 4096;

/// A row and its number: that of its first line, from 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Row {
    pub(super) number: usize,
    /// The text of all cells.
    text: String,
    /// The ends of the cells in the text.
    ends: Vec<usize>,
}

impl Row {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns a cell without surrounding blanks.
    pub(super) fn cell(&self, column: usize) -> &str {
        let start = if column == 0 { 0 } else { self.ends[column - 1] };
        &self.text[start..self.ends[column]]
    }

    pub(super) fn cells(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|column| self.cell(column))
    }

    fn push(&mut self, cell: &str) {
        self.text.push_str(cell.trim());
        self.ends.push(self.text.len());
    }
}

/// The reason why a row cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum RowError {
    /// The row with this number is not UTF-8.
    NotUtf8(usize),
    /// The quote that begins in the row with this number is not closed.
    UnclosedQuote(usize),
    /// The cells take too much memory.
    TooLarge(String),
}

/// The rows of a table, read one by one.
pub(super) struct Rows<'a> {
    bytes: &'a [u8],
    /// The offset and the number of the next line.
    next: (usize, usize),
    /// The character between cells. A blank stands for any number of blanks and tabs.
    separator: char,
    /// Whether lines that begin with `#` are comments.
    has_comments: bool,
    /// The number of comments that were skipped.
    pub(super) comments: usize,
    /// The number of rows at the end whose cells are all empty.
    pub(super) empty_at_end: usize,
    budget: Option<&'a Budget>,
    /// The memory of the cells of the latest row. It is in use until the next row is read.
    charged: usize,
}

impl<'a> Rows<'a> {
    /// Rows from the line with the number `first` on, which starts at the offset `start`.
    pub(super) fn new(bytes: &'a [u8], (start, first): (usize, usize), separator: char) -> Self {
        let bytes = without_empty_rows(bytes, separator);
        Self {
            bytes: bytes.0,
            next: (start, first),
            separator,
            has_comments: true,
            comments: 0,
            empty_at_end: bytes.1,
            budget: None,
            charged: 0,
        }
    }

    /// Takes the memory of the cells from `budget`.
    pub(super) fn with_budget(self, budget: &'a Budget) -> Self {
        Self { budget: Some(budget), ..self }
    }

    /// Sets whether lines that begin with `#` are comments.
    pub(super) fn with_comments(self, has_comments: bool) -> Self {
        Self { has_comments, ..self }
    }

    /// Reads the next row, except for empty lines and comments. Returns whether there is one.
    pub(super) fn next(&mut self, row: &mut Row) -> Result<bool, RowError> {
        row.text.clear();
        row.ends.clear();
        self.release();
        while let Some(line) = line(self.bytes, self.next.0, self.next.1) {
            let is_comment = self.has_comments && line.bytes.trim_ascii_start().starts_with(b"#");
            if is_comment {
                self.comments += 1;
            }
            if is_comment || is_blank(line.bytes, self.separator) {
                self.next = (line.after, line.number + 1);
                continue;
            }
            row.number = line.number;
            if line.bytes.contains(&b'"') {
                self.quoted(row)?;
            } else {
                let text = std::str::from_utf8(line.bytes).map_err(|_| RowError::NotUtf8(line.number))?;
                self.next = (line.after, line.number + 1);
                self.split(text, row)?;
            }
            return Ok(true);
        }
        Ok(false)
    }

    /// Splits a line without quotes.
    fn split(&mut self, text: &str, row: &mut Row) -> Result<(), RowError> {
        if self.separator == ' ' {
            for cell in text.split_whitespace() {
                self.push(row, cell)?;
            }
            // A line of blanks that are not ASCII.
            if row.len() == 0 {
                self.push(row, "")?;
            }
        } else {
            for cell in text.split(self.separator) {
                self.push(row, cell)?;
            }
        }
        Ok(())
    }

    fn push(&mut self, row: &mut Row, cell: &str) -> Result<(), RowError> {
        if row.len().is_multiple_of(CELLS_AT_ONCE)
            && let Some(budget) = self.budget
        {
            budget.charge(CELLS_AT_ONCE * CELL).map_err(RowError::TooLarge)?;
            self.charged += CELLS_AT_ONCE * CELL;
        }
        row.push(cell);
        Ok(())
    }

    fn release(&mut self) {
        if let Some(budget) = self.budget {
            budget.release(self.charged);
        }
        self.charged = 0;
    }

    /// Splits a row with quotes, which may contain separators and line breaks. A quote in a quoted cell is doubled.
    fn quoted(&mut self, row: &mut Row) -> Result<(), RowError> {
        let mut text = Quoted { bytes: &self.bytes[self.next.0..], at: 0, line_breaks: 0 };
        let separator = self.separator;
        loop {
            let cell = text.cell(separator).ok_or(RowError::UnclosedQuote(row.number))?;
            let cell = std::str::from_utf8(&cell).map_err(|_| RowError::NotUtf8(row.number))?;
            self.push(row, cell)?;
            if !text.skip_separator(separator) {
                break;
            }
        }
        text.skip_line_break();
        self.next = (self.next.0 + text.at, self.next.1 + text.line_breaks);
        Ok(())
    }
}

/// The rest of the table, which begins with a row with quotes.
struct Quoted<'a> {
    bytes: &'a [u8],
    at: usize,
    line_breaks: usize,
}

impl Quoted<'_> {
    /// Returns the next cell, or `None` if its quote is not closed.
    fn cell(&mut self, separator: char) -> Option<Vec<u8>> {
        let mut cell = Vec::new();
        self.skip_blanks(separator);
        if self.bytes.get(self.at) == Some(&b'"') {
            self.at += 1;
            loop {
                match (self.bytes.get(self.at)?, self.bytes.get(self.at + 1)) {
                    (b'"', Some(b'"')) => {
                        cell.push(b'"');
                        self.at += 2;
                    }
                    (b'"', _) => {
                        self.at += 1;
                        break;
                    }
                    (b'\n' | b'\r', _) => {
                        self.skip_line_break();
                        cell.push(b'\n');
                    }
                    (byte, _) => {
                        cell.push(*byte);
                        self.at += 1;
                    }
                }
            }
        }
        while let Some(byte) = self.bytes.get(self.at)
            && !matches!(byte, b'\n' | b'\r')
            && self.separator_length(separator) == 0
        {
            cell.push(*byte);
            self.at += 1;
        }
        Some(cell)
    }

    /// Returns the length of the separator at this place, or 0 otherwise.
    fn separator_length(&self, separator: char) -> usize {
        let rest = &self.bytes[self.at..];
        if separator == ' ' {
            return rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        }
        let mut buffer = [0; 4];
        let separator = separator.encode_utf8(&mut buffer);
        if rest.starts_with(separator.as_bytes()) { separator.len() } else { 0 }
    }

    /// Skips a separator. Returns whether another cell follows.
    fn skip_separator(&mut self, separator: char) -> bool {
        let length = self.separator_length(separator);
        self.at += length;
        let is_end = matches!(self.bytes.get(self.at), None | Some(b'\n' | b'\r'));
        length > 0 && !(separator == ' ' && is_end)
    }

    fn skip_blanks(&mut self, separator: char) {
        while let Some(byte) = self.bytes.get(self.at)
            && (*byte == b' ' || *byte == b'\t' && separator != '\t')
        {
            self.at += 1;
        }
    }

    fn skip_line_break(&mut self) {
        match &self.bytes[self.at..] {
            [b'\r', b'\n', ..] => self.at += 2,
            [b'\r' | b'\n', ..] => self.at += 1,
            _ => return,
        }
        self.line_breaks += 1;
    }
}

/// Returns whether a line is empty. A line of separators is a row of empty cells.
fn is_blank(line: &[u8], separator: char) -> bool {
    line.iter().all(|byte| byte.is_ascii_whitespace() && (separator == ' ' || char::from(*byte) != separator))
}

/// Returns the text without the rows at its end whose cells are all empty, and their number. Spreadsheets write such
/// rows.
fn without_empty_rows(bytes: &[u8], separator: char) -> (&[u8], usize) {
    let is_empty =
        |byte: &u8| byte.is_ascii_whitespace() || separator.is_ascii() && char::from(*byte) == separator;
    let content = bytes.iter().rposition(|byte| !is_empty(byte)).map_or(0, |last| last + 1);
    let rest = &bytes[content..];
    let of_last = if content == 0 {
        0
    } else {
        rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len())
    };
    let empty = super::super::text::lines(&rest[of_last..]).filter(|line| !is_blank(line.bytes, separator));
    (&bytes[..content + of_last], empty.count())
}

/// Reads the next row.
pub(super) fn next(request: &Request<'_>, rows: &mut Rows<'_>, row: &mut Row) -> Result<bool, DataError> {
    rows.next(row).map_err(|error| match error {
        RowError::NotUtf8(row) => {
            request.refuse_at(format!("row {row}"), "expected UTF-8 text; save the file as UTF-8")
        }
        RowError::UnclosedQuote(row) => {
            request.refuse_at(format!("row {row}"), "expected a closing quote, found the end of the file")
        }
        RowError::TooLarge(message) => request.refuse(message),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The number and cells of each row.
    fn rows(text: &str, separator: char) -> Vec<(usize, Vec<String>)> {
        let mut rows = Rows::new(text.as_bytes(), (0, 1), separator);
        let mut row = Row::default();
        let mut found = Vec::new();
        while rows.next(&mut row).unwrap() {
            found.push((row.number, row.cells().map(str::to_owned).collect()));
        }
        found
    }

    #[test]
    fn a_row_has_the_number_of_its_first_line() {
        for line_break in ["\n", "\r\n", "\r"] {
            let text = ["a,b", "", "\"c", "", "d\",e", "# comment", "f,g"].join(line_break);
            let numbers: Vec<usize> = rows(&text, ',').iter().map(|(number, _)| *number).collect();
            assert_eq!(numbers, [1, 3, 7], "{line_break:?}");
        }
    }

    #[test]
    fn quotes_protect_separators_quotes_and_line_breaks() {
        let text = "\"a;b\" ; \" c \"\"d\"\"\";5\" tall;\"e\r\nf\"\n\"\";x";
        let expected = [vec!["a;b", "c \"d\"", "5\" tall", "e\nf"], vec!["", "x"]];
        let found: Vec<Vec<String>> = rows(text, ';').into_iter().map(|(_, cells)| cells).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn blanks_separate_in_any_number() {
        let expected = [vec!["1", "2", "a b", "3"], vec!["4", "5", "c"]];
        let found: Vec<Vec<String>> =
            rows("  1 \t2  \"a b\" 3  \n4 5\tc\n", ' ').into_iter().map(|(_, cells)| cells).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn empty_cells_count_except_in_empty_rows_at_the_end() {
        assert_eq!(rows("1,,\n,,\n2,,\n,,\n \n,,\n", ',').len(), 3);
        assert_eq!(rows("1\t\n\t\n2\t", '\t').len(), 3);
        assert_eq!(Rows::new(b"1,,\n,,\n\n,,\n", (0, 1), ',').empty_at_end, 2);
        assert_eq!(rows(",,\n,\n", ','), []);
    }

    #[test]
    fn an_unclosed_quote_is_an_error_of_its_row() {
        let mut rows = Rows::new(b"1,2\n3,\"4\n5,6\n", (0, 1), ',');
        let mut row = Row::default();
        assert_eq!(rows.next(&mut row), Ok(true));
        assert_eq!(rows.next(&mut row), Err(RowError::UnclosedQuote(2)));
        assert_eq!(Rows::new(b"\xb0C", (0, 1), ',').next(&mut row), Err(RowError::NotUtf8(1)));
    }
}
