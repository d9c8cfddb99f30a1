//! Generated texts: a unit repeated after each beginning, numbered units, random tokens.

use crate::{LENGTH, filled, message};

const UNITS: &str = r#"a|a |a\n|\n| |\t|#|# \n|-|-\n|- -\n|?|?\n|:|:\n|a:\n|: |? - |- ? |[]|[]\n|{}|{},|[],|[?,|[:,|[a, [b], |]|}|,|'|''|'a'|"|"\\|""|\\L|&|&a |&a\n|*a |*a\n|!|! |!a |!!a |!<a> |>\n|%|%YAML 1.1\n|---\n|--- a\n|...\n|<<: |@|`|1|1e|0x|é|\r|\r\n|a: 1\n|- a: 1\n|- [1, 2]\n|- {a: 1}\n|name: a\n|- 1.5\n|1.5: 1\n|a#|a:b|a?"#;

const BEGINNINGS: [&str; 12] =
    ["", "[", "{", "a: ", "a: [", "a: {", "- ", "\"", "'", "a: |\n ", "? ", "a: >-\n\t"];

#[test]
fn units_in_any_number_are_read_or_refused() {
    for unit in UNITS.split('|') {
        let unit = unit.replace("\\n", "\n").replace("\\r", "\r").replace("\\t", "\t").replace("\\\\", "\\");
        for beginning in BEGINNINGS {
            message(&format!("{beginning}{}", filled(&unit)));
        }
    }
    for unit in ["|\n", "|\n a\n", "|-\n", "\u{2028}"] {
        message(&filled(unit));
    }
}

/// Numbered parts, with about the length of the other texts.
fn numbered(part: impl Fn(usize) -> String) -> String {
    (0..LENGTH / part(99).len()).map(part).collect()
}

#[test]
fn keys_anchors_and_items_in_any_number_are_read_or_refused() {
    let list = |items: String| format!("a: [{items}1]");
    message(&list("1,".repeat(LENGTH / 2)));
    message(&list(numbered(|i| format!("&a{i} 1, "))));
    message(&list(numbered(|i| format!("{{a{i}}}, "))));
    message(&list(numbered(|i| format!("[{i}], "))));
    message(&numbered(|i| format!("a{i}: &a{i} 1\n")));
    message(&numbered(|i| format!("{i}.5: 1\n")));
    message(&numbered(|i| format!("{i}: 1\n")));
    message(&format!("{{{}}}", numbered(|i| format!("{i}.5, "))));
}

#[test]
fn long_scalars_are_read_or_refused() {
    message(&format!("a:{}{}", " ".repeat(LENGTH / 2), "a b ".repeat(LENGTH / 8)));
    message(&format!("a: '{}{}'", "\n".repeat(LENGTH / 2), "a \n b ".repeat(LENGTH / 12)));
    message(&format!("a: |\n{}", numbered(|i| format!("{}a\n", " ".repeat(1 + i % 100)))));
    message(&format!("{}: 1", "k".repeat(LENGTH)));
    message(&format!("? {}\n: 1", "k".repeat(LENGTH)));
}

/// A generator of numbers below a bound, the same on every machine.
fn numbers(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed;
    move |bound| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % bound
    }
}

#[test]
fn texts_of_random_tokens_are_read_or_refused() {
    let tokens = [
        "[",
        "]",
        "{",
        "}",
        ",",
        ": ",
        ":",
        "- ",
        "-",
        "? ",
        "?",
        "a",
        "b: ",
        "'",
        "\"",
        "#",
        " # ",
        "\n",
        "\n  ",
        "  ",
        "&a ",
        "*a ",
        "!t ",
        "|\n",
        ">\n",
        "1",
        "-1",
        "1.5",
        "~",
        "\\",
        "name: x\n",
        "\t",
        "é",
        "%",
        "---\n",
        "<<",
    ];
    for seed in 0..300 {
        let mut number = numbers(seed);
        // Only a few kinds of tokens per text, so that some texts are valid for long.
        let few: Vec<&str> = (0..2 + number(5)).map(|_| tokens[number(tokens.len())]).collect();
        let text: String = (0..LENGTH / 3).map(|_| few[number(few.len())]).collect();
        message(&text);
    }
}
