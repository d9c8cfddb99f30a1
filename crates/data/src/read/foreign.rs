//! Calls to decoders of other crates, which may panic on damaged files and whose messages may have several
//! lines.

use std::cell::Cell;
use std::fmt::Display;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    static IS_DECODING: Cell<bool> = const { Cell::new(false) };
}

/// Runs a decoder. If it panics, the error is `damaged {what}`.
pub(super) fn decode<T>(what: &str, decoder: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    silence_decoder_panics();
    let outer = IS_DECODING.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(decoder));
    IS_DECODING.set(outer);
    result.unwrap_or_else(|_| Err(format!("damaged {what} (its decoder panicked)")))
}

/// Formats an error of another crate on one line.
pub(super) fn sentence(error: &dyn Display) -> String {
    error.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Suppresses the default panic hook for decoders. It would print a location in another crate, which does not help
/// the user; [`decode`] returns an error instead.
fn silence_decoder_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let hook = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !IS_DECODING.get() {
                hook(info);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error() {
        let refused = decode("image", || -> Result<(), String> { panic!("index out of bounds") });
        assert_eq!(refused.unwrap_err(), "damaged image (its decoder panicked)");
        assert_eq!(decode("image", || Ok(1)), Ok(1));
        assert_eq!(sentence(&"expected 2\n but found 0\n"), "expected 2 but found 0");
    }
}
