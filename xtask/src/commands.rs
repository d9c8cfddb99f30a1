//! Commands that run cargo, with the libtorch that setup found.
//!
//! All of them build with `--release`: one profile, so that tch's C++ is compiled once.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::cli::Faults;
#[cfg(unix)]
use crate::faults;
use crate::mpi;
use crate::project;
use crate::setup::{self, Host, Libtorch, say};
use crate::tidy;

/// Runs all checks and stops at the first failure.
pub(crate) fn test(root: &Path) -> Result<()> {
    step("format", || cargo(root, None, &["fmt", "--all", "--check"]))?;
    step("tidy", || tidy::run(root))?;
    let libtorch = step("setup", || setup::run(&Host::this(root.to_owned())))?;
    let cargo = |arguments: &[&str]| cargo(root, Some(&libtorch), arguments);
    let lints = ["clippy", "--release", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"];
    step("lints", || cargo(&lints))?;
    step("tests", || cargo(&["test", "--release", "--locked", "--workspace"]))?;
    // The programs are built with the tests: by themselves they would have other features, and so would all packages.
    step("programs", || cargo(&["build", "--release", "--locked", "--workspace", "--tests", "--bins"]))?;
    let built = |name: &str, arguments: &[&str]| {
        let mut command = Command::new(program_file(name)?);
        // Programs of the workspace would take this program's package for their own.
        command.env_remove("CARGO_MANIFEST_DIR").args(arguments).current_dir(root);
        succeed(&mut command)
    };
    step("generated files", || built("codegen", &["--check"]))?;
    step("parity", || built("parity", &[]))?;
    step("recipes", || built("recipes", &["--if-possible"]))?;
    #[cfg(unix)]
    step("fuzz", || built("fuzz", &["--quick"]))?;
    #[cfg(unix)]
    step("faults", || faults::run(&program_file("factory")?, &faults::each_kind_once()))?;
    step("several processes", || several_processes(root, &libtorch))?;
    let without_libtorch =
        ["test", "--release", "--locked", "-p", "cli", "--no-default-features", "--test", "predict"];
    step("without libtorch", || cargo(&without_libtorch))?;
    step("projects", || project::run(root))?;
    step("documentation", || documentation(root, &libtorch))?;
    Ok(())
}

/// Checks the feature `mpi`, if this machine has what it needs.
fn several_processes(root: &Path, libtorch: &Libtorch) -> Result<()> {
    if let Some(missing) = mpi::missing() {
        say(&format!("left out: the feature `mpi` needs {missing}"));
        return Ok(());
    }
    // With the whole workspace, all other packages are those of the other steps.
    let packages = ["--release", "--locked", "--workspace", "--features", "train/mpi,cli/mpi"];
    let lints = [&["clippy"], &packages[..], &["--all-targets", "--", "-D", "warnings"]].concat();
    cargo(root, Some(libtorch), &lints)?;
    cargo(root, Some(libtorch), &[&["test"], &packages[..], &["--test", "mpi"]].concat())
}

/// Runs a program of `benches` in the user's current folder and returns its exit status.
pub(crate) fn program(root: &Path, name: &str, arguments: &[OsString]) -> Result<ExitCode> {
    let libtorch = setup::run(&Host::this(root.to_owned()))?;
    run(root, Some(&libtorch), ["benches", "--bin", name], arguments)
}

/// Runs the generator, which does not link libtorch, in the user's current folder.
pub(crate) fn codegen(root: &Path, arguments: &[OsString]) -> Result<ExitCode> {
    run(root, None, ["codegen"], arguments)
}

/// Builds the command `factory` and disturbs its training runs.
pub(crate) fn faults(root: &Path, options: &Faults) -> Result<ExitCode> {
    let libtorch = setup::run(&Host::this(root.to_owned()))?;
    disturb(root, &libtorch, options).map(|()| ExitCode::SUCCESS)
}

#[cfg(unix)]
fn disturb(root: &Path, libtorch: &Libtorch, options: &Faults) -> Result<()> {
    cargo(root, Some(libtorch), &["build", "--release", "--locked", "-p", "cli", "--bin", "factory"])?;
    faults::run(&program_file("factory")?, options)
}

#[cfg(not(unix))]
fn disturb(_: &Path, _: &Libtorch, _: &Faults) -> Result<()> {
    bail!("faults: expected a Unix system, because they use its signals and pipes")
}

/// Runs the fuzzer, which does not link libtorch, in the user's current folder. Its profile has overflow checks.
pub(crate) fn fuzz(root: &Path, arguments: &[OsString]) -> Result<ExitCode> {
    run(root, None, ["fuzz"], arguments)
}

/// Runs a program of a package in the user's current folder and returns its exit status.
fn run<'a>(
    root: &Path,
    libtorch: Option<&Libtorch>,
    package: impl IntoIterator<Item = &'a str>,
    arguments: &[OsString],
) -> Result<ExitCode> {
    let mut command = cargo_command(libtorch);
    command.args(["run", "--release", "--locked", "--manifest-path"]).arg(root.join("Cargo.toml"));
    command.arg("-p").args(package).arg("--").args(arguments);
    let status = command.status().context("could not start cargo")?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// The file of a program that was built.
fn program_file(name: &str) -> Result<PathBuf> {
    // This program is in the folder of another profile, next to that of the release profile.
    let own = std::env::current_exe()?;
    let target = own.ancestors().nth(2).context("this program is not in a target folder")?;
    Ok(target.join("release").join(name).with_extension(std::env::consts::EXE_EXTENSION))
}

/// Runs a step and reports its name and duration.
pub(crate) fn step<T>(name: &str, run: impl FnOnce() -> Result<T>) -> Result<T> {
    say(&format!("{name} ..."));
    let start = Instant::now();
    let result = run();
    let seconds = start.elapsed().as_secs_f64();
    match result {
        Ok(value) => {
            say(&format!("{name}: passed in {seconds:.1} s"));
            Ok(value)
        }
        Err(error) => Err(error.context(format!("{name} failed after {seconds:.1} s"))),
    }
}

/// Builds the documentation and fails on warnings.
///
/// `RUSTDOCFLAGS` in the environment would replace the configured flags, which doc tests rely on. So the flag
/// is added to whichever of the two is in effect.
fn documentation(root: &Path, libtorch: &Libtorch) -> Result<()> {
    let mut command = cargo_command(Some(libtorch));
    command.current_dir(root).args(["doc", "--release", "--locked", "--workspace", "--no-deps"]);
    match std::env::var_os("RUSTDOCFLAGS") {
        Some(mut flags) => {
            flags.push(" -Dwarnings");
            command.env("RUSTDOCFLAGS", flags);
        }
        None => {
            command.args(["--config", concat!("target.", env!("TARGET"), ".rustdocflags=['-Dwarnings']")]);
        }
    }
    succeed(&mut command)
}

fn cargo(root: &Path, libtorch: Option<&Libtorch>, arguments: &[&str]) -> Result<()> {
    succeed(cargo_command(libtorch).current_dir(root).args(arguments))
}

pub(crate) fn succeed(command: &mut Command) -> Result<()> {
    let program =
        Path::new(command.get_program()).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let words = command.get_args().map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ");
    let status = command.status().with_context(|| format!("could not start {program}"))?;
    if !status.success() {
        bail!("`{program} {words}` ended with {status}");
    }
    Ok(())
}

/// The cargo that started this program, with an environment that matches `libtorch`.
pub(crate) fn cargo_command(libtorch: Option<&Libtorch>) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let Some(libtorch) = libtorch else { return command };
    if !libtorch.own {
        // Cargo set this variable from a configuration that may be stale; passed on, it would look like the
        // user's own.
        command.env_remove("LIBTORCH");
    }
    if cfg!(windows) {
        // Windows has no run path: libraries are found only on the search path.
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = [libtorch.libraries.clone()].into_iter().chain(std::env::split_paths(&path));
        if let Ok(path) = std::env::join_paths(folders) {
            command.env("PATH", path);
        }
    }
    command
}
