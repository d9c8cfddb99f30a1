//! Metrics of predictions.

mod confusion;
mod details;
mod errors;
mod label_counts;
mod outcome;
mod output_errors;
mod scores;
mod spread;

pub use confusion::Confusion;
pub use details::{Baseline, Details};
pub use errors::Errors;
pub use label_counts::LabelCounts;
pub use outcome::Outcome;
pub use output_errors::OutputErrors;
pub use scores::Scores;
pub use spread::Spread;

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
