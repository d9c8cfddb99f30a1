//! The page `docs/library.md` shows the examples as they are. `UPDATE_EXPECT=1` writes them into it.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Maximum number of lines of an example.
const MOST_LINES: usize = 59;
/// Maximum length of a line, so that none is cut off on a page.
const LONGEST_LINE: usize = 100;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

/// The names of the examples.
fn examples() -> BTreeSet<String> {
    let files = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

/// The code of an example without its first comment and attributes for clippy.
fn code(name: &str) -> String {
    let text = std::fs::read_to_string(folder().join(format!("{name}.rs"))).unwrap();
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
        let text = std::fs::read_to_string(folder().join(format!("{name}.rs"))).unwrap();
        let longest = text.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(text.lines().count() <= MOST_LINES && longest <= LONGEST_LINE, "{name}");
    }
}
