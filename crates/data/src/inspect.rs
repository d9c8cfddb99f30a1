//! The contents of data files before anything is known about the task: for `factory init`, and for programs that ask
//! their users.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::DataError;
use crate::read;

/// The files that a path refers to, and their contents.
#[derive(Clone, Debug, PartialEq)]
pub struct Inspection {
    /// The files, sorted. A folder of images counts as one file.
    pub files: Vec<PathBuf>,
    /// The contents.
    pub content: Content,
}

/// The contents of data files.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Tables.
    Tables(TableContent),
    /// `.ts` files, which describe themselves.
    Ts,
    /// Files of arrays: the arrays of the first file, sorted by name. An `.npy` file has one array without a name.
    Arrays(Vec<ArrayContent>),
    /// A folder of images.
    Images(ImagesContent),
}

/// The rows and columns of tables. The columns are those of the first table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TableContent {
    /// The number of rows of all tables.
    pub rows: usize,
    /// The number of rows of the shortest table.
    pub fewest_rows: usize,
    /// Whether the columns have names.
    pub has_header: bool,
    /// Whether rows differ in their number of columns.
    pub is_ragged: bool,
    /// The columns.
    pub columns: Vec<ColumnContent>,
    /// The last cells of all rows.
    pub last: ColumnContent,
}

/// The cells of a column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ColumnContent {
    /// The name; empty if it has none.
    pub name: String,
    /// The number of cells that are numbers.
    pub numbers: usize,
    /// The number of cells that are integers, also if they are written as `1.0`.
    pub integers: usize,
    /// The number of cells that are empty or stand for a missing value.
    pub missing: usize,
    /// The number of cells with other text.
    pub texts: usize,
    /// The number of texts that are dates or times.
    pub times: usize,
    /// The smallest and the largest number.
    pub range: Option<[f64; 2]>,
    /// The number of rows of each distinct content, up to [`MOST_LABELS`](Self::MOST_LABELS). `None` if there are more.
    pub labels: Option<BTreeMap<String, usize>>,
    /// The number of rows whose content differs from that of the row before, in the same file.
    pub changes: usize,
    /// Whether each number or time is at least that of the row before, in the same file.
    pub rises: bool,
    /// Whether each number is the one of the row before plus 1, in the same file.
    pub counts: bool,
}

impl ColumnContent {
    /// The largest number of distinct contents that are counted.
    pub const MOST_LABELS: usize = 100;

    /// Returns whether the cells are 0 or 1.
    pub fn is_binary(&self) -> bool {
        let is_flag = |label: &String| matches!(label.as_str(), "0" | "1");
        self.labels.as_ref().is_some_and(|labels| !labels.is_empty() && labels.keys().all(is_flag))
    }
}

/// An array in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArrayContent {
    /// The name; empty in an `.npy` file.
    pub name: String,
    /// The shape.
    pub shape: Vec<usize>,
    /// Whether the elements are text.
    pub is_text: bool,
    /// Whether the elements are integers.
    pub is_integer: bool,
}

/// The images in a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImagesContent {
    /// The number of images in each folder directly in the folder, with those in deeper folders.
    pub folders: BTreeMap<String, usize>,
    /// The number of images directly in the folder.
    pub loose: usize,
    /// The smallest and the largest height and width of the first images.
    pub sizes: Option<[[u32; 2]; 2]>,
    /// Whether any of the first images has colors.
    pub has_colors: bool,
}

/// Inspects a data file, a folder of data files or images, or a pattern.
///
/// # Errors
/// If there are no data files, the files are of different kinds, or one of them cannot be read.
pub fn inspect(path: &Path) -> Result<Inspection, DataError> {
    read::inspect(path)
}
