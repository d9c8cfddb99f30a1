//! Metrics of predictions.

mod confusion;
mod errors;
mod outcome;

pub use confusion::Confusion;
pub use errors::Errors;
pub use outcome::Outcome;
