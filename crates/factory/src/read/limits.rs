//! Limits of a config's text, checked before the YAML library sees it. Its own limits are such that
//! 100 kB can cost minutes or gigabytes.

use crate::ConfigError;

use super::flow;

/// Most bytes of a config.
pub(crate) const LARGEST_TEXT: usize = 1 << 20;
/// Most levels of lists and mappings in a config.
pub(super) const DEEPEST: usize = 64;

/// An error of YAML's syntax.
pub(super) fn invalid(message: impl std::fmt::Display) -> ConfigError {
    ConfigError::new("", format!("invalid YAML: {message}"))
}

/// An error of YAML's syntax at a place in the text.
pub(super) fn invalid_at(line: usize, column: usize, message: impl std::fmt::Display) -> ConfigError {
    invalid(format!("line {line}, column {column}: {message}"))
}

/// The message about lists and mappings that are too deep.
pub(super) fn too_deep() -> String {
    format!("expected at most {DEEPEST} levels of lists and mappings, found more")
}

/// The text without a byte order mark, if the YAML library may see it.
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
