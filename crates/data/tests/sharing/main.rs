//! Several processes that open the same data get the splits and errors of a single process.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]
#![allow(clippy::cast_possible_truncation, reason = "small numbers")]

mod cases;
mod equal;
mod errors;
#[path = "../files/mod.rs"]
mod files;
mod processes;
#[cfg(unix)]
mod temporary;
