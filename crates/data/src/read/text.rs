//! The bytes of text files, and their physical lines.

use std::io::Read;

use super::Request;
use super::budget::Unpacked;
use super::foreign::sentence;
use crate::DataError;
use crate::error::expected;

/// Contents that are often found under the name of a text file: the first bytes, and the description.
const OTHER_CONTENTS: [(&[u8], &str); 5] = [
    (b"\xff\xfe", "UTF-16; save the file as UTF-8"),
    (b"\xfe\xff", "UTF-16; save the file as UTF-8"),
    (b"PK\x03\x04", "a ZIP archive, such as a spreadsheet; export it as CSV"),
    (b"\x1f\x8b", "a gzip file; add `.gz` to its name"),
    (b"PAR1", "a Parquet file; export it as CSV or as .npz"),
];

/// A physical line and its number, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    pub(super) number: usize,
    /// The bytes without the line break.
    pub(super) bytes: &'a [u8],
    /// The offset of the next line in the file.
    pub(super) after: usize,
}

impl Request<'_> {
    /// Returns the bytes of a text file, decompressed and without a byte order mark.
    pub(super) fn text(&self) -> Result<Vec<u8>, DataError> {
        let mut bytes = self.bytes()?;
        if self.path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gz")) {
            let mut unpacked = Vec::new();
            let read = Unpacked::new(bytes, &self.budget).read_to_end(&mut unpacked);
            read.map_err(|error| self.refuse(sentence(&error)))?;
            bytes = unpacked;
        }
        if bytes.starts_with(b"\xef\xbb\xbf") {
            bytes.drain(..3);
        }
        match other_content(&bytes) {
            Some(found) => Err(self.refuse(expected("UTF-8 text", found))),
            None => Ok(bytes),
        }
    }

    /// Returns the text of a line.
    pub(super) fn utf8<'b>(&self, row: usize, bytes: &'b [u8]) -> Result<&'b str, DataError> {
        std::str::from_utf8(bytes)
            .map_err(|_| self.refuse_at(format!("row {row}"), "expected UTF-8 text; save the file as UTF-8"))
    }
}

fn other_content(bytes: &[u8]) -> Option<&'static str> {
    for (start, description) in OTHER_CONTENTS {
        if bytes.starts_with(start) {
            return Some(description);
        }
    }
    // UTF-16 without a byte order mark: each second byte of ASCII text is zero.
    let zeros = bytes.get(..4).map(|start| [start[0] == 0, start[1] == 0, start[2] == 0, start[3] == 0]);
    match zeros {
        Some([true, false, true, false] | [false, true, false, true]) => {
            Some("UTF-16; save the file as UTF-8")
        }
        Some(_) | None => None,
    }
}

/// Returns the line of `bytes` that starts at the offset `start`, or `None` at the end. A line ends with LF, CRLF
/// or CR.
pub(super) fn line(bytes: &[u8], start: usize, number: usize) -> Option<Line<'_>> {
    let rest = bytes.get(start..)?;
    if rest.is_empty() {
        return None;
    }
    let length = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len());
    let line_break = match &rest[length..] {
        [b'\r', b'\n', ..] => 2,
        [] => 0,
        _ => 1,
    };
    Some(Line { number, bytes: &rest[..length], after: start + length + line_break })
}

/// Returns the physical lines of `bytes`.
pub(super) fn lines(bytes: &[u8]) -> impl Iterator<Item = Line<'_>> {
    std::iter::successors(line(bytes, 0, 1), |latest| line(bytes, latest.after, latest.number + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_ends_with_lf_crlf_or_cr() {
        let found: Vec<(usize, &[u8])> =
            lines(b"a\n\nb\r\nc\rd\r\r\ne").map(|line| (line.number, line.bytes)).collect();
        let expected: [(usize, &[u8]); 7] =
            [(1, b"a"), (2, b""), (3, b"b"), (4, b"c"), (5, b"d"), (6, b""), (7, b"e")];
        assert_eq!(found, expected);
        assert_eq!(lines(b"").count(), 0);
    }

    #[test]
    fn other_contents_are_recognized() {
        assert_eq!(other_content(b"1,2\n"), None);
        assert_eq!(other_content(b""), None);
        for utf16 in [&b"\xff\xfe1\0"[..], b"\xfe\xff\x001", b"1\0,\0", b"\x001\0,"] {
            assert_eq!(other_content(utf16), Some("UTF-16; save the file as UTF-8"));
        }
    }
}
