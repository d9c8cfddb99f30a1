//! Lists of class names.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use graph::{FieldError, listed, quoted};

use crate::error::expected;

/// Maximum number of classes. More are almost certainly numeric targets that are read as classes.
pub(crate) const MOST_CLASSES: usize = 1 << 16;
/// Maximum length of a class name in a file, in bytes. A longer one is almost certainly an unclosed quote.
const LONGEST_NAME: usize = 1000;

/// Checks the number of classes, and that class names are unique. The path of the error is relative to
/// `classes`.
pub(crate) fn check(classes: &[String]) -> Result<(), FieldError> {
    if classes.len() > MOST_CLASSES {
        return Err(FieldError::new("", too_many(classes.len())));
    }
    let mut found = BTreeSet::new();
    for (i, class) in classes.iter().enumerate() {
        if !found.insert(class) {
            let message = format!("the class {} appears twice", quoted(class));
            return Err(FieldError::new("", message).at_index(i));
        }
    }
    Ok(())
}

/// Checks the length of a class name in a file.
pub(crate) fn check_name(name: &str) -> Result<(), String> {
    if name.len() <= LONGEST_NAME {
        return Ok(());
    }
    let found = format!("one of {} bytes, {}; look for an unclosed quote", name.len(), quoted(name));
    Err(expected(format!("a class name of at most {LONGEST_NAME} bytes"), found))
}

/// Returns the message about more than [`MOST_CLASSES`] classes.
pub(crate) fn too_many(found: impl std::fmt::Display) -> String {
    let most = format!("at most {MOST_CLASSES} classes");
    expected(most, format!("{found}; for numeric targets, set `task: regression`"))
}

/// Returns the message about a class that is not among the `known` classes.
pub(crate) fn unknown(name: &str, known: &[String]) -> String {
    format!("unknown class {}, expected one of {}", quoted(name), listed(known))
}

/// Returns the index of each name in a list without repetitions.
pub(crate) fn indices(names: &[String]) -> BTreeMap<&str, usize> {
    names.iter().enumerate().map(|(index, name)| (name.as_str(), index)).collect()
}

/// Sorts class names. Integers come first and are sorted by value.
pub(crate) fn sort(names: &mut [String]) {
    names.sort_by(|a, b| match (a.parse::<i64>(), b.parse::<i64>()) {
        (Ok(a), Ok(b)) => a.cmp(&b),
        (Ok(_), Err(_)) => Ordering::Less,
        (Err(_), Ok(_)) => Ordering::Greater,
        (Err(_), Err(_)) => a.cmp(b),
    });
}
