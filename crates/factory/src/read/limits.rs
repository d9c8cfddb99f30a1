//! Limits on the text of a config, checked before the YAML library parses it. With the library's own limits, 100 kB
//! can take minutes or gigabytes.

use crate::ConfigError;

use super::flow;

/// Maximum size of a config, in bytes.
pub(crate) const LARGEST_TEXT: usize = 1 << 20;
/// Maximum number of nested lists and mappings in a config.
pub(super) const DEEPEST: usize = 64;

/// A syntax error in the YAML.
pub(super) fn invalid(message: impl std::fmt::Display) -> ConfigError {
    ConfigError::new("", format!("invalid YAML: {message}"))
}

/// A syntax error in the YAML, with its line and column.
pub(super) fn invalid_at(line: usize, column: usize, message: impl std::fmt::Display) -> ConfigError {
    invalid(format!("line {line}, column {column}: {message}"))
}

/// Returns the message about lists and mappings that are nested too deeply.
pub(super) fn too_deep() -> String {
    format!("expected at most {DEEPEST} levels of lists and mappings, found more")
}

/// Checks the text. Returns it without a byte order mark.
pub(super) fn check(text: &str) -> Result<&str, ConfigError> {
    if text.len() > LARGEST_TEXT {
        let message = format!("expected a config of at most {LARGEST_TEXT} bytes, found {}", text.len());
        return Err(ConfigError::new("", message));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (at, character) in text.char_indices() {
        if character.is_control() && character != '\t' && !flow::is_break(character) {
            let found = character.escape_unicode();
            return Err(at_byte(text, at, &format!("expected text, found the control character {found}")));
        }
        // Each use of a declared tag repeats its prefix, which may be long.
        let begins_line = text[..at].chars().next_back().is_none_or(flow::is_break);
        if character == '%' && begins_line && text[at..].starts_with("%TAG") {
            return Err(at_byte(text, at, "`%TAG` directives are not supported"));
        }
    }
    match flow::too_deep(text, DEEPEST) {
        Some(at) => Err(at_byte(text, at, &too_deep())),
        None => Ok(text),
    }
}

fn at_byte(text: &str, at: usize, message: &str) -> ConfigError {
    let before = &text[..at];
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|character| *character != '\n').count() + 1;
    invalid_at(line, column, message)
}
