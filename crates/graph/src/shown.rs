//! Escaping and truncation of untrusted text in messages: names, keys, values and file names of users, and messages
//! of other libraries.
//!
//! Such text may contain terminal escapes or line breaks, or be very long. A message is always one readable line.

use std::fmt::Write;
use std::path::Path;

/// Maximum length of a quotation, in characters.
const LONGEST_QUOTE: usize = 60;
/// Maximum length of a name in a message, in characters. Paths may be twice as long.
const LONGEST_NAME: usize = 100;
/// Maximum length of a message, in bytes.
const LONGEST_MESSAGE: usize = 400;
/// Maximum number of names in a list.
const MOST_NAMES: usize = 12;

/// Quotes user data for a message: in backticks, on one line, at most 60 characters.
///
/// ```
/// assert_eq!(graph::quoted("a\nb"), r"`a\nb`");
/// ```
pub fn quoted(text: &str) -> String {
    format!("`{}`", start(text, LONGEST_QUOTE))
}

/// Formats a name for messages, terminals and pages: on one line, at most 100 characters, with control characters
/// and bidirectional formatting characters escaped.
///
/// ```
/// assert_eq!(graph::printable("walk\u{1b}[2J"), r"walk\u{1b}[2J");
/// ```
pub fn printable(name: &str) -> String {
    start(name, LONGEST_NAME)
}

/// Formats a path for messages: escaped like a [`printable`] name, with the beginning of a long path omitted.
pub fn shown_path(path: &Path) -> String {
    let text = path.display().to_string();
    let count = text.chars().count();
    if count <= 2 * LONGEST_NAME {
        return escaped(&text);
    }
    let end: String = text.chars().skip(count - 2 * LONGEST_NAME).collect();
    format!("…{}", escaped(&end))
}

/// Formats a message that may contain untrusted text: escaped, on one line, at most 400 bytes.
pub fn one_line(message: &str) -> String {
    let message = escaped(message.trim_end());
    if message.len() <= LONGEST_MESSAGE {
        return message;
    }
    let end = message.floor_char_boundary(LONGEST_MESSAGE - '…'.len_utf8());
    format!("{}…", &message[..end])
}

/// Formats a list of names: the first dozen, and the number of the others.
///
/// ```
/// assert_eq!(graph::listed(&["run", "walk"]), "run, walk");
/// ```
pub fn listed(names: &[impl AsRef<str>]) -> String {
    // The longest name in this project, `activity-efficientnetv2`, must not be truncated.
    const LONGEST: usize = 23;
    let shown: Vec<String> =
        names.iter().take(MOST_NAMES).map(|name| start(name.as_ref(), LONGEST)).collect();
    let shown = shown.join(", ");
    match names.len().checked_sub(MOST_NAMES) {
        None | Some(0) => shown,
        Some(more) => format!("{shown} and {more} more"),
    }
}

/// Formats the shape of an array from a file, which may have any number of axes.
pub(crate) fn shown_sizes(sizes: &[usize]) -> String {
    const MOST_AXES: usize = 8;
    match sizes.get(..MOST_AXES) {
        Some(first) if sizes.len() > MOST_AXES => {
            let first: Vec<String> = first.iter().map(ToString::to_string).collect();
            format!("[{}, …] of {} axes", first.join(", "), sizes.len())
        }
        _ => format!("{sizes:?}"),
    }
}

/// Formats several lines for pages: in full, with control characters and bidirectional formatting
/// characters escaped. Line breaks and tabs are kept.
///
/// ```
/// assert_eq!(graph::visible("a: 1\n# \u{202e}b\n"), "a: 1\n# \\u{202e}b\n");
/// ```
pub fn visible(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\t' => visible.push(character),
            character => push_escaped(&mut visible, character),
        }
    }
    visible
}

/// The first `most` characters of `text`, escaped.
fn start(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => escaped(text),
        Some((end, _)) => format!("{}…", escaped(&text[..end])),
    }
}

/// Escapes control characters, including line breaks, and bidirectional formatting characters.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        push_escaped(&mut escaped, character);
    }
    escaped
}

fn push_escaped(text: &mut String, character: char) {
    match character {
        '\n' => text.push_str("\\n"),
        '\r' => text.push_str("\\r"),
        '\t' => text.push_str("\\t"),
        c if is_hidden(c) => write!(text, "{}", c.escape_unicode()).expect("a string takes any text"),
        c => text.push(c),
    }
}

/// Whether a character moves the cursor, breaks the line or changes the text direction.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                // Noncharacters, which XML does not allow.
                | '\u{fffe}'
                | '\u{ffff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_truncated() {
        assert_eq!(quoted(&"x".repeat(61)), format!("`{}…`", "x".repeat(60)));
        assert_eq!(printable("a\u{202e}b\u{0}"), r"a\u{202e}b\u{0}");
        assert_eq!(printable("Gehen, 歩く"), "Gehen, 歩く");
        assert_eq!(one_line("two\nlines\n"), r"two\nlines");
        assert!(one_line(&"ä".repeat(1000)).len() <= LONGEST_MESSAGE);
        let path = format!("/{}/model.safetensors", "folder/".repeat(100));
        let shown = shown_path(Path::new(&path));
        assert!(shown.starts_with('…') && shown.ends_with("/model.safetensors"), "{shown}");
    }

    #[test]
    fn lists_end_after_a_dozen_names() {
        let names: Vec<String> = (0..15).map(|i| i.to_string()).collect();
        assert_eq!(listed(&names[..12]), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11");
        assert_eq!(listed(&names), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 3 more");
    }
}
