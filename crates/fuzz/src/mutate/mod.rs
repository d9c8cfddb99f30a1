//! Mutations of inputs: of bytes, of words and numbers, and of structure.

mod bytes;
mod structure;
mod tokens;

pub(crate) use bytes::binary;

use crate::random::Random;

/// Most bytes of a mutated text.
const LONGEST_TEXT: usize = 100_000;

/// Mutates an input of words one to four times. `others` are texts of the same kind, whose words and parts may appear in it.
pub(crate) fn text(random: &mut Random, input: &[u8], others: &[Vec<u8>]) -> Vec<u8> {
    let mut text = input.to_vec();
    // One change shows most; many changes at once are usually refused at the first.
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
