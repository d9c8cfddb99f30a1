//! One line of a graph's text, read from left to right.

use super::ParseError;
use crate::{Extent, Padding, one_line};

/// The rest of a line. Every method skips the spaces before what it reads.
#[derive(Clone)]
pub(super) struct Line<'t> {
    number: usize,
    text: &'t str,
    /// The byte at which the rest begins.
    start: usize,
}

impl<'t> Line<'t> {
    pub(super) fn new(number: usize, text: &'t str) -> Self {
        Self { number, text, start: 0 }
    }

    /// The error that this place has `message`.
    pub(super) fn refuse(&self, message: &str) -> ParseError {
        let spaces = self.rest().len() - self.rest().trim_start().len();
        let column = self.text[..self.start + spaces].chars().count() + 1;
        ParseError { line: self.number, column, message: one_line(message) }
    }

    pub(super) fn is_blank(&self) -> bool {
        self.rest().trim().is_empty()
    }

    /// Nothing but spaces.
    pub(super) fn end(&self) -> Result<(), ParseError> {
        if self.is_blank() { Ok(()) } else { Err(self.expected("the end of the line")) }
    }

    /// Reads `token` if it is next. A token of letters must not go on as a longer word.
    pub(super) fn take(&mut self, token: &str) -> bool {
        let Some(after) = self.rest().trim_start().strip_prefix(token) else { return false };
        if token.ends_with(is_of_word) && after.starts_with(|c| is_of_word(c) || c == '=') {
            return false;
        }
        self.start = self.text.len() - after.len();
        true
    }

    pub(super) fn expect(&mut self, token: &str) -> Result<(), ParseError> {
        if self.take(token) { Ok(()) } else { Err(self.expected(&format!("`{token}`"))) }
    }

    /// Letters, digits and underscores; empty if something else is next.
    pub(super) fn word(&mut self) -> &'t str {
        self.run(is_of_word)
    }

    /// Everything up to the next space.
    pub(super) fn unspaced(&mut self) -> &'t str {
        self.run(|c| !c.is_whitespace())
    }

    /// A name in quotes. Names hold no quotes themselves.
    pub(super) fn name(&mut self) -> Result<&'t str, ParseError> {
        let start = self.clone();
        self.expect("\"")?;
        let Some((name, after)) = self.rest().split_once('"') else {
            return Err(start.refuse("expected a second quote after the name, found the end of the line"));
        };
        self.start = self.text.len() - after.len();
        Ok(name)
    }

    /// `name=value`, the value read by `read`.
    pub(super) fn attribute<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Self) -> Result<T, ParseError>,
    ) -> Result<T, ParseError> {
        self.expect(&format!("{name}="))?;
        read(self)
    }

    /// As [`Line::attribute`], if it is next.
    pub(super) fn optional<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Self) -> Result<T, ParseError>,
    ) -> Result<Option<T>, ParseError> {
        if self.take(&format!("{name}=")) { read(self).map(Some) } else { Ok(None) }
    }

    /// One of some words.
    pub(super) fn choice<T: Copy>(&mut self, choices: &[(&str, T)]) -> Result<T, ParseError> {
        for (word, meaning) in choices {
            if self.take(word) {
                return Ok(*meaning);
            }
        }
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        Err(self.expected(&format!("one of {}", words.join(", "))))
    }

    pub(super) fn whole(&mut self) -> Result<usize, ParseError> {
        let start = self.clone();
        let digits = self.run(|c| c.is_ascii_digit());
        digits.parse().map_err(|_| start.expected("a whole number"))
    }

    pub(super) fn real(&mut self) -> Result<f64, ParseError> {
        let start = self.clone();
        self.unspaced().parse().map_err(|_| start.expected("a number"))
    }

    /// `3` or `[3, 5]`.
    pub(super) fn extent(&mut self) -> Result<Extent, ParseError> {
        if !self.take("[") {
            return self.whole().map(Extent::All);
        }
        let height = self.whole()?;
        self.expect(",")?;
        let width = self.whole()?;
        self.expect("]")?;
        Ok(Extent::Each(height, width))
    }

    /// A name, `3` for both sides, or `3+4`.
    pub(super) fn padding(&mut self) -> Result<Padding, ParseError> {
        for (name, padding) in Padding::NAMED {
            if self.take(name) {
                return Ok(padding);
            }
        }
        if !self.rest().trim_start().starts_with(|c: char| c == '[' || c.is_ascii_digit()) {
            return Err(self.expected("same, symmetric, causal, valid or numbers"));
        }
        let before = self.extent()?;
        let after = if self.take("+") { self.extent()? } else { before };
        Ok(Padding::Explicit { before, after })
    }

    fn rest(&self) -> &'t str {
        &self.text[self.start..]
    }

    fn run(&mut self, belongs: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest().trim_start();
        let end = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        self.start = self.text.len() - (rest.len() - end);
        &rest[..end]
    }

    /// The error that something else than `what` is next.
    fn expected(&self, what: &str) -> ParseError {
        const LONGEST: usize = 60;
        let found: String = self.rest().trim().chars().take(LONGEST).collect();
        let found = if found.is_empty() { "the end of the line".to_owned() } else { format!("`{found}`") };
        self.refuse(&format!("expected {what}, found {found}"))
    }
}

fn is_of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}
