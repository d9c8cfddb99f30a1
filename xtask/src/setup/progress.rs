//! Progress of a long step: a bar on a terminal, one plain line elsewhere.

#![allow(clippy::print_stderr, reason = "the commands report to the user")]

use std::io::{IsTerminal, stderr};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Prints a line to standard error.
pub(crate) fn say(message: &str) {
    eprintln!("{message}");
}

/// A bar that counts bytes to `total`. Unless standard error is a terminal, only the message is printed.
pub(crate) fn bytes(message: &str, total: u64) -> ProgressBar {
    if !stderr().is_terminal() {
        say(message);
    }
    let template = "{msg} {wide_bar} {decimal_bytes}/{decimal_total_bytes} {eta}";
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(total).with_style(style).with_message(message.to_owned());
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}
