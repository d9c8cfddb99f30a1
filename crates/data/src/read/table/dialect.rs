//! The dialect of a table: separator, decimal character and header, determined from its first lines.

use super::header::{self, Header};
use super::number::{Content, content};
use super::rows::{Row, Rows};
use crate::read::text::{line, lines};

/// Separators that are tried, after the usual one for the file's extension.
const SEPARATORS: [char; 5] = [',', ';', '\t', '|', ' '];
/// The number of first lines that are examined, unless they are long.
const LINES: usize = 50;
/// No more lines are examined after this many lines that contain this much text, in bytes.
const FEWEST_LINES: usize = 5;
const ENOUGH_TEXT: usize = 32 << 10;
/// Maximum size of the text that is examined, in bytes.
const MOST_TEXT: usize = 4 << 20;
/// The number of cells of each row that determine the separator.
const CELLS: usize = 300;

/// Settings of a table in the config.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings<'a> {
    pub(super) separator: Option<char>,
    pub(super) decimal: Option<char>,
    pub(super) header: Option<bool>,
    pub(super) skip: Option<usize>,
    /// The usual separator for the file's extension.
    pub(super) usual_separator: char,
    /// The names of columns that the config refers to. If one is in the first row, this row is a header.
    pub(super) names: Vec<&'a str>,
}

/// The dialect of a table.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Dialect {
    /// The character between cells. A blank stands for any number of blanks and tabs.
    pub(super) separator: char,
    pub(super) decimal: char,
    pub(super) header: Option<Header>,
    /// The offset and the number of the first line of the table.
    pub(super) start: (usize, usize),
    /// Whether lines that begin with `#` are comments.
    pub(super) has_comments: bool,
    /// The number of rows before the data: the header, unless it is a comment, and rows of units.
    pub(super) leading_rows: usize,
    /// The number of lines that were skipped before the table.
    pub(super) skipped: usize,
}

/// The dialect of a table, and its first rows after the header.
pub(super) struct Sniffed {
    pub(super) dialect: Dialect,
    pub(super) sample: Vec<Row>,
}

/// Determines the dialect of a table from its settings and, where these leave it open, from its first lines.
pub(super) fn sniff(bytes: &[u8], settings: &Settings<'_>) -> Sniffed {
    let head = head(bytes, settings.skip.unwrap_or(0));
    let (start, declared) = beginning(head, settings.skip);
    let has_comments = settings.skip.is_none();
    let mut best: Option<Candidate> = None;
    for (separator, decimal) in candidates(&head[start.0..], settings, declared) {
        let rows = rows(head, start, separator, has_comments);
        let candidate = Candidate::new(separator, decimal, rows);
        if best.as_ref().is_none_or(|best| candidate.is_better(best)) {
            best = Some(candidate);
        }
    }
    let Candidate { separator, decimal, rows, .. } =
        best.unwrap_or_else(|| Candidate::new(settings.usual_separator, '.', Vec::new()));
    let found = header::find(&rows, decimal, settings);
    let mut header = found.header;
    if header.is_none()
        && has_comments
        && settings.header != Some(false)
        && let Some((number, text)) = last_comment_at_start(head, start)
    {
        header = header::in_comment(number, text, separator, rows.first());
    }
    let dialect = Dialect {
        separator,
        decimal,
        header,
        start,
        has_comments,
        leading_rows: found.leading_rows,
        skipped: start.1 - 1,
    };
    Sniffed { dialect, sample: rows.into_iter().skip(found.leading_rows).collect() }
}

/// A separator and a decimal character, with the first rows as split by them.
struct Candidate {
    separator: char,
    decimal: char,
    rows: Vec<Row>,
    /// The score of the rows after the first one.
    score: f64,
    /// The most frequent number of cells.
    width: usize,
    /// The score of all rows, which breaks ties.
    score_with_first: f64,
}

