//! Any text of 100 kB is read, or refused in one line, with little memory.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

#[path = "../common/memory.rs"]
mod memory;
mod sizes;
mod texts;

use expect_test::{Expect, expect};
use factory::{Document, Factory};

use memory::peak;

const LENGTH: usize = 100_000;

/// Maximum number of bytes allocated for it.
const MOST: usize = 200_000_000;

/// Builds a model and reads its sections; returns the message if the config is refused.
fn message(text: &str) -> Option<String> {
    let shown = &text[..text.floor_char_boundary(40)];
    let read = || {
        let sections = [
            Factory::section::<data::Config>(text, "data").err(),
            Factory::section::<train::Config>(text, "train").err(),
            Document::parse(text).and_then(|document| document.read::<serde_yaml::Value>()).err(),
        ];
        (Factory::builtin().build(text).err(), sections)
    };
    let ((error, sections), peak) = peak(read);
    assert!(peak < MOST, "{shown:?}… takes {peak} bytes");
    for error in sections.iter().chain([&error]).flatten() {
        let message = error.to_string();
        assert!(message.len() <= 500 && !message.contains(char::is_control), "{message:?}");
    }
    error.map(|error| error.to_string())
}

/// Repeats `unit`.
fn filled(unit: &str) -> String {
    unit.repeat(LENGTH / unit.len())
}

#[track_caller]
fn check(text: &str, expected: &Expect) {
    expected.assert_eq(&message(text).unwrap());
}

#[test]
fn texts_that_are_not_one_config() {
    check("", &expect!["expected a config, such as `name: …`, found nothing"]);
    check("# only a comment\n---\n", &expect!["expected a config, such as `name: …`, found nothing"]);
    check(
        "a: 1\n---\nb: 1\n",
        &expect!["invalid YAML: expected one document, found several; remove the lines `---` and `...`"],
    );
    check("\u{feff}nmae: 1", &expect!["nmae: unknown key; use `name`"]);
    check(
        "name: a\n\"b\u{1b}[2J\": 1",
        &expect![[r#"invalid YAML: line 2, column 3: expected text, found the control character \u{1b}"#]],
    );
    check(
        "%TAG ! tag:example.com,2000:\n---\na: !b 1",
        &expect!["invalid YAML: line 1, column 1: `%TAG` directives are not supported"],
    );
    check("name: a\nname: b", &expect![[r#"invalid YAML: line 1, column 1: the key "name" is given twice"#]]);
    check("1.5: a", &expect!["invalid YAML: line 1, column 1: expected a string key, found 1.5"]);
    check("[a]: b", &expect!["invalid YAML: line 1, column 1: expected a string key, found a list of 1"]);
    check("a: *b", &expect!["invalid YAML: unknown anchor at line 1 column 4"]);
    check(&"x".repeat((1 << 20) + 1), &expect!["expected a config of at most 1048576 bytes, found 1048577"]);
}

#[test]
fn deep_texts() {
    check(
        &filled("["),
        &expect![
            "invalid YAML: line 1, column 65: expected at most 64 levels of lists and mappings, found more"
        ],
    );
    check(
        &filled("{a: "),
        &expect![
            "invalid YAML: line 1, column 257: expected at most 64 levels of lists and mappings, found more"
        ],
    );
    check(
        &filled("- "),
        &expect![
            "invalid YAML: line 1, column 129: expected at most 64 levels of lists and mappings, found more"
        ],
    );
    check(
        &filled("? "),
        &expect![
            "invalid YAML: line 1, column 129: expected at most 64 levels of lists and mappings, found more"
        ],
    );
    check(
        &filled("!a "),
        &expect!["invalid YAML: did not find expected <document start> at line 1 column 4"],
    );
    let indented: String = (0..400).map(|level| " ".repeat(level) + "a:\n").collect();
    check(
        &indented,
        &expect![
            "invalid YAML: line 65, column 65: expected at most 64 levels of lists and mappings, found more"
        ],
    );
}

#[test]
fn aliases_repeat_little() {
    let list = format!("a: &a [{}1]\n", "1, ".repeat(20_000));
    check(
        &format!("{list}b: [{}1]", "*a, ".repeat(10_000)),
        &expect![
            "invalid YAML: line 2, column 4: expected aliases that add at most 400048 values and bytes, found more"
        ],
    );
    let word = format!("a: &a {}\n", "x".repeat(LENGTH / 2));
    check(
        &format!("{word}b: [{}1]", "*a, ".repeat(10_000)),
        &expect![
            "invalid YAML: line 1, column 4: expected aliases that add at most 370039 values and bytes, found more"
        ],
    );
    let mut laughs = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n".to_owned();
    for level in 1..10 {
        laughs += &format!("a{level}: &a{level} [{}1]\n", format!("*a{}, ", level - 1).repeat(9));
    }
    check(
        &laughs,
        &expect![
            "invalid YAML: line 1, column 5: expected aliases that add at most 101656 values and bytes, found more"
        ],
    );
}

#[test]
fn usual_anchors_and_aliases_are_allowed() {
    let text = "
        name: a
        input: { channels: 6, length: 100 }
        architecture: resnet
        params: { stages: [&stage { channels: 8, depth: 1 }, *stage, *stage] }
    ";
    assert_eq!(message(text), None);
    assert_eq!(message(&format!("\u{feff}{text}")), None);
}

#[test]
fn a_document_may_be_large_but_not_its_message() {
    let text = format!("a: [{}]\n? '{}'\n: 1", "x, ".repeat(1000), "k\u{202e}".repeat(10_000));
    let error = Document::parse(&text).unwrap().read::<std::collections::BTreeMap<String, usize>>();
    assert_eq!(error.unwrap_err().to_string(), "a: expected a non-negative integer, found a list of 1000");
    message(&text);
}

#[test]
fn aliases_of_aliases_are_limited_in_short_texts_too() {
    let mut laughs = "a0: &a0 [1]\n".to_owned();
    for level in 1..12 {
        laughs += &format!("a{level}: &a{level} [*a{0}, *a{0}, *a{0}]\n", level - 1);
    }
    check(
        &laughs,
        &expect!["invalid YAML: expected aliases that repeat fewer values, found aliases within aliases"],
    );
}
