//! Mutations of bytes.

use crate::random::Random;

/// Maximum size of a mutated file, in bytes.
const LONGEST: usize = 2_000_000;

/// Mutates a file one to eight times.
pub(crate) fn binary(random: &mut Random, input: &[u8], others: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for _ in 0..=random.length(7) {
        bytes = once(random, &bytes, others);
    }
    bytes.truncate(LONGEST);
    bytes
}

/// Bytes with a special meaning in some format.
const SPECIAL: [u8; 12] = [0, 1, b' ', b'\n', b'"', b'0', b'9', b',', 0x7f, 0x80, 0xfe, 0xff];

pub(crate) fn once(random: &mut Random, input: &[u8], others: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = input.to_vec();
    // Headers are at the beginning of a file.
    let near = if random.one_in(2) { bytes.len().min(256) } else { bytes.len() };
    let at = random.below(near);
    let length = random.length(bytes.len() - at.min(bytes.len()));
    match random.below(10) {
        0 if !bytes.is_empty() => bytes[at] ^= 1 << random.below(8),
        1 if !bytes.is_empty() => bytes[at] = SPECIAL[random.below(SPECIAL.len())],
        2 => {
            let count = random.length(16);
            let inserted = random.bytes(count);
            bytes.splice(at..at, inserted);
        }
        3 => drop(bytes.drain(at..at + length)),
        4 => {
            let copies = if random.one_in(100) { random.length(10_000) } else { random.length(16) };
            let part = bytes[at..at + length].repeat(copies.min(LONGEST / length.max(1)));
            bytes.splice(at..at, part);
        }
        5 => bytes.truncate(at),
        6 if !others.is_empty() => {
            let other = &others[random.below(others.len())];
            bytes.truncate(at);
            bytes.extend_from_slice(&other[random.below(other.len() + 1)..]);
        }
        7 => set_number(random, &mut bytes, at),
        8 => {
            let to = random.below(bytes.len() + 1);
            let part = bytes[at..at + length].to_vec();
            bytes.splice(to..to, part);
        }
        _ => {
            for byte in &mut bytes[at..at + length.min(8)] {
                *byte = random.next().to_le_bytes()[0];
            }
        }
    }
    bytes
}

/// Overwrites some bytes with an extreme number.
fn set_number(random: &mut Random, bytes: &mut [u8], at: usize) {
    const NUMBERS: [u64; 10] =
        [0, 1, 0x7f, 0xff, 0x7fff_ffff, 0xffff_ffff, 1 << 32, 1 << 63, u64::MAX, 0x0100_0000];
    let number = NUMBERS[random.below(NUMBERS.len())];
    let encoded = if random.one_in(2) { number.to_le_bytes() } else { number.to_be_bytes() };
    let width = [1, 2, 4, 8][random.below(4)];
    // In little-endian or big-endian order.
    let encoded = if encoded == number.to_le_bytes() { &encoded[..width] } else { &encoded[8 - width..] };
    for (target, source) in bytes.iter_mut().skip(at).zip(encoded) {
        *target = *source;
    }
}
