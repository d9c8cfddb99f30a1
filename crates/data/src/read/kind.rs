//! The kinds of files that settings apply to.

use std::path::Path;

use super::folder::is_image;

/// Files that are described by the same settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `.csv`, `.tsv`, `.txt`
    Table,
    /// `.ts`
    Ts,
    /// `.npy`, `.npz`, `.safetensors`
    Arrays,
    Image,
}

impl Kind {
    /// Returns the kind of a file, according to its name. `None` for folders and unknown names.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let plain = name.strip_suffix(".gz").unwrap_or(&name);
        match plain.rsplit_once('.').map_or("", |(_, extension)| extension) {
            "csv" | "tsv" | "txt" => Some(Self::Table),
            "ts" => Some(Self::Ts),
            "npy" | "npz" | "safetensors" => Some(Self::Arrays),
            _ if is_image(path) => Some(Self::Image),
            _ => None,
        }
    }
}

/// Returns the name of the format of a file that docs/recipes.md converts, according to its extension.
pub(super) fn convertible(path: &Path) -> Option<&'static str> {
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    match extension.as_str() {
        "h5" | "hdf5" => Some("HDF5"),
        "edf" | "bdf" => Some("EDF"),
        "hea" | "atr" => Some("WFDB"),
        "parquet" => Some("Parquet"),
        "mat" => Some("MATLAB"),
        "wav" => Some("WAV"),
        _ => None,
    }
}
