//! Wrong configs of every family, at every level: each gives one sentence that begins with the place
//! in the config, and none costs memory before it is refused.

#![allow(clippy::too_many_lines, reason = "tables of cases")]
#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

#[path = "../common/memory.rs"]
mod memory;
mod mobile;
mod resnet;
mod tcn;
mod unets;

use expect_test::{Expect, expect};
use factory::Factory;

/// Limit of the bytes allocated for a config that is refused.
const MOST: usize = 100_000_000;

/// The message of a config with one text replaced, and that neither time nor memory went into it.
fn check(config: &str, from: &str, to: &str, expected: &Expect) {
    assert!(config.contains(from), "{from:?}");
    let text = config.replacen(from, to, 1);
    let (message, peak) = memory::peak(|| Factory::builtin().build(&text).unwrap_err().to_string());
    assert!(peak < MOST, "{to:?} takes {peak} bytes before it is refused");
    let jargon = ["\n", "invalid type", ", expected", "variant", "struct ", "Value::", "usize", "u64", "f64"];
    assert!(!jargon.iter().any(|word| message.contains(word)), "{message}");
    expected.assert_eq(&message);
}

const TOP: &str = "
name: bad
input: { channels: 6, length: 100 }
classes: 4
architecture: resnet
params: { dropout: 0.1 }
";

#[test]
#[rustfmt::skip]
fn top() {
    let check = |from: &str, to: &str, expected: Expect| check(TOP, from, to, &expected);
    check("name: bad", "name: { a: 1 }", expect!["name: expected a string, found a mapping"]);
    check("name: bad", "name: ../escaped", expect![[r#"name: expected a name without `/`, `\` or control characters, found `../escaped`"#]]);
    check("name: bad", "name: .", expect!["name: expected a name that does not begin with a dot, found `.`"]);
    check("name: bad", &format!("name: {}", "x".repeat(300)), expect!["name: expected at most 100 characters, found 300"]);
    check("name: bad", r#"name: "a\nb""#, expect![[r#"name: expected a name without `/`, `\` or control characters, found `a\nb`"#]]);
    check("name: bad", "name: null", expect!["name: expected a string, found null"]);
    check("input: { channels: 6, length: 100 }\n", "", expect!["input: missing"]);
    check("input: { channels: 6, length: 100 }", "input: 6x100", expect![[r#"input: expected sizes, such as `{ channels: 6, length: 100 }` or `[6, 100]`, found "6x100""#]]);
    check("length: 100", "length: 100, height: 1, width: 3", expect!["input: expected either `length` (a series) or `height` and `width` (an image)"]);
    check("channels: 6", "channels: 0", expect!["input.channels: expected 1 to 16777216, found 0"]);
    check("params: { dropout: 0.1 }", "params: []", expect!["params: expected a mapping, found an empty list"]);
    check("params: { dropout: 0.1 }", "params: resnet18", expect![[r#"params: expected a mapping, found "resnet18""#]]);
    check("params: { dropout: 0.1 }", "trian: { epochs: 3 }", expect!["trian: unknown key; use `train`"]);
    check("params: { dropout: 0.1 }", "encoder: []", expect!["encoder: expected a mapping, found an empty list"]);
    check("classes: 4", "classes: !large 4", expect!["classes: expected a non-negative integer, found the tag `!large`"]);
    check("classes: 4", "2: 4", expect!["2: unknown key; known keys: name, input, classes, architecture, preset, params, encoder, data, train"]);
    check("channels: 6", "channels: .nan", expect!["input.channels: expected a finite number, found .nan"]);
    check("name: bad", "name: bad\nlist: [a", expect!["invalid YAML: did not find expected ',' or ']' at line 4 column 6, while parsing a flow sequence at line 3 column 7"]);
    check("name: bad\n", "name: bad\n---\n", expect!["invalid YAML: expected one document, found several; remove the lines `---` and `...`"]);
    check("name: bad", "name: bad\nname: good", expect![[r#"invalid YAML: line 2, column 1: the key "name" is given twice"#]]);
    check("name: bad", &format!("name: {}{}", "[".repeat(200), "]".repeat(200)), expect!["invalid YAML: line 2, column 71: expected at most 64 levels of lists and mappings, found more"]);
    check("name: bad", &repeated(), expect!["invalid YAML: line 2, column 4: expected aliases that add at most 101380 values and bytes, found more"]);
}

/// A list of ten lists of ten lists ..., ten million numbers from a few lines.
fn repeated() -> String {
    let list = |name: char| vec![format!("*{name}"); 10].join(", ");
    let lists = ('b'..='g').zip('a'..).map(|(name, of)| format!("{name}: &{name} [{}]\n", list(of)));
    format!("a: &a [{}]\n{}name: [{}]", ["1"; 10].join(", "), lists.collect::<String>(), list('g'))
}
