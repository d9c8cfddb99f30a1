//! The kinds of trouble that a case can have, and how their causes are distinguished.

use serde::{Deserialize, Serialize};

/// The sort of a trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum What {
    /// The code panicked.
    Panic,
    /// The process crashed.
    Abort,
    /// Too much memory.
    Memory,
    /// Too much CPU time.
    Hang,
    /// A message that is not readable on a terminal.
    Message,
    /// A violated property.
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
    /// Equal for troubles with the same cause, as far as this can be determined from outside.
    pub(crate) key: String,
    /// Description, one line.
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

/// Formats a message as one readable line of the report.
fn one_line(text: &str) -> String {
    let mut line: String = text.chars().take(300).flat_map(char::escape_debug).collect();
    if text.chars().nth(300).is_some() {
        line.push('…');
    }
    line
}

/// Returns the first 60 characters of a message without the parts that vary between inputs: numbers and quotations.
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

/// Maximum length of a readable message, in bytes.
const LONGEST: usize = 500;

/// Returns the reason why a message is not readable, or `None` if it is.
pub(crate) fn unreadable(message: &str) -> Option<&'static str> {
    if message.is_empty() {
        return Some("empty");
    }
    if message.contains(['\n', '\r']) {
        return Some("several lines");
    }
    if message.chars().any(|c| c.is_control() || turns(c)) {
        return Some("control or bidirectional characters");
    }
    if message.len() > LONGEST {
        return Some("more than 500 bytes");
    }
    None
}

/// Whether a character changes the text direction or is invisible.
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
        assert_eq!(unreadable("a\u{1b}[2Jb"), Some("control or bidirectional characters"));
        assert_eq!(unreadable("a\u{202e}b"), Some("control or bidirectional characters"));
        assert_eq!(unreadable(&"x".repeat(501)), Some("more than 500 bytes"));
        assert_eq!(unreadable(""), Some("empty"));
    }

    #[test]
    fn messages_that_differ_in_values_have_one_skeleton() {
        let of = |row: usize, cell: &str| skeleton(&format!("a.csv: row {row}: found `{cell}`"));
        assert_eq!(of(3, "x"), of(4711, "\u{1b}y"));
        assert_ne!(skeleton("a.csv: row 3"), skeleton("a.csv: column 3"));
    }
}
