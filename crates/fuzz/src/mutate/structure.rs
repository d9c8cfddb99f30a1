//! Mutations of structure: lines, bracketed groups and nesting.

use std::ops::Range;

use crate::random::Random;

/// Maximum number of bytes that a repetition adds.
const LONGEST: usize = 100_000;

/// Repeats, removes, moves or replaces some lines.
pub(crate) fn lines(random: &mut Random, text: &[u8], others: &[Vec<u8>]) -> Vec<u8> {
    let mut lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
    if lines.is_empty() {
        return text.to_vec();
    }
    let from = random.below(lines.len());
    let to = (from + 1 + random.length(4)).min(lines.len());
    let part = lines[from..to].to_vec();
    match random.below(5) {
        0 | 1 => {
            let bytes: usize = part.iter().map(|line| line.len()).sum();
            let copies = copies(random, bytes);
            lines.splice(from..from, part.repeat(copies));
        }
        2 => drop(lines.drain(from..to)),
        3 => {
            let target = random.below(lines.len() + 1);
            lines.splice(target..target, part);
        }
        _ => {
            let Some(other) = others.get(random.below(others.len())) else { return text.to_vec() };
            let theirs: Vec<&[u8]> = other.split_inclusive(|byte| *byte == b'\n').collect();
            if !theirs.is_empty() {
                let first = random.below(theirs.len());
                let last = (first + 1 + random.length(8)).min(theirs.len());
                lines.splice(from..to, theirs[first..last].iter().copied());
            }
        }
    }
    lines.concat()
}

/// Repeats, removes, empties or swaps bracketed groups.
pub(crate) fn groups(random: &mut Random, text: &[u8]) -> Vec<u8> {
    let groups = pairs(text);
    if groups.is_empty() {
        return nest(random, text);
    }
    let group = groups[random.below(groups.len())].clone();
    let inside = &text[group.clone()];
    let new = match random.below(5) {
        0 | 1 => {
            let copies = copies(random, inside.len() + 1);
            [inside, b","].concat().repeat(copies)
        }
        2 => Vec::new(),
        3 => inside[1..inside.len() - 1].to_vec(),
        _ => text[groups[random.below(groups.len())].clone()].to_vec(),
    };
    [&text[..group.start], &new, &text[group.end..]].concat()
}

/// Opens many brackets or indents deeply.
pub(crate) fn nest(random: &mut Random, text: &[u8]) -> Vec<u8> {
    let opening = random.pick(&["[", "{", "{a: ", "{\"a\":", "- ", "? ", "(", "<g>"]);
    let closing = random.pick(&["", "]", "}", ")"]);
    let depth = copies(random, opening.len());
    let at = random.below(text.len() + 1);
    [&text[..at], opening.repeat(depth).as_bytes(), closing.repeat(depth).as_bytes(), &text[at..]].concat()
}

/// A random number of repetitions: usually small, rarely as many as fit.
fn copies(random: &mut Random, bytes: usize) -> usize {
    let most = LONGEST / bytes.max(1);
    if random.one_in(30) { random.length(most) } else { random.length(most.min(20)) + 1 }
}

/// The ranges of bracketed groups, including the brackets.
fn pairs(text: &[u8]) -> Vec<Range<usize>> {
    let (mut open, mut found) = (Vec::new(), Vec::new());
    for (i, byte) in text.iter().enumerate() {
        match byte {
            b'[' | b'{' | b'(' => open.push(i),
            b']' | b'}' | b')' => {
                if let Some(start) = open.pop() {
                    found.push(start..i + 1);
                }
            }
            _ => {}
        }
    }
    found
}
