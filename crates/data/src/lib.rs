//! Recordings and images from files, as batches of windows to train and evaluate on.
//!
//! The `data` section of a config says what is read and how it is cut; [`Config::open`] gives the
//! [`Splits`]: training, validation and test [`Examples`] that share no recording. Everything that is
//! wrong with any file is found then, in one sentence with the file, row and column.
//!
//! ```
//! use data::{Config, Order};
//! let text = "
//! task: classification
//! train: BasicMotions_TRAIN.ts
//! validation: 0.2                       # a share of the training recordings, or files
//! test: BasicMotions_TEST.ts
//! augment: { jitter: 0.05, scale: 0.1 }
//! ";
//! let config: Config = serde_yaml::from_str(text)?;
//! # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../benches/data");
//! let splits = config.open(&[6, 100].into(), Some(folder.as_ref()))?;
//! for batch in splits.train.batches(Order::Shuffled { seed: 0, epoch: 0 }, 16, 0) {
//!     assert_eq!(batch?.input.shape(), [16, 6, 100]);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Files
//!
//! | file | recordings | target |
//! |---|---|---|
//! | `.ts` (UEA/UCR) | a row each | a class or a number |
//! | `.csv`, `.tsv`, also `.gz` | a row each; with `layout: samples` one, a row for each sample | the last column, or `target` |
//! | `.npy` | `[N, C, T]`, `[N, C, H, W]`, or one without `N`; one channel may be left out | none |
//! | `.npz`, `.safetensors` | the array `input`, as above | the array `target`: `[N]`, or with classes of samples or signals `[N, ...]` |
//! | a folder | an image each (`.jpg`, `.png`), scaled to the input | the name of the folder that it lies in |
//!
//! A class that is empty, `?` or below 0 is unknown; samples without one are [`MASKED`].
//!
//! # Data of your own
//!
//! Implement [`Source`], or fill a [`Memory`], and hand it to [`Splits::of`]:
//!
//! ```
//! use std::sync::Arc;
//! use data::{Config, DataError, Order, Recording, Source, Sources, Splits, Target, Task, Window};
//! use graph::Array;
//!
//! /// Squares and saw teeth.
//! struct Waves(Vec<String>);
//!
//! impl Source for Waves {
//!     fn len(&self) -> usize {
//!         20
//!     }
//!
//!     fn classes(&self) -> &[String] {
//!         &self.0
//!     }
//!
//!     fn recording(&self, index: usize) -> Result<Recording, DataError> {
//!         let wave = |i: usize| if index % 2 == 0 { (i / 8 % 2) as f32 } else { (i % 8) as f32 };
//!         let input = Array::from_fn([1, 256], |i| wave(i + index));
//!         Ok(Recording { origin: format!("wave {index}"), input, target: Target::Class(index % 2) })
//!     }
//! }
//!
//! let window = Window { length: 64, step: Some(32), evaluation_step: None };
//! let config = Config { window: Some(window), ..Config::new(Task::Classification) };
//! let waves = || Arc::new(Waves(vec!["square".to_owned(), "saw".to_owned()]));
//! let sources = Sources { train: waves(), validation: None, test: Some(waves()) };
//! let splits = Splits::of(&config, &[1, 64].into(), sources)?;
//! assert_eq!((splits.train.len(), splits.test.unwrap().len()), (20 * 7, 20 * 4));
//! # Ok::<(), DataError>(())
//! ```

mod augment;
mod batches;
mod config;
mod error;
mod examples;
pub mod filter;
mod joined;
mod moments;
mod noise;
mod number;
mod read;
mod source;
mod splits;
mod stitch;
mod survey;

pub use batches::Batches;
pub use config::{
    AddedNoise, Augment, ClassWeights, Column, Columns, Config, File, Held, Layout, Part, Standardize,
    Stitch, Window,
};
pub use error::DataError;
pub use examples::{Answer, Batch, Example, Examples, MASKED, Order, Targets};
pub use model::{Normalization, Task};
pub use read::read_inputs;
pub use source::{Memory, Recording, Source, Target};
pub use splits::{Fitted, Sources, Splits};
