//! `cargo xtask project`: tests the instructions in the families' READMEs in projects outside this workspace.
//!
//! A temporary folder gets a project for each family, with the dependency and the program of its README, word for word
//! apart from the path or the address. `cargo xtask setup --for` tells cargo there where libtorch is. Each program is
//! built, once with a path and once with a git address, and then started without cargo in an empty environment.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::environment;
use crate::readme::markdown;
use crate::setup::{self, Host, say};

/// The crates that a project depends on.
const FAMILIES: [&str; 6] = ["tcn", "unet", "unext", "efficientnetv2", "mobileone", "resnet"];

/// The source of the families for the projects.
#[derive(Clone, Copy)]
enum Origin {
    /// A path to the workspace, as it is on disk.
    Path,
    /// A git repository of the workspace, as committed.
    Git,
}

/// The name of the repository, which cargo's own folders for it begin with.
const REPOSITORY: &str = "model-factory-project";

/// Builds and starts the programs of all families, with the families of the workspace at `root`.
pub(crate) fn run(root: &Path) -> Result<()> {
    let scratch = tempfile::tempdir().context("could not create a temporary folder")?;
    let mut result = Ok(());
    for (name, origin) in [("path", Origin::Path), ("git", Origin::Git)] {
        let folder = scratch.path().join(name);
        result = result.and_then(|()| {
            projects(root, &folder, origin).with_context(|| format!("projects with dependencies by {name}"))
        });
    }
    let removed = remove_traces(root, &scratch.path().join("path"));
    result.and(removed)
}

/// Writes, builds and starts a project for each family.
fn projects(root: &Path, folder: &Path, origin: Origin) -> Result<()> {
    let address = match origin {
        Origin::Path => root.to_owned(),
        Origin::Git => repository(root, &folder.with_file_name(REPOSITORY))?,
    };
    for family in FAMILIES {
        let readme = root.join("crates").join(family).join("README.md");
        let page =
            fs::read_to_string(&readme).with_context(|| format!("could not read `{}`", readme.display()))?;
        write(&folder.join(family), family, &page, origin, &address)
            .with_context(|| readme.display().to_string())?;
    }
    let members = FAMILIES.map(|family| format!("\"{family}\"")).join(", ");
    fs::write(folder.join("Cargo.toml"), format!("[workspace]\nresolver = \"3\"\nmembers = [{members}]\n"))?;
    // The versions that this workspace is tested with, which are downloaded already.
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
    setup::run_for(&Host::this(root.to_owned()), folder)?;
    cargo(root, folder, &["build", "--quiet"])?;
    for family in FAMILIES {
        start(&target(root).join("debug").join(program(family))).context(family)?;
    }
    say(&format!("{} programs were built, and started by hand", FAMILIES.len()));
    Ok(())
}

/// A bare clone of the repository at `root`.
fn repository(root: &Path, clone: &Path) -> Result<PathBuf> {
    let status = Command::new("git").args(["clone", "--quiet", "--bare"]).arg(root).arg(clone).status();
    ensure!(status.context("could not start git")?.success(), "could not clone `{}`", root.display());
    Ok(clone.to_owned())
}

/// Removes what cargo keeps of deleted projects: built crates, and its copies of the repository.
fn remove_traces(root: &Path, folder: &Path) -> Result<()> {
    let crates = FAMILIES.iter().copied().chain(["graph", "layers", "torch"]);
    let programs = FAMILIES.map(program);
    let mut arguments = vec!["clean", "--quiet"];
    for name in crates.chain(programs.iter().map(String::as_str)) {
        arguments.extend(["-p", name]);
    }
    cargo(root, folder, &arguments)?;
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let Some(home) = home.or_else(|| Some(std::env::home_dir()?.join(".cargo"))) else { return Ok(()) };
    for kind in ["git/db", "git/checkouts"] {
        for entry in home.join(kind).read_dir().into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(REPOSITORY) {
                fs::remove_dir_all(entry.path())
                    .with_context(|| format!("could not remove `{}`", entry.path().display()))?;
            }
        }
    }
    Ok(())
}

