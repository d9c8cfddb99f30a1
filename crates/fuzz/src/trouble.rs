//! The kinds of trouble that a case can show, and how two of them are told apart.

use serde::{Deserialize, Serialize};

/// The kind of a trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum What {
    /// The code panicked.
    Panic,
    /// The process died.
    Abort,
    /// More memory than allowed.
    Memory,
    /// More processor time than allowed.
    Hang,
    /// A message that a terminal or a person cannot read.
    Message,
    /// A broken promise.
    Wrong,
}

impl What {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Panic => "panic",
            Self::Abort => "abort",
            Self::Memory => "memory",
            Self::Hang => "hang",
            Self::Message => "message",
            Self::Wrong => "wrong",
        }
    }
}

/// One trouble of one case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Trouble {
    pub(crate) what: What,
    /// Equal for troubles of the same cause, as far as that can be seen from outside.
    pub(crate) key: String,
    /// One line about what happened.
    pub(crate) detail: String,
}

impl Trouble {
    pub(crate) fn new(what: What, key: impl Into<String>, detail: &str) -> Self {
        Self { what, key: key.into(), detail: one_line(detail) }
    }

    pub(crate) fn is_like(&self, other: &Self) -> bool {
        self.what == other.what && self.key == other.key
    }
}

/// A text as one readable line of the report.
fn one_line(text: &str) -> String {
    let mut line: String = text.chars().take(300).flat_map(char::escape_debug).collect();
    if text.chars().nth(300).is_some() {
        line.push('…');
    }
    line
}

/// A message without what varies from input to input: numbers, quoted words and all after the first 60 characters.
pub(crate) fn skeleton(message: &str) -> String {
    let mut skeleton = String::new();
    let mut quote = None;
    for character in message.chars() {
        match (quote, character) {
            (Some(open), close) if open == close => quote = None,
            (Some(_), _) => {}
            (None, '`' | '"') => quote = Some(character),
            (None, c) if c.is_ascii_digit() => {
                if !skeleton.ends_with('0') {
                    skeleton.push('0');
                }
            }
            (None, c) if c.is_control() || !c.is_ascii() => skeleton.push('?'),
            (None, c) => skeleton.push(c),
        }
        if skeleton.len() >= 60 {
            break;
        }
    }
    skeleton
}

/// Most bytes of a readable message.
const LONGEST: usize = 500;

/// The reason why a message is not readable, if it is not.
pub(crate) fn unreadable(message: &str) -> Option<&'static str> {
    if message.is_empty() {
        return Some("empty");
    }
    if message.contains(['\n', '\r']) {
        return Some("several lines");
    }
    if message.chars().any(|c| c.is_control() || turns(c)) {
        return Some("control or direction characters");
    }
    if message.len() > LONGEST {
        return Some("above 500 bytes");
    }
    None
}

/// Whether a character changes the direction of writing or is invisible.
pub(crate) fn turns(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unreadable_messages() {
        assert_eq!(unreadable("a.csv: row 3: expected a number, found `x`"), None);
        assert_eq!(unreadable("a\nb"), Some("several lines"));
        assert_eq!(unreadable("a\u{1b}[2Jb"), Some("control or direction characters"));
        assert_eq!(unreadable("a\u{202e}b"), Some("control or direction characters"));
        assert_eq!(unreadable(&"x".repeat(501)), Some("above 500 bytes"));
        assert_eq!(unreadable(""), Some("empty"));
    }

    #[test]
    fn messages_that_differ_in_values_have_one_skeleton() {
        let of = |row: usize, cell: &str| skeleton(&format!("a.csv: row {row}: found `{cell}`"));
        assert_eq!(of(3, "x"), of(4711, "\u{1b}y"));
        assert_ne!(skeleton("a.csv: row 3"), skeleton("a.csv: column 3"));
    }
}
