//! The page `docs/library.md` shows the examples as they are. `UPDATE_EXPECT=1` writes them into it.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Maximum number of lines of an example.
const MOST_LINES: usize = 59;
/// Maximum length of a line, so that none is cut off on a page.
const LONGEST_LINE: usize = 100;

/// The crates with examples that the page shows. Those that run without libtorch are in crates that do not link it.
const CRATES: [&str; 3] = ["engine", "examples", "predict"];

fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The examples as `crate/name`.
fn examples() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for package in CRATES {
        for entry in std::fs::read_dir(crates().join(package).join("examples")).unwrap() {
            let path = entry.unwrap().path();
            names.insert(format!("{package}/{}", path.file_stem().unwrap().to_str().unwrap()));
        }
    }
    names
}

fn text(name: &str) -> String {
    let (package, example) = name.split_once('/').unwrap();
    std::fs::read_to_string(crates().join(format!("{package}/examples/{example}.rs"))).unwrap()
}

/// The code of an example without its first comment and attributes for clippy.
fn code(name: &str) -> String {
    let text = text(name);
    let is_shown = |line: &&str| !line.starts_with("//!") && !line.starts_with("#!");
    let lines: Vec<&str> =
        text.lines().filter(is_shown).filter(|line| !line.starts_with("#[allow")).collect();
    lines.join("\n").trim().replace("pub fn main", "fn main")
}

#[test]
fn the_page_shows_every_example() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/library.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let mut parts = page.split("<!-- ");
    let mut expected = parts.next().unwrap().to_owned();
    let mut shown = BTreeSet::new();
    for part in parts {
        let (name, rest) = part.split_once(" -->\n").unwrap();
        let (_, rest) = rest.strip_prefix("```rust\n").unwrap().split_once("```\n").unwrap();
        expected.push_str(&format!("<!-- {name} -->\n```rust\n{}\n```\n{rest}", code(name)));
        shown.insert(name.to_owned());
    }
    assert_eq!(shown, examples());
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, &expected).unwrap();
    } else {
        assert!(
            page == expected,
            "docs/library.md differs from the examples; run this test with UPDATE_EXPECT=1"
        );
    }
}

#[test]
fn examples_are_short() {
    for name in examples() {
        let text = text(&name);
        let longest = text.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(text.lines().count() <= MOST_LINES && longest <= LONGEST_LINE, "{name}");
    }
}
