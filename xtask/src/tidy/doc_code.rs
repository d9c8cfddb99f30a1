//! Code in doc comments is not cut off on a page of ordinary width.

use super::Finding;
use super::tree::{TextFile, Tree};

/// Largest number of characters in a line.
const LONGEST: usize = 100;

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    tree.sources().filter(|file| !file.is_test()).flat_map(long_lines).collect()
}

fn long_lines(file: &TextFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut in_code = false;
    for (number, line) in file.text.lines().enumerate() {
        let line = line.trim_start();
        let Some(text) = line.strip_prefix("//!").or_else(|| line.strip_prefix("///")) else {
            in_code = false;
            continue;
        };
        let text = text.strip_prefix(' ').unwrap_or(text);
        let length = text.chars().count();
        if text.starts_with("```") {
            in_code = !in_code;
        } else if in_code && length > LONGEST {
            let place = format!("{}:{}", file.path, number + 1);
            let found = format!("code of {length} characters");
            let rule = "write lines of at most 100, because pages cut off longer ones";
            findings.push(Finding::new(place, found, rule));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_code_and_long_prose() {
        let long = "x".repeat(101);
        let text = format!(
            "//! {long}\n//! ```\n//! {long}\n//! ```\n    /// ```\n    /// {}\nfn f() {{}}\n",
            &long[1..]
        );
        let findings = check(&Tree::of(&[("crates/x/src/lib.rs", &text)]));
        let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
        let rule = "write lines of at most 100, because pages cut off longer ones";
        assert_eq!(lines, [format!("crates/x/src/lib.rs:3: code of 101 characters; {rule}")]);
    }
}
