//! Makes `cargo run`, `test` and `bench` load the libtorch they were linked with.
//!
//! A program finds libtorch by the run path that `cargo xtask setup` configured, and that path does not
//! follow a `LIBTORCH` set afterwards: the program would link one library and load another. Cargo puts native
//! search folders before the run path when it starts a program, but only those inside the target folder. So
//! the folder in use gets a link in there.

#![allow(clippy::print_stdout, reason = "cargo reads what a build script prints")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo did not set OUT_DIR")?);
    let Some(library) = library_folder() else {
        return Ok(()); // tch's `doc-only` feature links nothing
    };
    let link = out.join("libtorch");
    match fs::remove_file(&link).or_else(|_| fs::remove_dir(&link)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    if let Err(error) = link_folder(&library, &link) {
        println!("cargo:warning=no link to {} ({error}): add it to PATH to run programs", library.display());
        return Ok(());
    }
    println!("cargo:rustc-link-search=native={}", link.display());
    warn_of_another_run_path(&library);
    Ok(())
}

/// The folder in which torch-sys found libtorch. On Windows it does not report one, so the folder is
/// derived in the same way.
fn library_folder() -> Option<PathBuf> {
    if let Some(library) = env::var_os("DEP_TCH_LIBTORCH_LIB") {
        return Some(library.into());
    }
    println!("cargo:rerun-if-env-changed=LIBTORCH");
    println!("cargo:rerun-if-env-changed=LIBTORCH_LIB");
    let windows = env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "windows");
    let root = env::var_os("LIBTORCH_LIB").or_else(|| env::var_os("LIBTORCH"));
    root.filter(|_| windows).map(|root| PathBuf::from(root).join("lib"))
}

#[cfg(unix)]
fn link_folder(original: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(original, link)
}

#[cfg(windows)]
fn link_folder(original: &Path, link: &Path) -> io::Result<()> {
    std::os::windows::fs::symlink_dir(original, link)
}

/// A program started by hand, not by cargo, has only its run path to go by.
fn warn_of_another_run_path(library: &Path) {
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    let run_path = flags.split('\x1f').find_map(|flag| flag.strip_prefix("link-arg=-Wl,-rpath,"));
    let Some(run_path) = run_path.map(Path::new).filter(|path| path.join("libtorch_cpu.so").exists()) else {
        return;
    };
    if run_path.canonicalize().ok() != library.canonicalize().ok() {
        println!(
            "cargo:warning=this build links libtorch in {}, but programs not started by cargo will load the \
             one in {}: run `cargo xtask setup` to make them one",
            library.display(),
            run_path.display()
        );
    }
}
