//! Recordings and images from files, as batches of windows to train and evaluate on.
//!
//! TODO front page

mod augment;
mod batches;
mod config;
mod error;
mod examples;
mod joined;
mod noise;
mod number;
mod read;
mod source;
mod splits;
mod standardization;
mod stitch;
mod survey;

pub use batches::Batches;
pub use config::{
    AddedNoise, Augment, ClassWeights, Column, Columns, Config, File, Held, Layout, Part, Standardize,
    Stitch, Task, Window,
};
pub use error::DataError;
pub use examples::{Answer, Batch, Example, Examples, MASKED, Order, Targets};
pub use source::{Memory, Recording, Source, Target};
pub use splits::{Fitted, Sources, Splits};
pub use standardization::Standardization;
