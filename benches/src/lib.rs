//! What the models agree with, and what they cost on this machine.
//!
//! [`parity`] builds nets from the references' own terms and compares them with what the references
//! compute; [`bench`](mod@bench) measures latency, as built and merged; [`training`] compares the
//! throughput of training with other programs', [`results`] gathers what the ready training runs reach.
//! The programs of the same names are thin faces. `parity/` holds cases, `data/` real data, each with
//! its provenance.

pub mod bench;
pub mod data;
pub mod file;
pub mod parity;
pub mod presets;
pub mod results;
pub mod training;

use std::path::{Path, PathBuf};

/// A folder of this crate, where it was built.
pub fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}
