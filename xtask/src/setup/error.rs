//! Errors of finding or fetching libtorch, each with advice.

use std::fmt::{Display, Formatter};
use std::path::{Path, PathBuf};
use std::{fmt, io};

use super::wheels::VERSION;

/// The reason why there is no usable libtorch.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum SetupError {
    /// A variable set by the user does not name a usable folder.
    Named { variable: &'static str, folder: PathBuf, found: String },
    /// There is no wheel for the platform.
    Unsupported { os: String, arch: String },
    /// The environment sets neither a home nor a cache folder.
    NoCache,
    /// No known command runs pip.
    NoPip,
    /// The user asked for Python's PyTorch, but it is not installed.
    NoPytorch,
    /// pip could not connect to its index.
    Unreachable,
    /// The connection broke during the download.
    CutOff,
    /// pip was killed.
    Stopped,
    /// The index lacks a wheel.
    NoWheel { file: String },
    /// pip failed in some other way.
    Pip { last: String },
    /// The hash of a wheel differs from the pinned one.
    WrongHash { file: String, found: String, expected: String },
    /// A wheel lacks a required entry.
    Missing { file: String, entry: String },
    /// The disk is full.
    DiskFull { folder: PathBuf, needed: u64 },
    /// Reading or writing failed in some other way.
    File { path: PathBuf, reason: String },
}

impl SetupError {
    /// A file system error; a full disk has its own variant.
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

impl std::error::Error for SetupError {}

impl Display for SetupError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.problem(), self.advice())
    }
}

impl SetupError {
    fn problem(&self) -> String {
        match self {
            Self::Named { variable, folder, found } => {
                format!("{variable} names `{}`, {found}", folder.display())
            }
            Self::Unsupported { os, arch } => {
                format!("no prebuilt libtorch {VERSION} exists for {os} on {arch}")
            }
            Self::NoCache => "the environment names no home folder to keep libtorch in".into(),
            Self::NoPip => "found no pip to fetch libtorch with".into(),
            Self::NoPytorch => "LIBTORCH_USE_PYTORCH is set, but Python finds no PyTorch".into(),
            Self::Unreachable => "pip could not reach its package index".into(),
            Self::CutOff => "the download of libtorch was cut off".into(),
            Self::Stopped => "pip was stopped before it had fetched libtorch".into(),
            Self::NoWheel { file } => format!("pip's package index does not offer `{file}`"),
            Self::Pip { last } => format!("pip could not fetch libtorch: {last}"),
            Self::WrongHash { file, found, expected } => {
                format!("`{file}`: expected SHA-256 {expected}, found {found}")
            }
            Self::Missing { file, entry } => format!("`{file}` does not contain `{entry}`"),
            Self::DiskFull { folder, needed } => {
                let tenths = needed.div_ceil(100_000_000); // of a gigabyte
                let (whole, tenth) = (tenths / 10, tenths % 10);
                let folder = folder.display();
                format!("the disk is full: fetching libtorch takes {whole}.{tenth} GB in `{folder}`")
            }
            Self::File { path, reason } => format!("could not read or write `{}`: {reason}", path.display()),
        }
    }

    fn advice(&self) -> String {
        let again = "run `cargo xtask setup` again";
        let own = format!("set LIBTORCH to a folder with libtorch {VERSION}");
        match self {
            Self::Named { .. } => {
                format!("name a folder with libtorch {VERSION}, or unset it to have libtorch fetched")
            }
            Self::Unsupported { .. } => own,
            Self::NoCache => format!("set HOME, or {own}"),
            Self::NoPip => format!("install Python 3 with pip, or {own}"),
            Self::NoPytorch => {
                format!("install torch=={VERSION}, or unset it to have libtorch fetched")
            }
            Self::Unreachable => {
                format!("check the internet connection and pip's index and proxy settings, then {again}")
            }
            Self::CutOff => format!("check the internet connection, then {again}"),
            Self::Stopped => again.into(),
            Self::NoWheel { .. } => format!("check pip's index settings, or {own}"),
            Self::Pip { .. } | Self::File { .. } => format!("fix the cause, then {again}"),
            Self::WrongHash { .. } => format!("check pip's index settings, then {again}"),
            Self::Missing { .. } => format!("report this to the maintainers, and meanwhile {own}"),
            Self::DiskFull { .. } => format!("free some space, then {again}"),
        }
    }
}
