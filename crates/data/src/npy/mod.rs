//! NumPy arrays: `.npy` files as bytes.
//!
//! Written here, not by a crate: `npyz` brings a parser generator for its header, an old `zip`, and
//! allocates what a header claims before it reads the values.

mod read;
mod write;

pub use self::read::read;
pub use self::write::{write_floats, write_integers, write_strings};