impl Candidate {
    fn new(separator: char, decimal: char, rows: Vec<Row>) -> Self {
        // The first row may be a header.
        let body = if rows.len() > 1 { &rows[1..] } else { &rows[..] };
        let width = usual_width(body);
        let (score, score_with_first) = (score(body, width, decimal), score(&rows, width, decimal));
        Self { separator, decimal, rows, score, width, score_with_first }
    }

    fn is_better(&self, other: &Self) -> bool {
        const SAME: f64 = 1e-9;
        if (self.score - other.score).abs() > SAME {
            return self.score > other.score;
        }
        if self.width != other.width {
            return self.width > other.width;
        }
        self.score_with_first > other.score_with_first + SAME
    }
}

/// Returns the share of rows that have `width` cells, times the share of their cells that are numbers.
fn score(rows: &[Row], width: usize, decimal: char) -> f64 {
    let (mut regular, mut cells, mut numbers) = (0, 0, 0);
    for row in rows {
        if row.len() != width {
            continue;
        }
        regular += 1;
        for cell in row.cells().take(CELLS) {
            cells += 1;
            numbers += usize::from(content(cell, decimal) != Content::Text);
        }
    }
    regular as f64 / rows.len().max(1) as f64 * numbers as f64 / cells.max(1) as f64
}

/// Returns the most frequent number of cells.
fn usual_width(rows: &[Row]) -> usize {
    let mut counts = std::collections::BTreeMap::new();
    for row in rows {
        *counts.entry(row.len()).or_insert(0usize) += 1;
    }
    counts.into_iter().max_by_key(|(width, count)| (*count, *width)).map_or(0, |(width, _)| width)
}

/// Returns the first lines of a table, after `skip` lines that may be anything.
fn head(bytes: &[u8], skip: usize) -> &[u8] {
    let mut end = 0;
    for line in lines(bytes) {
        if line.after > MOST_TEXT && end > 0 {
            break;
        }
        end = line.after.min(MOST_TEXT);
        let count = line.number.saturating_sub(skip);
        if count >= LINES || count >= FEWEST_LINES && end >= ENOUGH_TEXT {
            break;
        }
    }
    &bytes[..end]
}

/// Returns the place of the first line of the table, and the separator if a line such as `sep=;` declares it.
fn beginning(head: &[u8], skip: Option<usize>) -> ((usize, usize), Option<char>) {
    if let Some(skip) = skip {
        let skipped = lines(head).take(skip).last();
        return (skipped.map_or((0, 1), |line| (line.after, line.number + 1)), None);
    }
    let declared = line(head, 0, 1).and_then(|line| {
        let text = std::str::from_utf8(line.bytes).ok()?;
        let mut separator = text.strip_prefix("sep=")?.chars();
        let declared = separator.next()?;
        separator.next().is_none().then_some((declared, line.after))
    });
    match declared {
        Some((separator, after)) => ((after, 2), Some(separator)),
        None => ((0, 1), None),
    }
}

/// Returns the separators and decimal characters that are possible, the usual ones first.
fn candidates(text: &[u8], settings: &Settings<'_>, declared: Option<char>) -> Vec<(char, char)> {
    let separators: Vec<char> = match settings.separator.or(declared) {
        Some(separator) => vec![separator],
        None => {
            let usual = settings.usual_separator;
            let others = SEPARATORS.into_iter().filter(|other| *other != usual);
            let present = others.filter(|other| text.iter().any(|byte| char::from(*byte) == *other));
            std::iter::once(usual).chain(present).collect()
        }
    };
    let mut candidates = Vec::new();
    for separator in separators {
        match settings.decimal {
            Some(decimal) if decimal == separator && settings.separator.is_none() => {}
            Some(decimal) => candidates.push((separator, decimal)),
            None => {
                candidates.push((separator, '.'));
                if separator != ',' && text.contains(&b',') {
                    candidates.push((separator, ','));
                }
            }
        }
    }
    if candidates.is_empty() {
        // A single column of numbers with decimal commas.
        candidates.push((';', settings.decimal.unwrap_or('.')));
    }
    candidates
}

