//! The environment of a user, for the commands that are run as a user would.

use std::process::Command;

/// Beginnings of the names of variables that cargo sets for this program, or that select another libtorch.
const PREFIXES: [&str; 4] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_ENCODED_", "LIBTORCH"];
/// Other variables that change what cargo builds, and where.
const NAMES: [&str; 3] = ["CARGO_TARGET_DIR", "RUSTFLAGS", "LD_LIBRARY_PATH"];

/// Removes the variables that a user who has just cloned the repository does not have.
pub(crate) fn clean(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if NAMES.contains(&text.as_ref()) || PREFIXES.iter().any(|prefix| text.starts_with(prefix)) {
            command.env_remove(&name);
        }
    }
}
