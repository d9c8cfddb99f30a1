//! The depth of flow collections, `[…]` and `{…}`, found before the YAML library scans a config.
//!
//! The library's scanner visits every open collection for each token, so its time is the product of the two numbers.
//! Whether a bracket begins a flow collection depends on everything before it. This scan needs no such context: it
//! assumes that every bracket outside a flow collection may begin one, and follows all of these possibilities at
//! once. The depth that it finds is therefore never too small, and too large only for a config with dozens of
//! brackets that are never closed.

/// The kind of text at the current position within a flow collection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Between tokens.
    Start,
    /// In an unquoted scalar.
    Plain,
    /// After a space or a line break in an unquoted scalar, which may continue.
    Gap,
    /// After a colon in an unquoted scalar.
    Colon,
    /// In an anchor, an alias or a tag.
    Word,
    /// After the `!` of a tag.
    Tag,
    /// In a tag such as `!<tag>`.
    Verbatim,
    /// In a comment.
    Comment,
    /// In single quotes.
    Single,
    /// After a single quote in single quotes, which ends them unless another follows.
    Quote,
    /// In double quotes.
    Double,
    /// After a backslash in double quotes.
    Escape,
}

/// Number of modes.
const MODES: usize = Mode::Escape as usize + 1;

/// The maximum depth at which the text so far may end in each mode; 0 if it cannot end in it.
#[derive(Clone, Copy, Default)]
struct Depths([usize; MODES]);

impl Depths {
    fn reach(&mut self, mode: Mode, depth: usize) {
        // Depth 0 is outside all collections, where anything may follow.
        let deepest = &mut self.0[mode as usize];
        *deepest = depth.max(*deepest);
    }

    /// Adds the modes after `character` in a collection at `depth`, in `mode`.
    fn step(&mut self, mode: Mode, depth: usize, character: char) {
        let is_space = is_break(character) || matches!(character, ' ' | '\t');
        match mode {
            Mode::Start | Mode::Quote if is_space => self.reach(Mode::Start, depth),
            Mode::Quote if character == '\'' => self.reach(Mode::Single, depth),
            Mode::Start | Mode::Quote => self.begin(depth, character),
            Mode::Plain | Mode::Gap | Mode::Colon => self.plain(mode, depth, character, is_space),
            Mode::Tag if character == '<' => self.reach(Mode::Verbatim, depth),
            Mode::Word | Mode::Tag if is_space => self.reach(Mode::Start, depth),
            Mode::Word | Mode::Tag => {
                // A colon may end an alias, but not a tag.
                if matches!(character, ':' | '?') || is_indicator(character) {
                    self.begin(depth, character);
                }
                if !is_indicator(character) {
                    self.reach(Mode::Word, depth);
                }
            }
            Mode::Verbatim if is_space || character == '>' => self.reach(Mode::Start, depth),
            Mode::Comment if is_break(character) => self.reach(Mode::Start, depth),
            Mode::Single if character == '\'' => self.reach(Mode::Quote, depth),
            Mode::Double if character == '"' => self.reach(Mode::Start, depth),
            Mode::Double if character == '\\' => self.reach(Mode::Escape, depth),
            Mode::Escape => self.reach(Mode::Double, depth),
            Mode::Verbatim | Mode::Comment | Mode::Single | Mode::Double => self.reach(mode, depth),
        }
    }

    /// The first character of a token.
    fn begin(&mut self, depth: usize, character: char) {
        match character {
            '[' | '{' => self.reach(Mode::Start, depth + 1),
            ']' | '}' => self.reach(Mode::Start, depth - 1),
            ',' | ':' | '?' => self.reach(Mode::Start, depth),
            '#' => self.reach(Mode::Comment, depth),
            '\'' => self.reach(Mode::Single, depth),
            '"' => self.reach(Mode::Double, depth),
            '!' => self.reach(Mode::Tag, depth),
            '&' | '*' => self.reach(Mode::Word, depth),
            _ => self.reach(Mode::Plain, depth),
        }
    }

    /// A character of an unquoted scalar.
    fn plain(&mut self, mode: Mode, depth: usize, character: char, is_space: bool) {
        match character {
            _ if is_space && mode == Mode::Colon => self.reach(Mode::Start, depth),
            _ if is_space => self.reach(Mode::Gap, depth),
            '#' if mode == Mode::Gap => self.reach(Mode::Comment, depth),
            ':' => self.reach(Mode::Colon, depth),
            _ if is_indicator(character) => self.begin(depth, character),
            _ => self.reach(Mode::Plain, depth),
        }
    }
}

/// Whether a character ends unquoted text in a flow collection.
fn is_indicator(character: char) -> bool {
    matches!(character, '[' | ']' | '{' | '}' | ',')
}

/// Whether YAML 1.1 ends a line at a character.
pub(super) fn is_break(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Returns the offset of the first byte at which flow collections may be deeper than `most`, if there is one.
pub(super) fn too_deep(text: &str, most: usize) -> Option<usize> {
    let mut depths = Depths::default();
    for (at, character) in text.char_indices() {
        let mut next = Depths::default();
        // Outside all collections, any bracket may begin one.
        if matches!(character, '[' | '{') {
            next.reach(Mode::Start, 1);
        }
        for mode in ALL {
            let depth = depths.0[mode as usize];
            if depth > 0 {
                next.step(mode, depth, character);
            }
        }
        if next.0.iter().any(|depth| *depth > most) {
            return Some(at);
        }
        depths = next;
    }
    None
}

const ALL: [Mode; MODES] = [
    Mode::Start,
    Mode::Plain,
    Mode::Gap,
    Mode::Colon,
    Mode::Word,
    Mode::Tag,
    Mode::Verbatim,
    Mode::Comment,
    Mode::Single,
    Mode::Quote,
    Mode::Double,
    Mode::Escape,
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks that the depth of `text` is exactly `depth`.
    #[track_caller]
    fn check(text: &str, depth: usize) {
        assert_eq!(too_deep(text, depth), None, "{text}");
        assert!(too_deep(text, depth - 1).is_some(), "{text}");
    }

    #[test]
    fn brackets_in_scalars_and_comments_do_not_count() {
        check("{ a: [1, [2, 3]], b: [4] }", 3);
        check("[a, 'it''s ]', \"]\\\"]\", [b]]", 2);
        check("[a # ] ]\n, [b]]", 2);
        check("[a#]", 1);
        check("[don't, [a]]", 2);
        check("[!<tag:],> [a]]", 2);
        check("[&a 'b]', *a , [c]]", 2);
        check("{ 'a':']', b: [c] }", 2);
        check("[a\n  ']', [b]]", 1);
    }

    #[test]
    fn a_bracket_that_is_never_closed_adds_no_more_than_one_level() {
        let line = "a: \"in [0, 1)\" # and in (0, 1]\nb: don't [\nc: [1, 2]\n";
        let count = line.repeat(10);
        assert!(too_deep(&count, 64).is_none());
    }

    #[test]
    fn closing_brackets_in_text_do_not_hide_depth() {
        for text in ["[ # ]\n", "[ ']', ", "[ \"]\", ", "[ !<]> ", "[ \"\\\"]\", ", "[ 'a'']', "] {
            assert!(too_deep(&text.repeat(100), 64).is_some(), "{text}");
            assert!(too_deep(&format!("a: 'b'\nc: {}", text.repeat(100)), 64).is_some(), "{text}");
        }
    }
}
