//! Reads recordings and images from files and makes batches of them, for training and evaluation.
//!
//! The `data` section of a config describes the files and how they are cut into windows. [`Config::open`]
//! returns the [`Splits`]: training, validation and test [`Examples`] that share no recording. All files are
//! checked first; an error names the file, row and column.
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
//! let splits = config.open(&[6, 100].into(), folder.as_ref())?;
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
//! | `.ts` (UEA/UCR) | one per row | a class or a number |
//! | `.csv`, `.tsv`, `.txt`, also `.gz` | one per row; with `layout: samples`, a row is a sample | the last column, or `target` |
//! | `.npy` | `[N, C, T]`, `[N, C, H, W]`, or a single one without `N`; `C` may be omitted if it is 1 | none |
//! | `.npz`, `.safetensors` | the array `input`, as above | the array `target`: `[N]` (numbers or text), or `[N, ...]` for signals, several labels, and classes of samples |
//! | a folder of these, or a pattern such as `subjects/*.csv` | those of all files, sorted by name | as in each file |
//! | a folder of images | one per image, cropped to the input's aspect ratio and scaled to the input | the name of the folder that contains it |
//!
//! Of an array, only the recording or the window that an example uses is read, unless the array is compressed or in
//! Fortran order.
//! The recordings of text files are kept in memory up to `cache_size`, and in a temporary file beyond it. Several
//! processes on a machine read each file once, and share the recordings in temporary files ([`Sharing`]).
//!
//! Limits protect against damaged files: a decoded image may take 48 MB plus 24 times the size of its file, the
//! content of a compressed file 128 MB plus 64 times its size, and there may be 65,536 classes.
//!
//! A class that is empty, `?` or negative is unknown. Samples with an unknown class are [`MASKED`].
//!
//! # Your own data
//!
//! Implement [`Source`] or fill a [`Memory`], and pass it to [`Splits::of`]:
//!
//! ```
//! use std::sync::Arc;
//! use data::{Config, DataError, Recording, Source, Sources, Splits, Target, Task, WindowConfig};
//! use graph::Array;
//!
//! /// Square and sawtooth waves that begin at different samples.
//! struct Waves {
//!     classes: Vec<String>,
//!     begin: usize,
//! }
//!
//! impl Source for Waves {
//!     fn len(&self) -> usize {
//!         20
//!     }
//!
//!     fn classes(&self) -> &[String] {
//!         &self.classes
//!     }
//!
//!     fn recording(&self, index: usize) -> Result<Recording, DataError> {
//!         let wave = |i: usize| if index % 2 == 0 { (i / 8 % 2) as f32 } else { (i % 8) as f32 };
//!         let input = Array::from_fn([1, 256], |i| wave(i + self.begin) + 0.01 * index as f32);
//!         Ok(Recording::new(format!("wave {index}"), input, Target::Class(index % 2)))
//!     }
//! }
//!
//! let window = WindowConfig { length: 64, step: Some(32), evaluation_step: None };
//! let config = Config { window: Some(window), ..Config::new(Task::Classification) };
//! let waves = |begin| Arc::new(Waves { classes: vec!["square".to_owned(), "saw".to_owned()], begin });
//! let sources = Sources { train: waves(0), validation: None, test: Some(waves(3)) };
//! let splits = Splits::of(&config, &[1, 64].into(), sources)?;
//! assert_eq!((splits.train.len(), splits.test.unwrap().len()), (20 * 7, 20 * 4));
//! # Ok::<(), DataError>(())
//! ```

mod augment;
mod batches;
mod classes;
mod config;
mod digest;
mod draw;
mod error;
mod example;
mod examples;
mod facts;
mod file_overlap;
mod fill;
mod filled;
mod folds;
mod guarded;
mod inspect;
mod joined;
mod labels;
mod message;
mod moments;
mod neighbors;
mod noise;
pub mod npy;
mod number;
mod opened;
mod opening;
mod order;
mod overlap;
mod parallel;
mod partition;
mod progress;
mod read;
mod requirements;
mod scan;
mod share;
mod sharing;
mod source;
mod splits;
mod stitch;
mod summary;
mod values;
mod weights;

pub use batches::Batches;
pub use config::{
    AddedNoise, Augment, ClassList, ClassWeights, Column, Columns, Config, File, LabelList, LabeledClass,
    Missing, Normalize, Pad, Split, Stitch, TableLayout, Validation, WindowConfig,
};
pub use error::{DataError, quoted};
pub use example::{Batch, Example, ExampleTarget, MASKED, Order, Targets};
pub use examples::Examples;
pub use facts::RecordingFacts;
pub use fill::Filling;
pub use folds::{CrossValidation, Fold, Folds};
pub use inspect::{ArrayContent, ColumnContent, Content, ImagesContent, Inspection, TableContent, inspect};
pub use message::{MessageReader, MessageWriter};
pub use model::{Normalization, Task};
pub use progress::OpenProgress;
pub use read::{InputReader, is_hidden, read_inputs, summary_of_notes};
pub use share::Share;
pub use sharing::Sharing;
pub use source::{Description, Memory, Recording, Source, Target};
pub use splits::{Sources, Splits, TrainedOn};
pub use values::Values;
