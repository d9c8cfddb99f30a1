//! Quoting of words in commands that users paste into a shell.

use std::ffi::OsStr;
use std::fmt::Write;

/// Quotes a word for a shell: unquoted if possible, otherwise in single quotes, or in `$'…'` if it has control
/// characters or is not UTF-8.
pub(crate) fn word(text: impl AsRef<OsStr>) -> String {
    let text = text.as_ref();
    match text.to_str() {
        Some(plain) if !plain.is_empty() && plain.chars().all(is_plain) => plain.to_owned(),
        // Characters that messages escape could not be copied from a terminal.
        Some(visible) if graph::escaped(visible) == visible => {
            format!("'{}'", visible.replace('\'', r"'\''"))
        }
        _ => escaped(text.as_encoded_bytes()),
    }
}

fn is_plain(character: char) -> bool {
    character.is_ascii_alphanumeric() || "_-./:=@%+,".contains(character)
}

fn escaped(bytes: &[u8]) -> String {
    let mut word = "$'".to_owned();
    for &byte in bytes {
        match byte {
            b'\'' | b'\\' => {
                word.push('\\');
                word.push(char::from(byte));
            }
            b' '..=b'~' => word.push(char::from(byte)),
            _ => write!(word, "\\{byte:03o}").expect("a string takes any text"),
        }
    }
    word.push('\'');
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_words_are_quoted() {
        assert_eq!(word("runs/watch-0"), "runs/watch-0");
        assert_eq!(word("my runs"), "'my runs'");
        assert_eq!(word("it's"), r"'it'\''s'");
        assert_eq!(word("a; rm -rf ~ $(id)"), "'a; rm -rf ~ $(id)'");
        assert_eq!(word(""), "''");
        assert_eq!(word("歩く"), "'歩く'");
        assert_eq!(word("a\n\u{1b}'\\"), r"$'a\012\033\'\\'");
    }

    #[cfg(unix)]
    #[test]
    fn a_shell_parses_the_quoted_words() {
        use std::os::unix::ffi::{OsStrExt, OsStringExt};
        let odd = std::ffi::OsString::from_vec(b"a\xff7 \n'\\$x".to_vec());
        for text in [OsStr::new("it's $HOME `id` \\ \"x\" *"), OsStr::new("~"), &odd] {
            let script = format!("printf %s {}", word(text));
            let output = std::process::Command::new("bash").args(["-c", &script]).output().unwrap();
            assert_eq!(OsStr::from_bytes(&output.stdout), text);
        }
    }
}
