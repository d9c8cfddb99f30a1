//! Samples on standard input, a line each, and results as soon as they are known.

use std::io::{BufRead, ErrorKind, Write};

use graph::Array;

use super::cut::Cut;
use super::network::{Answer, Network};
use super::table::{columns, rows};
use crate::failure::Failure;

/// Reads lines of samples until the input ends, and writes the results of each before the next.
pub(crate) fn stream(
    network: &Network,
    step: Option<usize>,
    mut input: impl BufRead,
    output: impl Write,
) -> Result<(), Failure> {
    let mut printer = Printer(csv::Writer::from_writer(output));
    let mut samples = Samples::new(network, step);
    let (mut line, mut number) = (Vec::new(), 0usize);
    if printer.print(&[columns(network)])?.is_gone() {
        return Ok(());
    }
    loop {
        line.clear();
        number += 1;
        let refused = |message: String| Failure::input(format!("standard input: line {number}: {message}"));
        let ended = input.read_until(b'\n', &mut line).map_err(|error| refused(error.to_string()))? == 0;
        if !ended {
            samples.push(&values(&line, network.input.channels).map_err(refused)?);
        }
        while let Some(answer) = samples.next(ended)? {
            if printer.print(&rows(network, &answer))?.is_gone() {
                return Ok(());
            }
        }
        if ended {
            return Ok(());
        }
    }
}

/// The numbers of a line.
fn values(line: &[u8], channels: usize) -> Result<Vec<f32>, String> {
    let line = std::str::from_utf8(line).map_err(|_| "no text; numbers are needed".to_owned())?.trim();
    let number = |cell: &str| match cell.parse::<f32>() {
        Ok(value) if value.is_finite() => Ok(value),
        _ => Err(format!("{cell:?}; a finite number is needed")),
    };
    let values: Vec<f32> = if line.contains(',') {
        line.split(',').map(|cell| number(cell.trim())).collect::<Result<_, _>>()?
    } else {
        line.split_whitespace().map(number).collect::<Result<_, _>>()?
    };
    if values.len() != channels {
        let found = match values.len() {
            1 => "1 value".to_owned(),
            count => format!("{count} values"),
        };
        return Err(format!("{found}; one for each channel is needed, {channels} in all"));
    }
    Ok(values)
}

/// The samples that are still needed.
struct Samples<'a> {
    network: &'a Network,
    cut: Cut,
    /// The latest samples, one after the other.
    values: Vec<f32>,
    /// Samples before the first of them.
    forgotten: usize,
    /// Samples that were read.
    read: usize,
    /// Samples that results are there of.
    done: usize,
}

impl<'a> Samples<'a> {
    fn new(network: &'a Network, step: Option<usize>) -> Self {
        Self { network, cut: network.cut(step, 1), values: Vec::new(), forgotten: 0, read: 0, done: 0 }
    }

    fn push(&mut self, sample: &[f32]) {
        self.values.extend_from_slice(sample);
        self.read += 1;
    }

    /// What can be said next.
    fn next(&mut self, ended: bool) -> Result<Option<Answer>, Failure> {
        self.forget();
        let Some(piece) = self.cut.next(self.done, self.read, ended) else { return Ok(None) };
        let length = piece.to - piece.from;
        let refused = |message: String| Failure::input(format!("standard input: {message}"));
        self.network.takes(length).map_err(refused)?;
        let channels = self.network.input.channels;
        let first = piece.from - self.forgotten;
        let input =
            Array::from_fn([channels, length], |i| self.values[(first + i % length) * channels + i / length]);
        let outputs = self.network.say(&[input])?.remove(0);
        self.done = piece.keep.end;
        let outputs = self.network.kept(outputs, &piece);
        Ok(Some(Answer { origin: String::new(), start: piece.keep.start, outputs }))
    }

    /// Lets go of what no piece will have, now and then, so that a sample is moved once on average.
    fn forget(&mut self) {
        let channels = self.network.input.channels;
        let old = self.cut.oldest(self.done).min(self.read) - self.forgotten;
        if old * channels > self.values.len() / 2 {
            self.values.drain(..old * channels);
            self.forgotten += old;
        }
    }
}

/// Writes lines, and holds none back.
struct Printer<W: Write>(csv::Writer<W>);

/// Whether there is still someone who reads.
#[derive(PartialEq, Eq)]
enum Reader {
    There,
    Gone,
}

impl Reader {
    fn is_gone(&self) -> bool {
        *self == Self::Gone
    }
}

impl<W: Write> Printer<W> {
    fn print(&mut self, rows: &[Vec<String>]) -> Result<Reader, Failure> {
        let written = rows.iter().try_for_each(|row| self.0.write_record(row));
        match written.map_err(std::io::Error::from).and_then(|()| self.0.flush()) {
            Ok(()) => Ok(Reader::There),
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Reader::Gone),
            Err(error) => Err(Failure { code: 1, ..Failure::input(format!("standard output: {error}")) }),
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    #[test]
    fn separators() {
        for line in ["1,-2.5,3e2", "1, -2.5 ,300\r\n", "1 -2.5\t300\n", "  1  -2.5  300"] {
            assert_eq!(values(line.as_bytes(), 3), Ok(vec![1.0, -2.5, 300.0]), "{line:?}");
        }
    }

    #[test]
    fn bad_lines() {
        let check = |line: &[u8], expected: &Expect| expected.assert_eq(&values(line, 2).unwrap_err());
        check(b"1,two", &expect![[r#""two"; a finite number is needed"#]]);
        check(b"1,NaN", &expect![[r#""NaN"; a finite number is needed"#]]);
        check(b"1e99 1", &expect![[r#""1e99"; a finite number is needed"#]]);
        check(b"1,2,", &expect![[r#"""; a finite number is needed"#]]);
        check(b"1", &expect!["1 value; one for each channel is needed, 2 in all"]);
        check(b"\n", &expect!["0 values; one for each channel is needed, 2 in all"]);
        check(b"1,\xff", &expect!["no text; numbers are needed"]);
    }
}
