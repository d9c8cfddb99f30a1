//! The data that the ready models train on, embedded, so that they train in any working directory.

use std::io;
use std::path::{Path, PathBuf};

/// A file of `benches/data`, by name.
macro_rules! embedded {
    ($name:literal) => {
        ($name, include_bytes!(concat!("../../../benches/data/", $name)))
    };
}

/// The files, with a page about their sources and licenses.
const FILES: [(&str, &[u8]); 5] = [
    embedded!("BasicMotions_TRAIN.ts"),
    embedded!("BasicMotions_TEST.ts"),
    embedded!("digits.csv.gz"),
    embedded!("ecg-mitbih-208-360hz.npy"),
    embedded!("README.md"),
];

/// The folder with the data of the ready models, in the user's cache. Files that are missing or differ
/// are written first, each as a whole.
///
/// # Errors
/// Those of the file system, and a user without a cache folder.
pub fn folder() -> io::Result<PathBuf> {
    let cache = cache_folder().ok_or_else(|| {
        io::Error::new(io::ErrorKind::NotFound, "no cache folder for the data of ready models; use --data")
    })?;
    let folder = cache.join("data");
    write_to(&folder)?;
    Ok(folder)
}

/// This project's folder in the user's cache, the same as that of `cargo xtask setup`. `None` if the user has
/// no cache folder.
pub fn cache_folder() -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = if cfg!(windows) {
        absolute("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        absolute("HOME").map(|home| home.join("Library/Caches"))
    } else {
        absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")))
    };
    cache.map(|cache| cache.join("model-factory"))
}

/// Writes the files that are missing in `folder` or differ.
fn write_to(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    for (name, bytes) in FILES {
        let file = folder.join(name);
        let is_there = std::fs::read(&file).is_ok_and(|found| found == bytes);
        if !is_there {
            graph::file::write(&file, bytes)?;
        }
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn files_are_written_once_and_repaired() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("new/data");
        write_to(&data).unwrap();
        let written = || std::fs::metadata(data.join("digits.csv.gz")).unwrap().modified().unwrap();
        let first = written();
        std::fs::write(data.join("README.md"), "damaged").unwrap();
        write_to(&data).unwrap();
        assert_eq!(written(), first);
        assert!(std::fs::read_to_string(data.join("README.md")).unwrap().contains("license"));
    }
}
