//! `factory predict`: what it says of files and of samples on standard input, and how it ends.

#![cfg(feature = "torch")]
#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

mod arrays;
mod errors;
mod files;
mod models;
mod place;
mod stream;
