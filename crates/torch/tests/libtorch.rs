//! The libtorch that is loaded is the one that `LIBTORCH` names.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]
#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Every libtorch library mapped into this process.
fn mapped() -> BTreeSet<PathBuf> {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let paths = maps.lines().filter_map(|line| line.find('/').map(|start| Path::new(&line[start..])));
    let ours = paths.filter(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        (name.starts_with("libtorch") || name.starts_with("libc10")) && name.contains(".so")
    });
    ours.map(|path| path.canonicalize().unwrap()).collect()
}

#[test]
fn the_mapped_library_is_the_one_named() {
    let ones = tch::Tensor::ones([2, 3], (tch::Kind::Float, tch::Device::Cpu));
    assert_eq!(ones.size(), [2, 3]);

    let mapped = mapped();
    assert!(!mapped.is_empty(), "a tensor was made, yet no libtorch is mapped");
    if env::var_os("LIBTORCH_USE_PYTORCH").is_some() {
        return; // then Python names the folder, and LIBTORCH is not read
    }
    let Some(root) = env::var_os("LIBTORCH_LIB").or_else(|| env::var_os("LIBTORCH")) else {
        return; // a libtorch of the system
    };
    let named = Path::new(&root).join("lib");
    for library in &mapped {
        // Through the folder's own entry, as it may hold links to files elsewhere.
        let expected = named.join(library.file_name().unwrap()).canonicalize().ok();
        assert!(
            expected.as_ref() == Some(library),
            "LIBTORCH names {}, but {} is mapped: run `cargo xtask setup`",
            named.display(),
            library.display()
        );
    }
}
