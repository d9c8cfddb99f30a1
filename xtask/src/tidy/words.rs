//! Plain English: banned phrases and British spellings, each with a replacement.

use proc_macro2::{TokenStream, TokenTree};

use super::Finding;
use super::tree::{TextFile, Tree};

/// A banned phrase with its exceptions and its replacement.
struct Phrase {
    phrase: &'static str,
    /// Preceding words that make the phrase acceptable.
    not_after: &'static [&'static str],
    /// Following words that make the phrase acceptable.
    not_before: &'static [&'static str],
    instead: &'static str,
}

const fn phrase(phrase: &'static str, instead: &'static str) -> Phrase {
    Phrase { phrase, not_after: &[], not_before: &[], instead }
}

/// The banned phrases.
const PHRASES: [Phrase; 17] = [
    phrase("is needed", "write `expected X, found Y`"),
    phrase("are needed", "write `expected X, found Y`"),
    phrase("; without", "write `if absent, …`, `by default` or ``If `None`, …``"),
    phrase(", without,", "write `by default`, or `unless X is given`"),
    Phrase {
        not_after: &["there"],
        not_before: &["longer", "more", "less", "doubt"],
        ..phrase("is no", "write `is not a`, or `expected X, found Y`")
    },
    phrase("puts out", "write `outputs`"),
    phrase("lets go", "write `drops` or `releases`"),
    phrase("told of", "write `reported`"),
    phrase("says of", "write what the function returns"),
    phrase("makes of", "write what the function does"),
    Phrase { not_before: &["than"], ..phrase("any more", "write `no longer`") },
    phrase("where none is said", "write `by default`"),
    phrase("is said", "write `is given`"),
    phrase("is none", "write `is absent`, `is empty` or `is not a`"),
    phrase("are others", "write `differ`"),
    Phrase {
        not_before: &["file", "files", "editor", "format", "table"],
        ..phrase("a text", "write `a string`")
    },
    phrase("slip of the pen", "write what the bound is for"),
];

/// Words that a doc comment must not begin with.
const OPENINGS: [&str; 4] = ["What", "How", "Where", "Who"];

/// The beginnings of words in British spelling, and the American ones.
const SPELLINGS: [(&str, &str); 19] = [
    ("colour", "color"),
    ("grey", "gray"),
    ("behaviour", "behavior"),
    ("neighbour", "neighbor"),
    ("favour", "favor"),
    ("honour", "honor"),
    ("initialis", "initializ"),
    ("normalis", "normaliz"),
    ("optimis", "optimiz"),
    ("organis", "organiz"),
    ("recognis", "recogniz"),
    ("serialis", "serializ"),
    ("summaris", "summariz"),
    ("generalis", "generaliz"),
    ("centre", "center"),
    ("labelled", "labeled"),
    ("labelling", "labeling"),
    ("cancelled", "canceled"),
    ("licence", "license"),
];

/// The endings of files that hold prose.
const PROSE: [&str; 5] = [".rs", ".md", ".yaml", ".yml", ".toml"];
/// The path of this file, which quotes the phrases it bans.
const OWN: &str = "xtask/src/tidy/words";

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &tree.files {
        let holds_prose = PROSE.iter().any(|ending| file.path.ends_with(ending));
        if holds_prose && !file.path.starts_with(OWN) {
            findings.extend(check_file(file));
        }
    }
    findings
}

fn check_file(file: &TextFile) -> Vec<Finding> {
    let mut findings = spellings(file);
    let prose = if file.path.ends_with(".rs") {
        let Ok(tokens) = file.text.parse::<TokenStream>() else { return findings };
        findings.extend(openings(file));
        without_code(&file.text, tokens)
    } else {
        file.text.clone()
    };
    let flow = Flow::of(&prose);
    for phrase in &PHRASES {
        for position in flow.find(phrase) {
            let place = format!("{}:{}", file.path, flow.lines[position]);
            findings.push(Finding::new(place, format!("found `{}`", phrase.phrase), phrase.instead));
        }
    }
    findings
}

/// Words in British spelling, identifiers included.
fn spellings(file: &TextFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, line) in file.text.lines().enumerate() {
        let line = line.to_lowercase();
        for (british, american) in SPELLINGS {
            let begins = |at: usize| !line[..at].ends_with(|c: char| c.is_alphabetic());
            if line.match_indices(british).any(|(at, _)| begins(at)) {
                let place = format!("{}:{}", file.path, number + 1);
                let found = format!("found `{british}`; write `{american}`");
                findings.push(Finding::new(place, found, "the spelling is American"));
            }
        }
    }
    findings
}

/// Doc comments that begin with a question word.
fn openings(file: &TextFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut before = "";
    for (number, line) in file.text.lines().enumerate() {
        let line = line.trim_start();
        for marker in ["///", "//!"] {
            let Some(text) = line.strip_prefix(marker) else { continue };
            let first = text.split_whitespace().next().unwrap_or_default();
            if !before.starts_with(marker) && OPENINGS.contains(&first) {
                let place = format!("{}:{}", file.path, number + 1);
                let instead = "begin with a noun phrase or a verb";
                findings.push(Finding::new(place, format!("a doc comment begins with `{first}`"), instead));
            }
        }
        before = line;
    }
    findings
}

