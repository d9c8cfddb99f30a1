//! Parity of the models with their references, and their speed on this machine.
//!
//! [`parity`] builds networks from the references' own arguments and compares their outputs with those
//! of the references; [`bench`](mod@bench) measures latency, as built and merged; [`peers`] compares it with that of other runtimes; [`training`] compares
//! training throughput with that of other frameworks; [`results`] collects the test results of the ready
//! training runs; [`recipes`] runs the Python of docs/recipes.md; [`onnx`] verifies the ONNX export in its
//! readers. The programs of the same names are thin wrappers. `parity/` contains the cases, `data/` real data with its provenance.

pub mod bench;
pub mod command;
pub mod data;
mod environment;
pub mod file;
pub mod onnx;
pub mod parity;
pub mod peers;
pub mod presets;
pub mod recipes;
pub mod results;
pub mod training;

use std::path::{Path, PathBuf};

/// Path of a folder in the source of this crate.
pub fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}
