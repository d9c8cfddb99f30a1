//! Findings: troubles, each with its case and the file of its input.

use std::io::Result;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::trouble::Trouble;

/// A trouble, and how to reproduce it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Finding {
    pub(crate) kind: String,
    /// The number of the case, with which it can be repeated.
    pub(crate) case: u64,
    pub(crate) trouble: Trouble,
    /// File with the smallest input that reproduces it.
    pub(crate) input: PathBuf,
    pub(crate) bytes: usize,
}

impl Finding {
    /// Writes the input to a new file in the folder for failing inputs.
    pub(crate) fn new(kind: &str, case: u64, trouble: Trouble, input: &[u8], folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        let path = folder.join(format!("{kind}-{}-{case}", trouble.what.name()));
        let mut path_of_its_own = path.clone();
        let mut count = 1;
        while path_of_its_own.exists() {
            count += 1;
            path_of_its_own = folder.join(format!("{}-{count}", path.display()));
        }
        let finding = Self { kind: kind.to_owned(), case, trouble, input: path_of_its_own, bytes: 0 };
        finding.with_input(input)
    }

    /// The same finding with a smaller input.
    pub(crate) fn with_input(mut self, input: &[u8]) -> Result<Self> {
        std::fs::write(&self.input, input)?;
        self.bytes = input.len();
        Ok(self)
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { kind, case, trouble, input, bytes } = self;
        writeln!(f, "{kind}: {}: {}", trouble.what.name(), trouble.detail)?;
        writeln!(f, "    case:  cargo xtask fuzz --kind {kind} --case {case}")?;
        writeln!(f, "    input: {} ({bytes} bytes)", input.display())
    }
}
