//! Predictions as CSV, JSON and `.npz`.

mod csv;
mod json;
mod npz;
mod number;

pub use self::csv::csv;
pub(crate) use self::csv::{columns, rows};
pub use self::json::json;
pub use self::npz::npz;
