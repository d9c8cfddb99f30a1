//! The order in which a graph is computed, and the memory it is computed in.
//!
//! A [`Schedule`] holds what does not depend on the input's size: order and lifetimes.

mod schedule;

pub use schedule::{Instruction, LastUse, Schedule};