/// Returns the rows of the first lines, up to one that cannot be read.
fn rows(head: &[u8], start: (usize, usize), separator: char, has_comments: bool) -> Vec<Row> {
    let mut rows = Rows::new(head, start, separator).with_comments(has_comments);
    let mut found = Vec::new();
    let mut row = Row::default();
    while let Ok(true) = rows.next(&mut row) {
        found.push(row.clone());
    }
    found
}

/// Returns the last comment before the first row, with its number.
fn last_comment_at_start(head: &[u8], start: (usize, usize)) -> Option<(usize, &[u8])> {
    let mut comment = None;
    let mut place = start;
    while let Some(line) = line(head, place.0, place.1) {
        let text = line.bytes.trim_ascii_start();
        if text.starts_with(b"#") {
            comment = Some((line.number, text));
        } else if !text.is_empty() {
            break;
        }
        place = (line.after, line.number + 1);
    }
    comment
}

#[cfg(test)]
mod tests {
    use super::super::header::HeaderKind;
    use super::*;

    fn settings() -> Settings<'static> {
        Settings { usual_separator: ',', ..Settings::default() }
    }

    /// The separator, the decimal character, the row and names of the header, and the number of the first row.
    fn of(text: &str) -> (char, char, Option<(usize, Vec<String>)>, usize) {
        with(text, &settings())
    }

    fn with(text: &str, settings: &Settings<'_>) -> (char, char, Option<(usize, Vec<String>)>, usize) {
        let Sniffed { dialect, sample } = sniff(text.as_bytes(), settings);
        let header = dialect.header.map(|header| (header.row, header.names));
        (dialect.separator, dialect.decimal, header, sample.first().map_or(0, |row| row.number))
    }

    fn names(row: usize, names: &[&str]) -> Option<(usize, Vec<String>)> {
        Some((row, names.iter().map(|&name| name.to_owned()).collect()))
    }

    #[test]
    fn the_separator_is_the_one_that_gives_numbers() {
        for (text, separator, decimal) in [
            ("1.5,2,a\n3,4,b\n", ',', '.'),
            ("1, 2, a\n3, 4, b\n", ',', '.'),
            ("1.5;2;a\n3;4;b\n", ';', '.'),
            ("1,5;2,0;a\n3;4;b\n", ';', ','),
            ("1.5\t2\ta\n3\t4\tb\n", '\t', '.'),
            ("1,5\t2,0\ta\n3,5\t4\tb\n", '\t', ','),
            ("1.5|2|a\n3|4|b\n", '|', '.'),
            (" 1.5  2 a\n 3    4 b\n", ' ', '.'),
            ("1,5 2,5 a\n3,5 4,5 b\n", ' ', ','),
            ("2024-03-01 10:00:00,1,2\n2024-03-01 10:00:01,3,4\n", ',', '.'),
            ("2024-03-01 10:00:00\t1\t2\n2024-03-01 10:00:01\t3\t4\n", '\t', '.'),
            ("x;y;label\n", ';', '.'),
            ("1\n2\n3\n", ',', '.'),
            ("\"a;b;c\",1\n\"d;e;f\",2\n", ',', '.'),
            ("1,2,a\n1,2,3,a\n1,2,3,4,5,a\n", ',', '.'),
            ("1\t\t3\n4\t5\t6\n", '\t', '.'),
        ] {
            let found = of(text);
            assert_eq!((found.0, found.1), (separator, decimal), "{text:?}");
        }
    }

    #[test]
    fn names_above_numbers_are_a_header() {
        assert_eq!(of("x,y,label\n1,2,a\n").2, names(1, &["x", "y", "label"]));
        assert_eq!(of("'sample #','MLII','label'\n1,2,a\n").2, names(1, &["sample #", "MLII", "label"]));
        assert_eq!(of(",v,label\n1,2,a\n").2, names(1, &["", "v", "label"]));
        assert_eq!(of("°C,(x),%,label\n1,2,3,a\n").2, names(1, &["°C", "(x)", "%", "label"]));
        for text in ["1,2,a\n3,4,b\n", "x,2,a\n3,4,b\n", "1,oops,a\n3,4,b\n", "?,NaN,a\n3,4,b\n", "1,2,a\n"] {
            assert_eq!(of(text).2, None, "{text:?}");
        }
    }

    #[test]
    fn numbers_that_count_the_columns_are_a_header() {
        for text in [
            "0,1,2,3,4\n0.1,0.2,0.2,0.1,0.3\n",
            "0.0,1.0,2.0,3.0\n1,1,1,1\n2,2,2,2\n",
            ",0,1,2,3\n0,5,5,5,5\n1,6,6,6,6\n",
            "0,1\n0.5,a\n1.5,b\n",
            "label,0,1,2,3\n1,5,5,5,5\n2,6,6,6,6\n",
            "0,1,2,3,label\n5,5,5,5,a\n6,6,6,6,b\n5,5,5,5,a\n6,6,6,6,b\n",
            "10,20,30\n0.5,0.25,0.1\n0.5,0.25,0.1\n",
        ] {
            let header = sniff(text.as_bytes(), &settings()).dialect.header.map(|header| header.kind);
            assert_eq!(header, Some(HeaderKind::Numbers), "{text:?}");
        }
        for text in [
            "0,1\n1,2\n",
            "0,1,2\n1,2,3\n",
            "1,2,3,4\n5,6,7,8\n",
            "0,1,2,3\n",
            "0,1,2,3\n0,1,2,3\n",
            "0,1,2,3\n1,2,3,4\n",
            "0,1,2,3,a\n5,5,5,5,a\n6,6,6,6,b\n5,5,5,5,a\n6,6,6,6,b\n",
            "0,1,2,3,c\n5,5,5,5,a\n6,6,6,6,b\n",
            "1,0.5,0.25,0.5\n2,0.5,0.5,0.5\n",
        ] {
            assert_eq!(of(text).2, None, "{text:?}");
        }
    }

    #[test]
    fn comments_and_units_are_skipped() {
        assert_eq!(of("# device 7, 25 Hz\n1,2\n3,4\n"), (',', '.', None, 2));
        assert_eq!(of("# x,y\n1,2\n"), (',', '.', names(1, &["x", "y"]), 2));
        assert_eq!(of("x,y,label\ng,(m/s),-\n\n1,2,a\n"), (',', '.', names(1, &["x", "y", "label"]), 4));
        assert_eq!(of("x,y,label\noops,2,a\n3,4,b\n").3, 2, "data with a mistake");
        assert_eq!(of("sep=;\nx;y\n1,5;2\n"), (';', ',', names(2, &["x", "y"]), 3));
    }

    #[test]
    fn settings_take_precedence() {
        let text = "made by x\n#,y\n1,2\n";
        let skip = Settings { skip: Some(1), header: Some(true), ..settings() };
        assert_eq!(with(text, &skip), (',', '.', names(2, &["#", "y"]), 3));
        let none = Settings { header: Some(false), ..settings() };
        assert_eq!(with("x,y\n1,2\n", &none).2, None);
        let numbers = Settings { header: Some(true), ..settings() };
        assert_eq!(with("1,2\n3,4\n", &numbers).2, names(1, &["1", "2"]));
        let name = Settings { names: vec!["a"], ..settings() };
        assert_eq!(with("1,2,a\n3,4,b\n", &name).2, names(1, &["1", "2", "a"]));
        let semicolon = Settings { separator: Some(';'), ..settings() };
        assert_eq!(with("1,2;3,4\n", &semicolon).1, ',');
    }
}
