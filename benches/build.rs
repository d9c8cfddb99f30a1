//! Records facts about the build for reports: the compiler, the profile, the linked libtorch and the version of
//! rten.

#![allow(clippy::print_stdout, reason = "cargo reads the output of build scripts")]

use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=LIBTORCH");
    println!("cargo:rustc-env=BUILD_RUSTC={}", rustc().unwrap_or_else(|| "unknown".to_owned()));
    println!("cargo:rustc-env=BUILD_LIBTORCH={}", libtorch());
    println!("cargo:rerun-if-changed=../Cargo.lock");
    println!("cargo:rustc-env=BUILD_RTEN={}", rten().unwrap_or_else(|| "unknown".to_owned()));
    println!("cargo:rustc-env=BUILD_PROFILE={}", env::var("PROFILE").unwrap_or_default());
}

fn rustc() -> Option<String> {
    let output = Command::new(env::var_os("RUSTC")?).arg("--version").output().ok()?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}

fn libtorch() -> String {
    let file = env::var_os("LIBTORCH").map(|folder| PathBuf::from(folder).join("build-version"));
    let version = file.and_then(|file| fs::read_to_string(file).ok());
    // The libtorch of a Python environment lacks this file, but tch accepts only the version it is bound to.
    version.map_or_else(|| "2.13.0".to_owned(), |version| version.trim().to_owned())
}

/// The version of rten in the lock file.
fn rten() -> Option<String> {
    let lock = fs::read_to_string("../Cargo.lock").ok()?;
    let (_, rest) = lock.split_once("name = \"rten\"\nversion = \"")?;
    Some(rest.split_once('"')?.0.to_owned())
}
