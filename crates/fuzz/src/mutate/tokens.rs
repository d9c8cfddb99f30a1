//! Mutations of words and numbers.

use std::ops::Range;

use crate::random::Random;

/// Numbers at the limits of arithmetic, types and memory.
pub(crate) const NUMBERS: [&str; 40] = [
    "0",
    "-1",
    "1",
    "2",
    "3",
    "7",
    "16",
    "255",
    "256",
    "1000",
    "65535",
    "65536",
    "65537",
    "1048576",
    "16777215",
    "16777216",
    "16777217",
    "2147483647",
    "2147483648",
    "4294967295",
    "4294967296",
    "1099511627776",
    "4611686018427387904",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551614",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775808",
    "0.5",
    "-0.0",
    "1e308",
    "-1e308",
    "1e309",
    "1e-320",
    "3.4028235e38",
    "1e-45",
    "NaN",
    ".inf",
    "-inf",
];

/// Words with a special meaning to terminals, parsers or pages.
pub(crate) const HOSTILE_WORDS: [&str; 26] = [
    "",
    " ",
    "null",
    "true",
    "~",
    "[]",
    "{}",
    "\u{1b}[2J",
    "\"\\u001b[31m\"",
    "\u{202e}abc",
    "\u{2066}x",
    "a\nb",
    "\"a\\nb\"",
    "\u{0}",
    "../../x",
    "/",
    "\u{feff}",
    "<script>alert(1)</script>",
    "*/ fn main() {} /*",
    "\" onload=\"x",
    "*a",
    "&a",
    "!!binary x",
    "'",
    "\r",
    "日本",
];

/// Replaces a word or number with an extreme one or with one from another text.
pub(crate) fn replace(random: &mut Random, text: &[u8], others: &[Vec<u8>]) -> Vec<u8> {
    let tokens = tokens(text);
    if tokens.is_empty() {
        return insert(random, text);
    }
    let token = tokens[random.below(tokens.len())].clone();
    let is_number = text[token.start].is_ascii_digit() || text[token.start] == b'-';
    let new = match random.below(10) {
        0..=4 if is_number => NUMBERS[random.below(NUMBERS.len())].as_bytes().to_vec(),
        5 if is_number => near(random, &text[token.clone()]),
        0 | 1 => hostile(random),
        2 => NUMBERS[random.below(NUMBERS.len())].as_bytes().to_vec(),
        3..=6 => text[tokens[random.below(tokens.len())].clone()].to_vec(),
        _ => match others.get(random.below(others.len())) {
            Some(other) => some_token(random, other),
            None => Vec::new(),
        },
    };
    [&text[..token.start], &new, &text[token.end..]].concat()
}

/// Inserts an extreme number or word.
pub(crate) fn insert(random: &mut Random, text: &[u8]) -> Vec<u8> {
    let at = random.below(text.len() + 1);
    let new = if random.one_in(2) {
        NUMBERS[random.below(NUMBERS.len())].as_bytes().to_vec()
    } else {
        hostile(random)
    };
    [&text[..at], &new, &text[at..]].concat()
}

fn hostile(random: &mut Random) -> Vec<u8> {
    if random.one_in(12) {
        let length = random.length(60_000);
        return "x\u{e9}".repeat(length / 3 + 1).into_bytes();
    }
    random.pick(&HOSTILE_WORDS).as_bytes().to_vec()
}

/// Returns a number that is slightly larger or smaller, negated or multiplied.
fn near(random: &mut Random, number: &[u8]) -> Vec<u8> {
    let Some(number) = std::str::from_utf8(number).ok().and_then(|text| text.parse::<f64>().ok()) else {
        return b"0".to_vec();
    };
    let new =
        [number + 1.0, number - 1.0, -number, number * 2.0, number * 1000.0, number / 2.0, number * 1e6];
    format!("{}", new[random.below(new.len())]).into_bytes()
}

fn some_token(random: &mut Random, text: &[u8]) -> Vec<u8> {
    let tokens = tokens(text);
    if tokens.is_empty() {
        return Vec::new();
    }
    text[tokens[random.below(tokens.len())].clone()].to_vec()
}

/// The ranges of words and numbers.
fn tokens(text: &[u8]) -> Vec<Range<usize>> {
    let is_part =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'+') || byte >= 0x80;
    let mut tokens = Vec::new();
    let mut start = None;
    for (i, byte) in text.iter().enumerate() {
        match (start, is_part(*byte)) {
            (None, true) => start = Some(i),
            (Some(from), false) => {
                tokens.push(from..i);
                start = None;
            }
            (None, false) | (Some(_), true) => {}
        }
    }
    if let Some(from) = start {
        tokens.push(from..text.len());
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_numbers_are_found() {
        let text = b"train: { lr: -0.5 }";
        let found: Vec<&[u8]> = tokens(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, [&b"train"[..], b"lr", b"-0.5"]);
    }
}