/// Writes the project of a README: its first `toml` block as the manifest's dependencies, and its first program.
fn write(folder: &Path, family: &str, page: &str, origin: Origin, address: &Path) -> Result<()> {
    let (_, dependencies) =
        *markdown::blocks(page, "toml").first().context("expected a block of `toml`, found none")?;
    let dependencies = dependencies_from(dependencies, origin, address)?;
    let programs = markdown::blocks(page, "rust");
    let (_, program_text) = programs
        .iter()
        .find(|(_, text)| text.contains("fn main()"))
        .context("expected a block of `rust` with `fn main()`, found none")?;
    let name = program(family);
    fs::create_dir_all(folder.join("src"))?;
    fs::write(
        folder.join("Cargo.toml"),
        format!("[package]\nname = \"{name}\"\nedition = \"2024\"\n\n{dependencies}"),
    )?;
    fs::write(folder.join("src/main.rs"), program_text)?;
    Ok(())
}

/// The dependencies by path, or those that a line `# or …` gives instead.
fn dependencies_from(block: &str, origin: Origin, address: &Path) -> Result<String> {
    let address = address.to_str().context("expected a path in UTF-8")?;
    let mut kept = String::new();
    for line in block.lines() {
        let by_git = line.strip_prefix("# or ");
        let line = match (origin, by_git) {
            (Origin::Path, None) => line.replace("../model-factory", address),
            (Origin::Git, Some(line)) => {
                line.replace("https://example.org/model-factory", &format!("file://{address}"))
            }
            (Origin::Git, None) if line.starts_with('[') => line.to_owned(),
            (Origin::Path, Some(_)) | (Origin::Git, None) => continue,
        };
        kept.push_str(&line);
        kept.push('\n');
    }
    ensure!(kept.contains(address), "expected a dependency on `{address}`, found `{kept}`");
    Ok(kept)
}

fn program(family: &str) -> String {
    format!("{family}-project")
}

/// A folder for the programs of all runs, so that tch's C++ is compiled once.
fn target(root: &Path) -> PathBuf {
    root.join("target/project")
}

/// Runs cargo in `folder` as a user does.
fn cargo(root: &Path, folder: &Path, arguments: &[&str]) -> Result<()> {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(folder).args(arguments);
    environment::clean(&mut cargo);
    // Debugging information would fill the disk: each program contains that of tch.
    cargo.env("CARGO_TARGET_DIR", target(root)).env("CARGO_PROFILE_DEV_DEBUG", "false");
    let status = cargo.status().context("could not start cargo")?;
    ensure!(status.success(), "`cargo {}` ended with {status}", arguments[0]);
    Ok(())
}

/// Starts a program in an empty environment and checks that its loss falls.
fn start(program: &Path) -> Result<()> {
    let output = Command::new(program).env_clear().output().context("could not start the program")?;
    let text = String::from_utf8_lossy(&output.stdout);
    ensure!(
        output.status.success(),
        "the program ended with {}: {}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    let losses = losses(&text)?;
    ensure!(losses.len() == 10, "expected ten steps, found {}", losses.len());
    ensure!(losses[9] < losses[0], "expected the loss to fall, found {losses:?}");
    Ok(())
}

/// The numbers of the lines `step 1: loss 1.2345`.
fn losses(text: &str) -> Result<Vec<f64>> {
    let losses = text.lines().filter_map(|line| line.strip_prefix("step ")?.split_once(": loss "));
    losses.map(|(_, loss)| loss.parse().with_context(|| format!("expected a loss, found `{loss}`"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# x\n\n```toml\n[dependencies]\nx = { path = \"../model-factory/crates/x\" }\n\
                        # or x = { git = \"https://example.org/model-factory\" }\n```\n";

    fn dependencies(origin: Origin) -> String {
        dependencies_from(markdown::blocks(PAGE, "toml")[0].1, origin, Path::new("/clone")).unwrap()
    }

    #[test]
    fn a_readmes_dependency_is_taken_by_path_or_by_git() {
        assert_eq!(dependencies(Origin::Path), "[dependencies]\nx = { path = \"/clone/crates/x\" }\n");
        assert_eq!(dependencies(Origin::Git), "[dependencies]\nx = { git = \"file:///clone\" }\n");
    }

    #[test]
    fn losses_are_read_from_a_programs_output() {
        assert_eq!(losses("step 1: loss 1.50\nnode  macs\nstep 2: loss 0.25\n").unwrap(), [1.5, 0.25]);
        assert!(losses("step 1: loss none\n").is_err(), "a word was read as a loss");
    }
}
