//! Tapes of random bytes, from which kinds with structured inputs make their choices.

use crate::mutate;
use crate::random::Random;

/// Initial tapes.
pub(crate) fn bases(count: u64) -> Vec<Vec<u8>> {
    (0..count).map(|seed| Random::new(seed).bytes(if seed == 0 { 0 } else { 64 })).collect()
}

/// Returns a new tape of at most this length, or a mutation of an existing one.
pub(crate) fn mutated(random: &mut Random, bases: &[Vec<u8>], most: usize) -> Vec<u8> {
    if random.one_in(4) {
        let start = super::base(random, bases);
        let mut tape = mutate::binary(random, start, bases);
        tape.truncate(most);
        return tape;
    }
    let length = random.below(most + 1);
    random.bytes(length)
}
