//! The tests of `kernels` and `engine` where `cargo test` does not run them: under Miri, with AddressSanitizer, on an
//! emulated ARM processor, for a microcontroller, and on random graphs for hours.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};
use clap::ValueEnum;

use crate::commands::{cargo_command, step, succeed};

const PACKAGES: [&str; 4] = ["-p", "kernels", "-p", "engine"];
/// The tests that run under Miri, which cover all unsafe code: each kernel, and a team's threads. The other tests of the
/// engine, which is safe code, would take many hours.
const MIRI_TESTS: [&str; 2] = ["-p kernels --tests", "-p engine --lib --test agreement"];
const ARM: &str = "aarch64-unknown-linux-gnu";
const MICROCONTROLLER: &str = "thumbv7em-none-eabihf";

/// A way to run the tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Check {
    /// Build `kernels` without the standard library for a Cortex-M4
    NoStd,
    /// The fast instruction sets with AddressSanitizer
    Sanitizer,
    /// NEON, in qemu-aarch64
    Neon,
    /// The portable instruction set under Miri, on few small cases
    Miri,
}

/// Runs the checks one after another, all of them if none is given. With a number of hours, runs random graphs for
/// that long instead.
pub(crate) fn run(root: &Path, checks: &[Check], hours: Option<f64>) -> Result<()> {
    if let Some(hours) = hours {
        return campaign(root, hours);
    }
    let checks = if checks.is_empty() { Check::value_variants() } else { checks };
    for check in checks {
        match check {
            Check::NoStd => step("no_std", || no_std(root))?,
            Check::Sanitizer => step("AddressSanitizer", || sanitizer(root))?,
            Check::Neon => step("NEON", || neon(root))?,
            Check::Miri => step("Miri", || miri(root))?,
        }
    }
    Ok(())
}

fn campaign(root: &Path, hours: f64) -> Result<()> {
    if !(hours > 0.0 && hours < 1e4) {
        bail!("hours: expected a number between 0 and 10000, found {hours}");
    }
    let seconds = (hours * 3600.0).ceil().to_string();
    let mut command = cargo_command(None);
    command.args([
        "test",
        "--release",
        "--locked",
        "-p",
        "engine",
        "--test",
        "campaign",
        "--",
        "--nocapture",
    ]);
    succeed(command.current_dir(root).env("ENGINE_CAMPAIGN_SECONDS", seconds))
}

fn no_std(root: &Path) -> Result<()> {
    require_target(root, MICROCONTROLLER)?;
    let mut command = cargo_command(None);
    command.args(["build", "--release", "--locked", "-p", "kernels", "--no-default-features"]);
    succeed(command.args(["--target", MICROCONTROLLER]).current_dir(root))
}

fn neon(root: &Path) -> Result<()> {
    let mut command = cargo_command(None);
    command.args(["test", "--release", "--locked"]).args(PACKAGES).current_dir(root);
    if !cfg!(target_arch = "aarch64") {
        require_target(root, ARM)?;
        let packages = "with Debian's packages: `apt-get install qemu-user gcc-aarch64-linux-gnu`";
        require("the linker aarch64-linux-gnu-gcc", packages, &["aarch64-linux-gnu-gcc", "--version"])?;
        require("the emulator qemu-aarch64", packages, &["qemu-aarch64", "--version"])?;
        command.args(["--target", ARM]);
        command.env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER", "aarch64-linux-gnu-gcc");
        let runner = "qemu-aarch64 -L /usr/aarch64-linux-gnu";
        command.env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER", runner);
    }
    succeed(&mut command)
}

fn sanitizer(root: &Path) -> Result<()> {
    let install = "with `rustup toolchain install nightly`";
    require("the nightly toolchain", install, &["rustup", "run", "nightly", "cargo", "--version"])?;
    let mut command = Command::new("rustup");
    command.args(["run", "nightly", "cargo", "test", "--release", "--locked", "--tests"]).args(PACKAGES);
    // With a target, the flags do not apply to procedural macros, which the compiler loads.
    command.args(["--target", env!("TARGET")]).current_dir(root);
    command.env("RUSTFLAGS", "-Zsanitizer=address").env("CARGO_TARGET_DIR", root.join("target/sanitizer"));
    succeed(&mut command)
}

fn miri(root: &Path) -> Result<()> {
    let install = "with `rustup toolchain install nightly --component miri --component rust-src`";
    require(
        "Miri in the nightly toolchain",
        install,
        &["rustup", "run", "nightly", "cargo", "miri", "--version"],
    )?;
    for tests in MIRI_TESTS {
        let mut command = Command::new("rustup");
        command.args(["run", "nightly", "cargo", "miri", "test", "--locked"]).args(tests.split_whitespace());
        command.env("CARGO_TARGET_DIR", root.join("target/miri"));
        succeed(command.current_dir(root))?;
    }
    Ok(())
}

/// Refuses to go on without a standard library for a target.
fn require_target(root: &Path, target: &str) -> Result<()> {
    let mut command = Command::new("rustup");
    let installed = command.args(["target", "list", "--installed"]).current_dir(root).output();
    let is_installed = installed.is_ok_and(|output| {
        String::from_utf8_lossy(&output.stdout).lines().any(|installed| installed == target)
    });
    if !is_installed {
        bail!("expected the Rust target {target}; install it with `rustup target add {target}`");
    }
    Ok(())
}

/// Refuses to go on without a program that ends well.
fn require(what: &str, install: &str, words: &[&str]) -> Result<()> {
    let output = Command::new(words[0]).args(&words[1..]).output();
    if !output.is_ok_and(|output| output.status.success()) {
        bail!("expected {what}, which `{}` shows; install it {install}", words.join(" "));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_with_the_way_to_install_it() {
        let error = require_target(Path::new("."), "no-such-target").unwrap_err().to_string();
        assert!(error.contains("`rustup target add no-such-target`"), "{error}");
        let words = ["no-such-program", "--version"];
        let error =
            require("the emulator", "with `apt-get install emulator`", &words).unwrap_err().to_string();
        assert_eq!(
            error,
            "expected the emulator, which `no-such-program --version` shows; install it with `apt-get install emulator`"
        );
    }

    #[test]
    fn hours_are_a_positive_number() {
        for hours in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let error = run(Path::new("."), &[], Some(hours)).unwrap_err().to_string();
            assert!(error.starts_with("hours: expected a number"), "{error}");
        }
    }
}
