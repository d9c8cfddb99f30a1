//! Ranks that train one model together. Here they are threads; the tests of the command start processes with MPI.

#![cfg(feature = "torch")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../common/mod.rs"]
mod common;
mod evaluation;
mod gradients;
mod runs;
mod threads;
