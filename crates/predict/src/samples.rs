//! The lines of a stream: samples, after an optional header.

use graph::{listed, quoted};

/// Reads the lines of a stream.
pub(crate) struct Samples {
    channels: usize,
    /// The names of the model's channels. Empty if they are unknown.
    names: Vec<String>,
    is_first: bool,
    /// The columns of the channels and the number of columns, if the header determines them.
    columns: Option<(Vec<usize>, usize)>,
}

impl Samples {
    pub(crate) fn new(channels: usize, names: &[String]) -> Self {
        Self { channels, names: names.to_vec(), is_first: true, columns: None }
    }

    /// Returns the channels of the sample in a line, or `None` if it is a header.
    pub(crate) fn next(&mut self, line: &[u8]) -> Result<Option<Vec<f64>>, String> {
        let line = std::str::from_utf8(line).map_err(|_| "expected numbers in UTF-8 text".to_owned())?;
        let is_first = std::mem::replace(&mut self.is_first, false);
        let line = if is_first { line.trim_start_matches('\u{feff}') } else { line }.trim();
        let cells = cells(line);
        if is_first && !cells.is_empty() && cells.iter().all(|cell| is_name(cell)) {
            self.columns = self.header(&cells)?;
            return Ok(None);
        }
        let values = match &self.columns {
            None => {
                let values = cells.iter().map(|cell| number(cell)).collect::<Result<Vec<_>, _>>()?;
                if values.len() != self.channels {
                    let channels = self.channels;
                    return Err(format!(
                        "expected {channels} values, one per channel, found {}",
                        values.len()
                    ));
                }
                values
            }
            Some((columns, width)) => {
                if cells.len() != *width {
                    return Err(format!("expected {width} columns as in the header, found {}", cells.len()));
                }
                columns.iter().map(|column| number(cells[*column])).collect::<Result<_, _>>()?
            }
        };
        Ok(Some(values))
    }

    /// Returns the columns of the channels in a header, or `None` if the model's channels have no names.
    fn header(&self, cells: &[&str]) -> Result<Option<(Vec<usize>, usize)>, String> {
        let cells: Vec<String> = cells.iter().map(|cell| unquoted(cell).to_owned()).collect();
        if self.names.is_empty() {
            if cells.len() == self.channels {
                return Ok(None);
            }
            let channels = self.channels;
            return Err(format!("expected {channels} columns, one per channel, found {}", listed(&cells)));
        }
        let place = |name: &String| {
            let found = cells.iter().position(|cell| cell == name);
            found.ok_or_else(|| {
                format!("expected a column for the channel {}, found {}", quoted(name), listed(&cells))
            })
        };
        Ok(Some((self.names.iter().map(place).collect::<Result<_, _>>()?, cells.len())))
    }
}

/// Returns the cells of a line, separated by commas or by white space.
fn cells(line: &str) -> Vec<&str> {
    if line.contains(',') {
        line.split(',').map(str::trim).collect()
    } else {
        line.split_whitespace().collect()
    }
}

fn unquoted(cell: &str) -> &str {
    cell.strip_prefix('"').and_then(|cell| cell.strip_suffix('"')).unwrap_or(cell)
}

/// Returns whether a cell can be the name of a column.
fn is_name(cell: &str) -> bool {
    let cell = unquoted(cell);
    cell.starts_with(|first: char| first.is_alphabetic() || first == '_') && cell.parse::<f64>().is_err()
}

fn number(cell: &str) -> Result<f64, String> {
    match cell.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        _ => Err(format!("expected a finite number, found {}", quoted(cell))),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn read(channels: usize, names: &[&str], lines: &[&str]) -> Result<Vec<Vec<f64>>, String> {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let mut samples = Samples::new(channels, &names);
        let mut found = Vec::new();
        for line in lines {
            found.extend(samples.next(line.as_bytes())?);
        }
        Ok(found)
    }

    #[test]
    fn samples_with_various_separators() {
        for line in
            ["1,-2.5,3e2", "1, -2.5 ,300\r\n", "1 -2.5\t300\n", "  1  -2.5  300", "\u{feff}1,-2.5,300"]
        {
            assert_eq!(read(3, &[], &[line]), Ok(vec![vec![1.0, -2.5, 300.0]]), "{line:?}");
        }
    }

    #[test]
    fn invalid_samples() {
        let mut samples = Samples::new(2, &[]);
        let mut check = |line: &[u8], expected: &Expect| expected.assert_eq(&samples.next(line).unwrap_err());
        check(b"1,two", &expect!["expected a finite number, found `two`"]);
        check(b"1,NaN", &expect!["expected a finite number, found `NaN`"]);
        check(b"1e999 1", &expect!["expected a finite number, found `1e999`"]);
        check(b"1,2,", &expect!["expected a finite number, found ``"]);
        check(b"1", &expect!["expected 2 values, one per channel, found 1"]);
        check(b"\n", &expect!["expected 2 values, one per channel, found 0"]);
        check(b"1,\xff", &expect!["expected numbers in UTF-8 text"]);
        check("\u{feff}1,2".as_bytes(), &expect!["expected a finite number, found `\\u{feff}1`"]);
        check(b"x,y", &expect!["expected a finite number, found `x`"]);
    }

    #[test]
    fn a_header_determines_the_columns_of_named_channels() {
        let lines = ["\u{feff}time,\"y\",x\r\n", "0.1,2,1\n", "0.2,4,3\n"];
        assert_eq!(read(2, &["x", "y"], &lines), Ok(vec![vec![1.0, 2.0], vec![3.0, 4.0]]));
        assert_eq!(read(2, &["x", "y"], &["2,1"]), Ok(vec![vec![2.0, 1.0]]));
        assert_eq!(read(2, &[], &["a b", "2 1"]), Ok(vec![vec![2.0, 1.0]]));
        let check = |names: &[&str], lines: &[&str], expected: &Expect| {
            expected.assert_eq(&read(2, names, lines).unwrap_err());
        };
        check(&["x", "y"], &["x,z"], &expect!["expected a column for the channel `y`, found x, z"]);
        check(&["x", "y"], &["x,y,z", "1,2"], &expect!["expected 3 columns as in the header, found 2"]);
        check(&[], &["x,y,z"], &expect!["expected 2 columns, one per channel, found x, y, z"]);
    }
}
