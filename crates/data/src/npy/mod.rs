//! Encoding and decoding of `.npy` files, which contain a NumPy array.
//!
//! This module is used instead of the crate `npyz`, which depends on a parser generator and on an old version
//! of `zip`, and which allocates whatever size a header claims before it reads the values.

mod elements;
mod header;
mod read;
mod write;

pub(crate) use self::elements::{Elements, Kind, row_major, unsupported};
pub(crate) use self::header::Header;
pub use self::read::read;
pub use self::write::{write_doubles, write_floats, write_integers, write_strings};
