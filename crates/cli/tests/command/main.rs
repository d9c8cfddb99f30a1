//! The `factory` command: what it prints, what it writes, how it ends.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

mod arguments;
mod config;
mod errors;
mod export;
mod kernels;
mod origins;
mod output;
mod place;
mod show;
mod untrusted;
mod weights;
