//! Patterns of names.

/// Whether `text` matches `pattern`, in which `*` stands for any characters.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut in_pattern, mut in_text) = (0, 0);
    // The pattern after the last star, and the end of the text that this star matches so far. Earlier stars never
    // have to match more, because the last one can match the rest.
    let mut after_star = None;
    while in_text < text.len() {
        if pattern.get(in_pattern) == Some(&b'*') {
            in_pattern += 1;
            after_star = Some((in_pattern, in_text));
        } else if pattern.get(in_pattern) == Some(&text[in_text]) {
            in_pattern += 1;
            in_text += 1;
        } else if let Some((restart, end)) = after_star {
            in_pattern = restart;
            in_text = end + 1;
            after_star = Some((restart, in_text));
        } else {
            return false;
        }
    }
    pattern[in_pattern..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition: tries every text that a star can match.
    fn simple(pattern: &[u8], text: &[u8]) -> bool {
        match pattern {
            [] => text.is_empty(),
            [b'*', rest @ ..] => (0..=text.len()).any(|start| simple(rest, &text[start..])),
            [first, rest @ ..] => text.first() == Some(first) && simple(rest, &text[1..]),
        }
    }

    #[test]
    fn every_short_pattern_matches_as_defined() {
        let words = |letters: &[u8], length: u32| {
            let letters = letters.to_vec();
            (0..letters.len().pow(length)).map(move |mut number| {
                let mut word = String::new();
                for _ in 0..length {
                    word.push(letters[number % letters.len()].into());
                    number /= letters.len();
                }
                word
            })
        };
        for pattern in (0..=5).flat_map(|length| words(b"ab*", length)) {
            for text in (0..=6).flat_map(|length| words(b"ab", length)) {
                let expected = simple(pattern.as_bytes(), text.as_bytes());
                assert_eq!(matches(&pattern, &text), expected, "{pattern:?} {text:?}");
            }
        }
    }

    #[test]
    fn many_stars_do_not_take_exponential_time() {
        // With backtracking, this pattern would take practically forever.
        let (pattern, text) = ("*".repeat(1000) + "z", "a".repeat(10_000));
        assert!(!matches(&pattern, &text));
        assert!(!matches(&("a*".repeat(100) + "z"), &text));
        assert!(matches("resnet/*18*", "resnet/resnet18d"));
        assert!(matches("ü*ß", "üöß"));
    }
}
