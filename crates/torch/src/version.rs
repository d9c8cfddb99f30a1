//! The version of libtorch.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::fs;

use crate::device::mapped;

/// The version of the libtorch that this process runs on, such as `2.13.0+cpu`. `None` if the system does not say
/// which libtorch is loaded, or if that libtorch does not say its version.
pub fn libtorch_version() -> Option<String> {
    let library = mapped(&format!("{DLL_PREFIX}torch_cpu{DLL_SUFFIX}"))?;
    let root = library.parent()?.parent()?;
    // A wheel of PyTorch has `version.py` instead.
    let text = fs::read_to_string(root.join("build-version"));
    let text = text.or_else(|_| fs::read_to_string(root.join("version.py"))).ok()?;
    let line = text.lines().find(|line| line.starts_with("__version__")).or_else(|| text.lines().next())?;
    let version = line.rsplit(['=', ' ']).next()?.trim_matches('\'');
    if version.is_empty() { None } else { Some(version.to_owned()) }
}

#[cfg(test)]
mod tests {
    #[test]
    #[cfg(target_os = "linux")]
    fn the_loaded_libtorch_says_its_version() {
        // Without a call, this program would not be linked to libtorch.
        assert!(tch::get_num_threads() > 0);
        let version = super::libtorch_version().unwrap();
        assert!(version.starts_with(|first: char| first.is_ascii_digit()), "{version}");
    }
}