/// A Rust file's comments and strings, code as `\0`.
fn without_code(text: &str, tokens: TokenStream) -> String {
    let mut bytes = text.as_bytes().to_vec();
    blank(text, tokens, &mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

fn blank(text: &str, tokens: TokenStream, bytes: &mut [u8]) {
    for token in tokens {
        let range = match &token {
            TokenTree::Group(group) => {
                blank(text, group.stream(), bytes);
                continue;
            }
            token => token.span().byte_range(),
        };
        let source = &text[range.clone()];
        let is_comment = source.starts_with("//") || source.starts_with("/*");
        let is_string = matches!(token, TokenTree::Literal(_)) && source.contains('"');
        if !is_comment && !is_string {
            bytes[range].fill(0);
        }
    }
}

/// Prose in which line breaks and comment markers are one space, and paragraphs end in a line break.
struct Flow {
    text: String,
    /// The line of each byte.
    lines: Vec<usize>,
}

impl Flow {
    fn of(prose: &str) -> Self {
        let mut flow = Self { text: String::new(), lines: Vec::new() };
        for (number, line) in prose.lines().enumerate() {
            let line = line.trim();
            let line =
                ["///", "//!", "//", "#"].iter().find_map(|marker| line.strip_prefix(marker)).unwrap_or(line);
            let line = line.trim().trim_end_matches('\\').trim_end();
            flow.text.push_str(line);
            flow.text.push(if line.is_empty() { '\n' } else { ' ' });
            flow.lines.resize(flow.text.len(), number + 1);
        }
        flow
    }

    /// The positions of the phrase as whole words, except where it is acceptable.
    fn find(&self, phrase: &Phrase) -> Vec<usize> {
        let mut found = Vec::new();
        for (start, _) in self.text.match_indices(phrase.phrase) {
            let (before, after) = (&self.text[..start], &self.text[start + phrase.phrase.len()..]);
            let begins =
                !phrase.phrase.starts_with(char::is_alphabetic) || !before.ends_with(char::is_alphanumeric);
            let ends =
                !phrase.phrase.ends_with(char::is_alphabetic) || !after.starts_with(char::is_alphanumeric);
            let last = before.split_whitespace().next_back().unwrap_or_default().to_lowercase();
            let next =
                after.split(|c: char| !c.is_alphanumeric()).find(|word| !word.is_empty()).unwrap_or_default();
            let excepted = phrase.not_after.contains(&last.as_str()) || phrase.not_before.contains(&next);
            if begins && ends && !excepted {
                found.push(start);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn tidy(path: &str, text: &str, expected: &Expect) {
        let findings = check(&Tree::of(&[(path, text)]));
        expected.assert_eq(&findings.iter().map(|finding| format!("{finding}\n")).collect::<String>());
    }

    #[test]
    fn phrases_in_comments_and_strings() {
        let text = "//! A graph is\n//! needed.\n/// Threads; without, one.\nfn f() {\n    // x is no number\n    \
                    let a = \"it puts \\\n        out\";\n    /* is none */\n}\n";
        tidy(
            "a/src/lib.rs",
            text,
            &expect![[r#"
            a/src/lib.rs:1: found `is needed`; write `expected X, found Y`
            a/src/lib.rs:3: found `; without`; write `if absent, …`, `by default` or ``If `None`, …``
            a/src/lib.rs:5: found `is no`; write `is not a`, or `expected X, found Y`
            a/src/lib.rs:6: found `puts out`; write `outputs`
            a/src/lib.rs:8: found `is none`; write `is absent`, `is empty` or `is not a`
        "#]],
        );
    }

    #[test]
    fn phrases_in_documents() {
        tidy(
            "docs/a.md",
            "A number is needed,\nor it is\nsaid.\n",
            &expect![[r#"
            docs/a.md:1: found `is needed`; write `expected X, found Y`
            docs/a.md:2: found `is said`; write `is given`
        "#]],
        );
        tidy(
            "models/a.yaml",
            "# a text\nname: a\n",
            &expect![[r#"
            models/a.yaml:1: found `a text`; write `a string`
        "#]],
        );
    }

    #[test]
    fn spellings_and_openings() {
        tidy(
            "a/src/lib.rs",
            "/// What a block is.\n/// How it is.\nfn colour_of() {}\n",
            &expect![[r#"
            a/src/lib.rs:3: found `colour`; write `color`; the spelling is American
            a/src/lib.rs:1: a doc comment begins with `What`; begin with a noun phrase or a verb
        "#]],
        );
    }

    #[test]
    fn allowed() {
        let text = "/// Whether there is no file; a weight that is no longer finite is in a text file.\n///\n\
                    /// What follows is not the first line.\nfn is_needed(is: bool, no: bool) {}\n";
        tidy("a/src/lib.rs", text, &expect![]);
        tidy("a/data.csv", "is needed", &expect![]);
        tidy("docs/a.md", "It is\n\nneeded.", &expect![]);
    }
}
