//! Colors that people with any color vision can tell apart, after Okabe and Ito (2008).

use std::fmt::Write;

/// Colors of lines on a light and on a dark background.
#[rustfmt::skip]
const LINES: [(&str, &str); 6] = [
    ("#0f6cbd", "#62b0f0"), // blue
    ("#c8500a", "#f2934f"), // vermilion
    ("#0b8a63", "#3ccb9e"), // green
    ("#a84b86", "#e39cc8"), // purple
    ("#8a6d00", "#e0bd3f"), // ochre
    ("#4f5b66", "#aab6c2"), // slate
];

/// Colors of classes in bands and over images, the same on any background.
const CLASSES: [[u8; 3]; 10] = [
    [0x1f, 0x84, 0xc9],
    [0xe0, 0x8a, 0x1e],
    [0x1d, 0xa5, 0x7c],
    [0xcc, 0x6f, 0xa6],
    [0xd2, 0x55, 0x2b],
    [0x6a, 0xbf, 0xe8],
    [0xc9, 0xb0, 0x2a],
    [0x7c, 0x6b, 0xc4],
    [0x8a, 0x94, 0x9e],
    [0x8b, 0x5e, 0x3c],
];

/// The CSS classes of line `i`: its color, and dashes if the color is used again.
pub(super) fn line(i: usize) -> String {
    format!("s{}{}", i % LINES.len(), if i < LINES.len() { "" } else { " dash" })
}

/// The CSS class of the color of class `i`.
pub(super) fn class(i: usize) -> String {
    format!("k{}", i % CLASSES.len())
}

/// The color of class `i` in an image.
pub(super) fn rgb(i: usize) -> [u8; 3] {
    CLASSES[i % CLASSES.len()]
}

/// The style rules behind [`line`] and [`class`].
pub(super) fn rules() -> String {
    let mut rules = String::new();
    let mut dark = String::new();
    for (i, (on_light, on_dark)) in LINES.iter().enumerate() {
        write!(rules, ".s{i}{{--s:{on_light}}}").expect("strings can be written to");
        write!(dark, ".s{i}{{--s:{on_dark}}}").expect("strings can be written to");
    }
    for (i, [r, g, b]) in CLASSES.iter().enumerate() {
        write!(rules, ".k{i}{{--k:#{r:02x}{g:02x}{b:02x}}}").expect("strings can be written to");
    }
    rules + "@media (prefers-color-scheme:dark){" + &dark + "}"
}
