//! Names of models, which become file names, folder names and words of commands.

use graph::{FieldError, printable, quoted};

/// Maximum length of the name of a model, in characters.
pub const LONGEST_NAME: usize = 100;

/// Checks the field `name` of a config.
///
/// ```
/// assert!(factory::check_name("activity-resnet").is_ok());
/// assert!(factory::check_name("../runs").is_err());
/// ```
///
/// # Errors
/// If the name is blank, has more than 100 characters, begins with a dot, or contains `/`, `\`, a control
/// character or a bidirectional formatting character.
pub fn check_name(name: &str) -> Result<(), FieldError> {
    let expected = |what: &str, found: String| Err(FieldError::expected("name", what, found));
    let length = name.chars().count();
    if length > LONGEST_NAME {
        return expected(&format!("at most {LONGEST_NAME} characters"), length.to_string());
    }
    if name.trim().is_empty() {
        return expected("at least one letter or digit", quoted(name));
    }
    // Characters that messages have to escape change how a terminal or a page shows the text around them.
    if name.contains(['/', '\\']) || printable(name) != name {
        return expected("a name without `/`, `\\` or control characters", quoted(name));
    }
    if name.starts_with('.') {
        return expected("a name that does not begin with a dot", quoted(name));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check_name;

    #[test]
    fn unsafe_names_are_refused() {
        let long = "x".repeat(101);
        let names =
            ["", " ", "\t", ".", "..", ".hidden", "../x", "a/b", "a\\b", "a\nb", "\u{1b}[2J", "\u{202e}a"];
        for name in names.into_iter().chain([long.as_str()]) {
            let error = check_name(name).map_err(|error| error.to_string());
            assert!(
                error.as_ref().is_err_and(|text| text.starts_with("name: expected ")),
                "{name:?} {error:?}"
            );
        }
        for name in ["a", "activity resnet 2.0", "Gehen-歩く", "a; rm -rf", &"ä".repeat(100)] {
            assert_eq!(check_name(name), Ok(()));
        }
    }
}
