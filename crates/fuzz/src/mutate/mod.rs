//! Mutations of inputs: of bytes, of words and numbers, and of structure.

mod bytes;
mod structure;
mod tokens;

pub(crate) use bytes::binary;

use crate::random::Random;

/// Maximum size of a mutated text, in bytes.
const LONGEST_TEXT: usize = 100_000;

/// Mutates an input one to four times. Words and parts of `others`, inputs of the same kind, may be inserted.
pub(crate) fn text(random: &mut Random, input: &[u8], others: &[Vec<u8>]) -> Vec<u8> {
    let mut text = input.to_vec();
    // A single change is most useful; with many changes, the input is usually refused because of the first.
    for _ in 0..=random.length(3) {
        text = match random.below(16) {
            0..=6 => tokens::replace(random, &text, others),
            7..=9 => structure::lines(random, &text, others),
            10 => structure::nest(random, &text),
            11 | 12 => structure::groups(random, &text),
            13 => tokens::insert(random, &text),
            _ => bytes::once(random, &text, others),
        };
        text.truncate(LONGEST_TEXT);
    }
    text
}
