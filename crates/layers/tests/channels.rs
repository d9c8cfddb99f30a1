//! Arithmetic of channel counts.

use layers::{Rounding, make_divisible, round_channels, scale_channels};

/// The values of timm 1.0.31's `make_divisible` with a divisor of 8.
#[test]
fn make_divisible_with_and_without_guard() {
    #[rustfmt::skip]
    let cases = [
        // x,           limit 0.9, limit 0
        (0.0,                   8,   8),
        (1.0,                   8,   8),
        (11.0,                 16,   8),
        (12.0,                 16,  16),
        (16.0,                 16,  16),
        (1.2 * 16.0,           24,  16), // EfficientNetV2-B3
        (1.2 * 32.0,           40,  40),
        (1.1 * 48.0,           56,  56), // EfficientNetV2-B2
        (1.1 * 96.0,          104, 104),
        (1.1 * 192.0,         208, 208),
        (1.4 * 32.0,           48,  48),
        (28.0,                 32,  32),
    ];
    for (x, guarded, unguarded) in cases {
        assert_eq!(make_divisible(x, 8, 0.9), guarded, "{x} with guard");
        assert_eq!(make_divisible(x, 8, 0.0), unguarded, "{x} without guard");
        assert_eq!(Rounding::MOBILENET.apply(x), guarded);
        assert_eq!(Rounding::EIGHTS.apply(x), unguarded);
    }
    assert_eq!(make_divisible(10.0, 3, 0.9), 9);
    assert_eq!(make_divisible(9.4, 0, 0.9), 9);
}

#[test]
fn other_roundings() {
    #[rustfmt::skip]
    let cases = [
        // x,  down, nearest, up to 4
        (0.4,     0,       0,       4),
        (2.5,     2,       2,       4),
        (3.5,     3,       4,       4),
        (4.0,     4,       4,       4),
        (8.1,     8,       8,      12),
    ];
    for (x, down, nearest, up) in cases {
        assert_eq!(Rounding::Down.apply(x), down);
        assert_eq!(Rounding::Nearest.apply(x), nearest);
        assert_eq!(Rounding::Up { multiple: 4 }.apply(x), up);
    }
    assert_eq!(Rounding::Up { multiple: 0 }.apply(2.5), 3);
}

/// The values that Python computes for `int(c * r)` and `int(c // r)`.
#[test]
fn products_and_quotients_round_down_as_in_python() {
    for (channels, factor, product) in [(11, 1.5, 16), (16, 1.25, 20), (10, 0.3, 3), (100, 0.29, 28)] {
        assert_eq!(scale_channels(channels, factor, Rounding::Down), product, "{channels} * {factor}");
    }
    #[rustfmt::skip]
    let quotients = [
        (16, 2.5, 6), (20, 3.5, 5), (16, 4.0, 4), (11, 1.1, 9), (1, 0.1, 9), (6, 0.1, 59),
        (3, 4.0, 0), (7, f64::INFINITY, 0),
    ];
    for (channels, divisor, quotient) in quotients {
        assert_eq!(round_channels(channels, divisor, Rounding::Down), quotient, "{channels} // {divisor}");
    }
    assert_eq!(round_channels(104, 4.0, Rounding::Nearest), 26);
    assert_eq!(round_channels(448, 16.0, Rounding::EIGHTS), 32);
}

/// Nothing panics: negative numbers and NaN become 0, and numbers that are too large saturate.
#[test]
fn extreme_values_saturate() {
    let up = Rounding::Up { multiple: 8 };
    let roundings = [Rounding::Down, Rounding::Nearest, up, Rounding::MOBILENET, Rounding::EIGHTS];
    for rounding in roundings {
        assert_eq!(rounding.apply(f64::NAN), 0);
        assert_eq!(rounding.apply(-3.0), 0);
        assert_eq!(rounding.apply(f64::INFINITY), usize::MAX);
        assert_eq!(scale_channels(usize::MAX, 1e300, rounding), usize::MAX);
    }
    assert_eq!(make_divisible(f64::INFINITY, usize::MAX, 0.9), usize::MAX);
    assert_eq!(round_channels(5, 0.0, Rounding::Down), 0);
    assert_eq!(round_channels(5, -2.0, Rounding::Down), 0);
    assert_eq!(round_channels(usize::MAX, 1e-300, Rounding::Nearest), usize::MAX);
}
