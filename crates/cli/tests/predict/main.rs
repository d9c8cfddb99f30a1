//! `factory predict`: predictions for files and for samples on standard input, and errors.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

mod arrays;
mod errors;
mod files;
mod forged;
mod models;
mod place;
mod stream;
#[cfg(feature = "torch")]
mod with_torch;
#[cfg(not(feature = "torch"))]
mod without_torch;
